// Random values of each abstract type that is no list, in each length it can be sent in: with their
// octets by the oracle, and with what a decoder has to make of them.

import fc from 'fast-check';
import type { AbstractType } from '../../../src/ipfix/information-element.ts';
import { bigEndian, ieee754, ntp, withLength } from '../oracles/naive-ipfix.ts';

export interface AnyValue {
  readonly value: unknown;
  readonly octets: Buffer;
  readonly read: unknown;
}

export interface AnyLength {
  /** 65,535 where each value brings its own. */
  readonly length: number;
  readonly values: fc.Arbitrary<AnyValue>;
}

const isoS = (seconds: bigint | number): string =>
  new Date(Number(seconds) * 1_000).toISOString().slice(0, 19);

const bits = (type: AbstractType): number => Number(/\d+$/.exec(type)![0]);

/** Exact as long as a number is. */
const asRead = (value: bigint): number | bigint => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
};

function unsigned(type: AbstractType): fc.Arbitrary<AnyLength> {
  return fc.integer({ min: 1, max: bits(type) / 8 }).map((length) => ({
    length,
    values: fc.bigInt({ min: 0n, max: (1n << BigInt(8 * length)) - 1n }).map((value) => ({
      value,
      octets: bigEndian(value, length),
      read: type === 'unsigned256' ? value : asRead(value),
    })),
  }));
}

function signed(type: AbstractType): fc.Arbitrary<AnyLength> {
  return fc.integer({ min: 1, max: bits(type) / 8 }).map((length) => {
    const limit = 1n << BigInt(8 * length - 1);
    return {
      length,
      values: fc.bigInt({ min: -limit, max: limit - 1n }).map((value) => ({
        value,
        octets: bigEndian(value, length),
        read: asRead(value),
      })),
    };
  });
}

function float(lengths: readonly (4 | 8)[]): fc.Arbitrary<AnyLength> {
  return fc.constantFrom(...lengths).map((length) => ({
    length,
    values: (length === 4 ? fc.float({ noNaN: true }) : fc.double({ noNaN: true })).map(
      (value) => ({ value, octets: ieee754(value, length), read: value }),
    ),
  }));
}

function octets(length: number, text: (octets: Buffer) => string): fc.Arbitrary<AnyLength> {
  const values = fc.uint8Array({ minLength: length, maxLength: length }).map((array) => {
    const value = Buffer.from(array);
    return { value, octets: value, read: text(value) };
  });
  return fc.constant({ length, values });
}

const hexOf = (value: Buffer): string => value.toString('hex');
const macOf = (value: Buffer): string => hexOf(value).replace(/..\B/g, '$&:');
/** Without :: and mapped addresses: none of the eight groups is 0, as those are tested apart. */
const ipv6Of = (value: Buffer): string =>
  Array.from({ length: 8 }, (_, i) => value.readUInt16BE(2 * i).toString(16)).join(':');

const ipv6: fc.Arbitrary<AnyLength> = fc.constant({
  length: 16,
  values: fc
    .array(fc.integer({ min: 1, max: 0xffff }), { minLength: 8, maxLength: 8 })
    .map((groups) => Buffer.concat(groups.map((group) => bigEndian(group, 2))))
    .map((value) => ({ value, octets: value, read: ipv6Of(value) })),
});

/** Now and then as long as it takes a length of three octets. */
const variableLengths = fc.oneof(
  { arbitrary: fc.integer({ min: 0, max: 20 }), weight: 8 },
  { arbitrary: fc.constantFrom(253, 254, 255, 256, 1_000), weight: 1 },
);

const strings: fc.Arbitrary<AnyLength> = fc.oneof(
  fc.constant({
    length: 65_535,
    values: fc
      .tuple(variableLengths, fc.string({ unit: 'grapheme', maxLength: 4 }))
      .map(([length, end]) => {
        const value = 'a'.repeat(length) + end;
        return { value, octets: withLength(Buffer.from(value), 'shortest'), read: value };
      }),
  }),
  fc.integer({ min: 1, max: 40 }).map((length) => ({
    length,
    values: fc.string({ unit: 'grapheme-ascii', maxLength: length }).map((value) => {
      const padded = value.padEnd(length, '\0');
      return { value, octets: Buffer.from(padded), read: padded };
    }),
  })),
);

const octetArrays: fc.Arbitrary<AnyLength> = fc.oneof(
  fc.constant({
    length: 65_535,
    values: fc.tuple(variableLengths, fc.integer({ min: 0, max: 255 })).map(([length, octet]) => {
      const value = Buffer.alloc(length, octet);
      return { value, octets: withLength(value, 'shortest'), read: hexOf(value) };
    }),
  }),
  fc.integer({ min: 1, max: 40 }).chain((length) => octets(length, hexOf)),
);

const seconds: fc.Arbitrary<AnyLength> = fc.constant({
  length: 4,
  values: fc.integer({ min: 0, max: 0xffff_ffff }).map((value) => ({
    value,
    octets: bigEndian(value, 4),
    read: isoS(value),
  })),
});

const milliseconds: fc.Arbitrary<AnyLength> = fc.constant({
  length: 8,
  values: fc.integer({ min: 0, max: Date.UTC(10_000, 0) - 1 }).map((value) => ({
    value,
    octets: bigEndian(value, 8),
    read: new Date(value).toISOString().slice(0, 23),
  })),
});

/** Up to the middle of the era that begins in 2036. */
const ntpEndS = 2n ** 32n + 2n ** 31n - 2_208_988_800n;

function ntpTimes(digits: 6 | 9): fc.Arbitrary<AnyLength> {
  const perSecond = 10n ** BigInt(digits);
  const step = digits === 6 ? 2_048n : 1n;
  const values = fc.bigInt({ min: 0n, max: ntpEndS * perSecond - 1n }).map((value) => ({
    value,
    octets: ntp(value, perSecond, step),
    read: `${isoS(value / perSecond)}.${String(value % perSecond).padStart(digits, '0')}`,
  }));
  return fc.constant({ length: 8, values });
}

const booleans: fc.Arbitrary<AnyLength> = fc.constant({
  length: 1,
  values: fc
    .boolean()
    .map((value) => ({ value, octets: bigEndian(value ? 1 : 2, 1), read: value })),
});

/** A length that the type can be sent in, and values for it. */
export function valuesOf(type: AbstractType): fc.Arbitrary<AnyLength> {
  if (type.startsWith('unsigned')) return unsigned(type);
  if (type.startsWith('signed')) return signed(type);
  switch (type) {
    case 'float32':
      return float([4]);
    case 'float64':
      return float([4, 8]);
    case 'boolean':
      return booleans;
    case 'macAddress':
      return octets(6, macOf);
    case 'ipv4Address':
      return octets(4, (value) => value.join('.'));
    case 'ipv6Address':
      return ipv6;
    case 'string':
      return strings;
    case 'octetArray':
      return octetArrays;
    case 'dateTimeSeconds':
      return seconds;
    case 'dateTimeMilliseconds':
      return milliseconds;
    case 'dateTimeMicroseconds':
      return ntpTimes(6);
    case 'dateTimeNanoseconds':
      return ntpTimes(9);
    default:
      throw new Error(`${type} is no type of one value`);
  }
}
