// dateTimeMicroseconds and dateTimeNanoseconds: a decoder comes back to the count, cut off or rounded.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { octets } from '../support/events/encoded.ts';

const toEpochS = 2_208_988_800n;
/** The middle of the era that began in 2036: from there on seconds would be taken for the one before. */
const lastCount = (2n ** 32n + 2n ** 31n - toEpochS) * 1_000_000n - 1n;

/** Seconds since 1900, the era told by their upper bit (RFC 7011 §5.2), and the fraction in 2^-32. */
function ntp(hex: string): { seconds: bigint; fraction: bigint } {
  const whole = BigInt(`0x${hex}`);
  const seconds = whole >> 32n;
  const eraS = seconds < 2n ** 31n ? 2n ** 32n : 0n;
  return { seconds: eraS + seconds, fraction: whole & 0xffff_ffffn };
}

describe.each([
  ['dateTimeMicroseconds', 1_000_000n, 0x7ffn],
  ['dateTimeNanoseconds', 1_000_000_000n, 0n],
] as const)('%s', (type, perSecond, unused) => {
  const scale = perSecond / 1_000_000n;

  test('is read back by decoders that cut off and by those that round', () => {
    const counts = fc.bigInt({ min: 0n, max: lastCount * scale });
    fc.assert(
      fc.property(counts, (count) => {
        const { seconds, fraction } = ntp(octets(type, 8, count));
        const exact = fraction * perSecond;
        const base = (seconds - toEpochS) * perSecond;
        expect(base + exact / 2n ** 32n).toBe(count);
        expect(base + (exact + 2n ** 31n) / 2n ** 32n).toBe(count);
        expect(fraction & unused).toBe(0n);
      }),
      { numRuns: 2_000 },
    );
  });

  test('begins at 0 again in 2036, as an implicit era does', () => {
    const turn = (2n ** 32n - toEpochS) * 1_000_000n * scale;
    expect(octets(type, 8, turn - perSecond)).toBe('ffffffff00000000');
    expect(octets(type, 8, turn)).toBe('0000000000000000');
    expect(octets(type, 8, turn + perSecond)).toBe('0000000100000000');
  });

  test.each([-1n, (lastCount + 1n) * scale])('refuses %i, which no era in reach has', (count) => {
    expect(octets(type, 8, count)).toContain(
      'is not a time from 1970 to 2104, the range of NTP eras 0 and 1',
    );
  });
});

// RFC 7011 §6.1.9 and RFC 5905 Figure 4: the first day of the Unix epoch is 2,208,988,800.
test('midnight of 1970 is the epoch of Unix in that of NTP', () => {
  expect(octets('dateTimeMicroseconds', 8, 0)).toBe('83aa7e8000000000');
});
