// Integers, floats, booleans and times at the ends of what they hold.

import { describe, expect, test } from 'vitest';
import { encoderFor, naturalLength } from '../../src/ipfix/abstract-type.ts';
import {
  type AbstractType,
  elementById,
  elementByName,
  ianaRegistry,
} from '../../src/ipfix/information-element.ts';
import { variableLength } from '../../src/ipfix/template.ts';
import { elementOf, encoded, octets } from '../support/events/encoded.ts';

describe('unsigned integers', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('of %i octets hold 0 to 2^n - 1, and nothing else', (n) => {
    const max = (1n << BigInt(8 * n)) - 1n;
    expect(octets('unsigned64', n, 0)).toBe('00'.repeat(n));
    expect(octets('unsigned64', n, 0n)).toBe('00'.repeat(n));
    expect(octets('unsigned64', n, 1)).toBe('01'.padStart(2 * n, '0'));
    expect(octets('unsigned64', n, max)).toBe('ff'.repeat(n));
    if (n < 7) expect(octets('unsigned64', n, Number(max))).toBe('ff'.repeat(n));
    const refusal = `is not unsigned${8 * n} (${n} octet${n === 1 ? '' : 's'})`;
    expect(octets('unsigned64', n, max + 1n)).toBe(`${max + 1n} ${refusal}`);
    expect(octets('unsigned64', n, -1)).toBe(`-1 ${refusal}`);
    expect(octets('unsigned64', n, -1n)).toBe(`-1 ${refusal}`);
    if (n < 7) expect(octets('unsigned64', n, Number(max) + 1)).toBe(`${max + 1n} ${refusal}`);
  });

  test.each([
    ['unsigned8', 1],
    ['unsigned16', 2],
    ['unsigned32', 4],
  ] as const)('%s is refused one past its most', (type, length) => {
    expect(octets(type, length, 2 ** (8 * length) - 1)).toBe('ff'.repeat(length));
    expect(octets(type, length, 2 ** (8 * length))).toContain(`is not ${type}`);
  });

  test('2^53 - 1 is the greatest number taken; bigints go on beyond it', () => {
    expect(octets('unsigned64', 8, Number.MAX_SAFE_INTEGER)).toBe('001fffffffffffff');
    expect(octets('unsigned64', 8, 2 ** 53)).toBe('9007199254740992 is not unsigned64 (8 octets)');
    expect(octets('unsigned64', 8, 2n ** 53n)).toBe('0020000000000000');
    expect(octets('unsigned64', 8, 0x0123_4567_89ab)).toBe('00000123456789ab');
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'a bigint past 64 bits never comes out small, in %i octets',
    (n) => {
      for (const turns of [-2n, -1n, 1n, 2n]) {
        const value = turns * 2n ** 64n + 5n;
        expect(octets('unsigned64', n, value)).toContain(`${value} is not unsigned${8 * n}`);
        expect(octets('signed64', n, value)).toContain(`${value} is not signed${8 * n}`);
      }
    },
  );

  test.each([1.5, Number.NaN, Number.POSITIVE_INFINITY, '1', null, undefined, true, {}])(
    '%o is no integer in any length',
    (value) => {
      for (let n = 1; n <= 8; n += 1) {
        expect(octets('unsigned64', n, value)).toMatch(/is not (unsigned\d+|an integer)/);
        expect(octets('signed64', n, value)).toMatch(/is not an integer/);
      }
    },
  );
});

describe('signed integers', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])("of %i octets are two's complement", (n) => {
    const limit = 1n << BigInt(8 * n - 1);
    expect(octets('signed64', n, 0)).toBe('00'.repeat(n));
    expect(octets('signed64', n, -1)).toBe('ff'.repeat(n));
    expect(octets('signed64', n, limit - 1n)).toBe(`7f${'ff'.repeat(n - 1)}`);
    expect(octets('signed64', n, -limit)).toBe(`80${'00'.repeat(n - 1)}`);
    expect(octets('signed64', n, limit)).toContain(`${limit} is not signed${8 * n}`);
    expect(octets('signed64', n, -limit - 1n)).toContain(`is not signed${8 * n}`);
    expect(octets('signed64', n, 2n ** 64n)).toContain(`is not signed${8 * n}`);
  });
});

