// Avro's longs over their whole range, exact to the octet; and what an element cannot hold, refused.

import { describe, expect, test } from 'vitest';
import { BadEventError } from '../../../src/pipeline/bad-events/bad-event.ts';
import { exactType } from '../../support/oracles/exact-avro.ts';
import { mappingFromSchema } from '../../support/events/mapping.ts';
import { paintingOf, recordsOf } from '../../support/events/painting.ts';

const schemaWith = (element: string, type: unknown = 'long') => ({
  type: 'record',
  name: 'E',
  fields: [{ name: 'n', type, ipfix: element }],
});

/** The Data Record's octets as hexadecimal text, or the refusal. */
function painted(element: string, value: unknown, type: unknown = 'long'): string {
  const schema = schemaWith(element, type);
  const mapping = mappingFromSchema(schema);
  expect(mapping.faults).toEqual([]);
  const painting = paintingOf({ schema, mapping });
  const bytes = exactType(schema).toBuffer({ n: value });
  try {
    return recordsOf(painting.paint(bytes, 0, bytes.length)).toString('hex');
  } catch (error) {
    if (error instanceof BadEventError) return error.message;
    throw error;
  }
}

const powers = [31n, 52n, 53n, 63n].flatMap((power) => [2n ** power, -(2n ** power)]);
const around = powers.flatMap((power) => [power - 1n, power, power + 1n]);
const longs = [...new Set([0n, 1n, -1n, ...around])].filter(
  (value) => value >= -(2n ** 63n) && value < 2n ** 63n,
);

describe.each(longs)('%i', (value) => {
  test('is exact in an unsigned element, or refused where it is negative', () => {
    const wanted =
      value < 0n
        ? `in n: octetDeltaCount: ${value} is not unsigned64 (8 octets); ` +
          'if it is an unsigned number, set "unsigned": true'
        : value.toString(16).padStart(16, '0');
    expect(painted('octetDeltaCount', value)).toBe(wanted);
  });

  test('is exact in a signed element of its size', () => {
    const octets = Buffer.alloc(8);
    octets.writeBigInt64BE(value);
    const signed = { element: '12345/1', type: 'signed64' };
    expect(painted(signed as never, value)).toBe(octets.toString('hex'));
  });
});

test.each([
  ['sourceTransportPort', -1n, 'sourceTransportPort: -1 is not unsigned16 (2 octets)'],
  ['sourceTransportPort', 70_000n, 'sourceTransportPort: 70000 is not unsigned16 (2 octets)'],
  ['ingressInterface', 2n ** 40n, 'ingressInterface: 1099511627776 is not unsigned32 (4 octets)'],
  ['ingressInterface', 2n ** 63n - 1n, 'ingressInterface: 9223372036854775807 is not unsigned32'],
  ['octetDeltaCount', -(2n ** 63n), 'octetDeltaCount: -9223372036854775808 is not unsigned64'],
])('%s refuses %i by its path', (element, value, problem) => {
  expect(painted(element, value)).toContain(`in n: ${problem}`);
});

test('a reduced size holds what it holds and refuses the next number', () => {
  const reduced = { element: 'octetDeltaCount', length: 5 } as never;
  expect(painted(reduced, 2n ** 40n - 1n)).toBe('ffffffffff');
  expect(painted(reduced, 2n ** 40n)).toContain('is not unsigned40 (5 octets)');
});

test('times are exact where doubles are not', () => {
  const nanos = { type: 'long', logicalType: 'timestamp-nanos' };
  const at = 1_767_225_600_123_456_789n;
  expect(painted('flowStartMilliseconds', at, nanos)).toBe(
    (at / 1_000_000n).toString(16).padStart(16, '0'),
  );
  // NTP: seconds since 1900, then the least fraction in 2^-32 that is not below the nanoseconds.
  const fraction = (123_456_789n * 2n ** 32n + 999_999_999n) / 1_000_000_000n;
  const ntp = ((1_767_225_600n + 2_208_988_800n) << 32n) | fraction;
  expect(painted('flowStartNanoseconds', at, nanos)).toBe(ntp.toString(16));
});
