// dateTimeMicroseconds and dateTimeNanoseconds: a decoder comes back to the count, cut off or rounded.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { octets } from '../support/encoded.ts';

const toEpochS = 2_208_988_800n;
const lastCount = (2n ** 32n - toEpochS) * 1_000_000n - 1n;

/** Seconds since 1900 and the fraction in 2^-32, as they stand. */
function ntp(hex: string): { seconds: bigint; fraction: bigint } {
  const whole = BigInt(`0x${hex}`);
  return { seconds: whole >> 32n, fraction: whole & 0xffff_ffffn };
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

  test.each([-1n, (lastCount + 1n) * scale])('refuses %i, which its era does not have', (count) => {
    expect(octets(type, 8, count)).toContain(
      "is not a time from 1970 to 2036, the end of NTP's era",
    );
  });
});

// RFC 7011 §6.1.9 and RFC 5905 Figure 4: the first day of the Unix epoch is 2,208,988,800.
test('midnight of 1970 is the epoch of Unix in that of NTP', () => {
  expect(octets('dateTimeMicroseconds', 8, 0)).toBe('83aa7e8000000000');
});