test('an integer is sent in fewer octets than its type has, never in more (RFC 7011 §6.2)', () => {
  const lengths = (type: AbstractType) =>
    Array.from({ length: 18 }, (_, n) => n).filter((length) =>
      encoderFor({ element: elementOf(type), length }),
    );
  expect(lengths('unsigned8')).toEqual([1]);
  expect(lengths('unsigned16')).toEqual([1, 2]);
  expect(lengths('signed32')).toEqual([1, 2, 3, 4]);
  expect(lengths('unsigned64')).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(lengths('dateTimeMilliseconds')).toEqual([8]);
  expect(lengths('dateTimeSeconds')).toEqual([4]);
  expect(lengths('ipv4Address')).toEqual([4]);
  expect(lengths('ipv6Address')).toEqual([16]);
  expect(lengths('macAddress')).toEqual([6]);
  expect(lengths('boolean')).toEqual([1]);
  expect(lengths('dateTimeMicroseconds')).toEqual([8]);
});

test('a float64 is sent in 8 octets or in 4, a float32 in 4 (RFC 7011 §6.2)', () => {
  const lengths = (type: AbstractType) =>
    Array.from({ length: 10 }, (_, n) => n).filter((length) =>
      encoderFor({ element: elementOf(type), length }),
    );
  expect(lengths('float64')).toEqual([4, 8]);
  expect(lengths('float32')).toEqual([4]);
  expect(octets('float64', 4, 1.5)).toBe('3fc00000');
  expect(octets('float64', 4, 1e300)).toBe('1e+300 does not fit float32');
});

test('no Template holds the reverse of an element that has no direction (RFC 5103 §6.1)', () => {
  const reversed = (name: string) => {
    const { id, type } = elementByName(name)!;
    return encoderFor({ element: elementById(29305, id)!, length: naturalLength(type)! });
  };
  const undirected = [
    ...['flowId', 'templateId', 'observationDomainId', 'commonPropertiesId', 'paddingOctets'],
    ...['biflowDirection', 'flowKeyIndicator', 'exporterIPv4Address', 'collectorTransportPort'],
    ...['exportedMessageTotalCount', 'notSentOctetTotalCount', 'informationElementId'],
  ];
  for (const name of undirected) expect(reversed(name), name).toBeUndefined();
  for (const name of ['octetDeltaCount', 'sourceIPv4Address', 'flowEndReason', 'tcpControlBits']) {
    expect(reversed(name), name).toBeDefined();
  }
});

test('lists have no encoder here: what they hold is not in their type', () => {
  const types = ['basicList', 'subTemplateList', 'subTemplateMultiList'] as const;
  for (const type of types) {
    expect(naturalLength(type)).toBeUndefined();
    for (const length of [0, 8, 32, variableLength]) {
      expect(encoderFor({ element: elementOf(type), length })).toBeUndefined();
    }
  }
});

