// Code that reads Avro's binary encoding, and code that passes it over (Avro specification, "Binary
// Encoding"). Octets are read without asking whether the datum goes on: there are `slack` more behind
// it, and the walk ends with one question, whether it came out exactly at the datum's end.

import type { LeafType } from '../../../avro/leaves.ts';
import { defaultLimits } from '../../../avro/avro-cursor.ts';
import { bail } from './field-code.ts';

/** The maximum length of an int or long in octets. */
export const longOctetsMax = 10;

const lowBits = 0x1000_0000;
/** Zigzag numbers below 2^53 have their upper part below this: they are exact in a double. */
const exactHigh = 0x200_0000;

// int, long => zigzag number in groups of 7 bits, low ones first; the last octet has no top bit
/** Four groups into b; where there are more, b is at least 2^28. */
const fourGroups = groups('b');
const fourMore = groups('h');

function groups(into: string): string {
  const more = (limit: number, shift: number, deeper: string) =>
    `if (${into} >= ${limit}) { ${into} = (${into} & ${limit - 1}) | (bytes[at++] << ${shift}); ${deeper} }`;
  return `${into} = bytes[at++]; ${more(0x80, 7, more(0x4000, 14, more(0x20_0000, 21, '')))}`;
}

const plainZigzag = 't = (b >>> 1) ^ -(b & 1);';
const longZigzag = `t = h * ${lowBits} + b; t = (b & 1) === 0 ? t / 2 : -(t + 1) / 2;`;

/** Into t, exact, or the event is left to the by-value Painter. */
export function readNumber(type: LeafType): string | undefined {
  switch (type.kind) {
    case 'int':
      return `${fourGroups} if (b < ${lowBits}) { ${plainZigzag} } else {
        b &= ${lowBits - 1}; h = bytes[at++]; if (h > 15) ${bail} ${longZigzag} }`;
    case 'long':
      return `${fourGroups} if (b < ${lowBits}) { ${plainZigzag} } else {
        b &= ${lowBits - 1}; ${fourMore} if (h >= ${exactHigh}) ${bail} ${longZigzag} }`;
    case 'float':
      return 't = bytes.readFloatLE(at); at += 4;';
    case 'double':
      return 't = bytes.readDoubleLE(at); at += 8;';
    default:
      return undefined;
  }
}

/** A long that is not negative: 28 bits of its zigzag number into b, 28 more into h. */
export const readPair = `${fourGroups} if (b < ${lowBits}) h = 0; else {
  b &= ${lowBits - 1}; ${fourMore} if (h >= ${lowBits}) ${bail} }
  if ((b & 1) !== 0) ${bail}`;

/**
 * The same, where six octets are usual, as of milliseconds since 1970: four groups are one load, and
 * the two behind them another.
 */
export const readTimePair = `b = input.getInt32(at, true); h = input.getUint16(at + 4, true);
  if ((b & ${0x8080_8080 | 0}) === ${0x8080_8080 | 0} && (h & 0x8080) === 0x80) {
    b = (b & 0x7f) | ((b >>> 1) & 0x3f80) | ((b >>> 2) & 0x1fc000) | ((b >>> 3) & 0xfe00000);
    h = (h & 0x7f) | ((h >>> 1) & 0x3f80);
    at += 6;
    if ((b & 1) !== 0) ${bail}
  } else { ${readPair} }`;

/** The two parts that `readPair` gives for a number. */
export const pairOf = (value: number): readonly [low: number, high: number] => [
  (value * 2) % lowBits,
  Math.floor((value * 2) / lowBits),
];

export const quotientMax = 1e6;

/**
 * A long, divided and rounded down, into t: also of numbers that no double holds, as nanoseconds are.
 * They are divided in two steps, the upper part first, each exact in a double up to `quotientMax`.
 */
export function readQuotient(factor: number, unless: string): string {
  const half = lowBits / 2;
  return `${fourGroups} if (b < ${lowBits}) { ${plainZigzag} ${unless} t = Math.floor(t / ${factor}); } else {
    b &= ${lowBits - 1}; ${fourMore}
    if (h < ${exactHigh}) { ${longZigzag} ${unless} t = Math.floor(t / ${factor}); } else {
      if (h >= ${lowBits}) {
        h &= ${lowBits - 1}; t = bytes[at++];
        if (t >= 0x80) t = (t & 0x7f) | (bytes[at++] << 7);
        if (t > 0xff) ${bail}
        h += t * ${lowBits};
      }
      if ((b & 1) !== 0) ${bail}
      t = Math.floor(h / ${factor});
      t = t * ${half} + Math.floor(((h - t * ${factor}) * ${half} + (b >>> 1)) / ${factor});
    } }`;
}

// bytes, string => long octets
/** The length into t. */
export const readLength = `b = bytes[at++]; if (b >= 0x80) {
    b = (b & 0x7f) | (bytes[at++] << 7);
    if (b >= 0x4000) b = (b & 0x3fff) | (bytes[at++] << 14);
    if (b >= 0x200000) ${bail}
  }
  if ((b & 1) !== 0) ${bail}
  t = b >>> 1; if (t > end - at || t > ${defaultLimits.stringOctetsMax}) ${bail}`;

/** An enum's or union's number into b; more than 64 members are left to the by-value Painter. */
export const readIndex = (members: number): string =>
  `b = bytes[at++]; if ((b & 1) !== 0 || b >= ${2 * members}) ${bail} b >>>= 1;`;

export const indexMembersMax = 64;

/** Passes over a value without parts; undefined where the reader's own step has to. */
export function skipLeaf(type: LeafType): string | undefined {
  switch (type.kind) {
    case 'null':
      return '';
    case 'boolean':
      return `if (bytes[at++] > 1) ${bail}`;
    case 'int':
      return `${skipGroups} if (at - t > 4) ${bail}`;
    case 'long':
      return `${skipGroups} if (at - t > 9) ${bail}`;
    case 'float':
      return 'at += 4;';
    case 'double':
      return 'at += 8;';
    case 'fixed':
      return `if (${type.size} > end - at) ${bail} at += ${type.size};`;
    case 'bytes':
    case 'string':
      return `${readLength} at += t;`;
    case 'enum':
      return type.symbols.length > indexMembersMax ? undefined : readIndex(type.symbols.length);
    default:
      return undefined;
  }
}

const skipGroups = 't = at; while (bytes[at++] >= 0x80);';