describe("an element's own range", () => {
  test.each([
    ['sourceIPv4PrefixLength', 1, 0, 32],
    ['sourceIPv6PrefixLength', 1, 0, 128],
    ['flowLabelIPv6', 4, 0, 0xfffff],
    ['fragmentOffset', 2, 0, 0x1fff],
    ['ipDiffServCodePoint', 1, 0, 63],
    ['natOriginatingAddressRealm', 1, 1, 2],
    ['sourceTransportPortsLimit', 2, 1, 65_535],
    ['httpStatusCode', 2, 0, 999],
  ])('%s in %i octets is %i to %i', (name, length, low, high) => {
    const element = elementByName(name)!;
    const inOctets = (n: number) => n.toString(16).padStart(2 * length, '0');
    for (const value of [low, high]) {
      expect(encoded(element, length, value)).toEqual(Buffer.from(inOctets(value), 'hex'));
      expect(encoded(element, length, BigInt(value))).toEqual(Buffer.from(inOctets(value), 'hex'));
    }
    for (const value of [low - 1, high + 1, BigInt(high) + 1n, 2n ** 64n]) {
      expect(encoded(element, length, value)).toBe(`${value} is outside ${element.range}`);
    }
    expect(encoded(element, length, 'x')).toContain('is not');
  });

  test('every range of the registry is one that is understood', () => {
    const ranges = new Set(ianaRegistry.map(({ range }) => range).filter((range) => range !== ''));
    for (const range of ranges) {
      const high = range.split('-')[1];
      const element = elementOf('unsigned64', range);
      expect(encoded(element, 8, 2n ** 64n - 1n), range).toContain(`is outside ${range}`);
      expect(encoded(element, 8, Number(high)), range).toBeInstanceOf(Buffer);
    }
  });
});

describe('booleans, floats and times', () => {
  test('true is 1 and false is 2 (RFC 7011 §6.1.5)', () => {
    expect(octets('boolean', 1, true)).toBe('01');
    expect(octets('boolean', 1, false)).toBe('02');
    expect(octets('boolean', 1, 1)).toBe('1 is not a boolean');
    expect(octets('boolean', 1, null)).toBe('null is not a boolean');
  });

  test('floats are IEEE 754 in network order', () => {
    expect(octets('float32', 4, -1.5)).toBe('bfc00000');
    expect(octets('float64', 8, 0.1)).toBe('3fb999999999999a');
    expect(octets('float64', 8, '0.1')).toBe('"0.1" is not a number');
    expect(octets('float32', 4, 1n)).toBe('1 is not a number');
  });

  test('a number beyond float32 is refused, it does not become infinite', () => {
    const most = 2 ** 128 - 2 ** 104;
    const infiniteFrom = 2 ** 128 - 2 ** 103;
    for (const [sign, digits] of [
      [1, '7f'],
      [-1, 'ff'],
    ] as const) {
      expect(octets('float32', 4, sign * most)).toBe(`${digits}7fffff`);
      expect(octets('float32', 4, sign * Infinity)).toBe(`${digits}800000`);
      for (const beyond of [infiniteFrom, 1e300, Number.MAX_VALUE]) {
        expect(octets('float32', 4, sign * beyond)).toBe(`${sign * beyond} does not fit float32`);
      }
    }
    expect(octets('float32', 4, NaN)).toBe('7fc00000');
  });

  test('times are unsigned seconds or milliseconds since 1970', () => {
    expect(octets('dateTimeSeconds', 4, 1_785_585_600)).toBe('6a6ddfc0');
    expect(octets('dateTimeSeconds', 4, 2 ** 32)).toContain('is not unsigned32');
    expect(octets('dateTimeMilliseconds', 8, 1_785_585_600_123)).toBe('0000019fbd32067b');
    expect(octets('dateTimeMilliseconds', 8, -1)).toContain('is not unsigned64');
  });
});

describe('tcpControlBits', () => {
  const written = (length: number, value: unknown): string => {
    const target = Buffer.alloc(length);
    try {
      encoderFor({ element: elementByName('tcpControlBits')!, length })!(value, target, 0);
      return target.toString('hex');
    } catch (error) {
      return (error as Error).message;
    }
  };

  test('in one octet are the low-order octet, CWR to FIN, as RFC 9565 has it', () => {
    expect(written(1, 0x1b)).toBe('1b');
    expect(written(1, 0x1c2)).toBe('c2');
    expect(written(2, 0x1c2)).toBe('01c2');
  });

  test.each([-1, 65_536, 1.5, 'SYN'])('%j is refused in either length', (value) => {
    expect(written(1, value)).toContain('is not unsigned16');
    expect(written(2, value)).toContain('is not unsigned16');
  });
});
