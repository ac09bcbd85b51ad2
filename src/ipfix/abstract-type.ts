// Abstract data types (RFC 7011 §6, RFC 7012 §3.1): values to octets, in network order.
// A value that its type or length cannot hold is refused: never wrapped, never clamped.

import type { AbstractType } from './information-element.ts';
import { variableLength, type FieldSpecifier } from './template.ts';

/** A value that cannot honestly be written into its field. */
export class EncodeError extends Error {
  readonly code = 'IPFIX_ENCODE';
  override readonly name = 'EncodeError';
}

/** Writes one value at `at` and returns the octet after it. Throws EncodeError. */
export type Encode = (value: unknown, target: Buffer, at: number) => number;

const integerOctets: Partial<Record<AbstractType, number>> = {
  unsigned8: 1,
  unsigned16: 2,
  unsigned32: 4,
  unsigned64: 8,
  signed8: 1,
  signed16: 2,
  signed32: 4,
  signed64: 8,
  unsigned256: 32,
};

const fixedLengths: Partial<Record<AbstractType, number>> = {
  ...integerOctets,
  float32: 4,
  float64: 8,
  boolean: 1,
  macAddress: 6,
  ipv4Address: 4,
  ipv6Address: 16,
  dateTimeSeconds: 4,
  dateTimeMilliseconds: 8,
  dateTimeMicroseconds: 8,
  dateTimeNanoseconds: 8,
};

/** The natural length of a type in octets; `variableLength` for strings and octet arrays. */
export function naturalLength(type: AbstractType): number | undefined {
  return type === 'string' || type === 'octetArray' ? variableLength : fixedLengths[type];
}

/** The encoder for a field, or undefined where its type or length cannot be encoded. */
export function encoderFor({ element, length }: FieldSpecifier): Encode | undefined {
  const { type } = element;
  const octets = integerOctets[type];
  if (octets !== undefined) {
    // RFC 7011 §6.2: an integer may be sent in fewer octets, never in more.
    if (length < 1 || length > octets) return undefined;
    return inRange(element.range, type.startsWith('unsigned') ? unsigned(length) : signed(length));
  }
  if (type === 'string') {
    return length === variableLength ? writeVariableString : paddedString(length);
  }
  if (type === 'octetArray') {
    return length === variableLength ? writeVariableOctets : exactOctets(length);
  }
  if (length !== fixedLengths[type]) return undefined;
  switch (type) {
    case 'macAddress':
    case 'ipv4Address':
    case 'ipv6Address':
      return exactOctets(length);
    case 'boolean':
      return writeBoolean;
    case 'float32':
      return (value, target, at) => target.writeFloatBE(float32(value), at);
    case 'float64':
      return (value, target, at) => target.writeDoubleBE(number(value), at);
    // RFC 7011 §6.1.7, §6.1.8: seconds as unsigned32, milliseconds as unsigned64, since 1970.
    case 'dateTimeSeconds':
      return unsigned(4);
    case 'dateTimeMilliseconds':
      return unsigned(8);
    case 'dateTimeMicroseconds':
      return ntpTimestamp(1_000_000n, 11n);
    case 'dateTimeNanoseconds':
      return ntpTimestamp(1_000_000_000n, 0n);
    default:
      return undefined;
  }
}

// RFC 7012 §2.1: a value outside the element's own range is not exported.
function inRange(range: string, encode: Encode): Encode {
  const bounds = /^(\w+)-(\w+)$/.exec(range);
  if (!bounds) return encode;
  const [low, high] = [Number(bounds[1]), Number(bounds[2])];
  return (value, target, at) => {
    const n = typeof value === 'bigint' ? Number(value) : value;
    if (typeof n === 'number' && (n < low || n > high)) {
      throw new EncodeError(`${show(value)} is outside ${range}`);
    }
    return encode(value, target, at);
  };
}

// RFC 7011 §6.1.1: unsigned integers, most significant octet first.
function unsigned(length: number): Encode {
  const limit = 2 ** (8 * length);
  if (length === 1) {
    return (value, target, at) => target.writeUInt8(unsignedBelow(value, limit, length), at);
  }
  if (length === 2) {
    return (value, target, at) => target.writeUInt16BE(unsignedBelow(value, limit, length), at);
  }
  if (length === 4) {
    return (value, target, at) => target.writeUInt32BE(unsignedBelow(value, limit, length), at);
  }
  if (length === 8) return writeUnsigned64;
  return (value, target, at) => {
    const exact = integer(value);
    if (exact < 0n || exact >= 1n << BigInt(8 * length)) refuse(value, 'unsigned', length);
    return writeLowOctets(exact, target, at, length);
  };
}

function unsignedBelow(value: unknown, limit: number, length: number): number {
  const n = typeof value === 'bigint' ? Number(value) : value;
  if (typeof n !== 'number' || !Number.isInteger(n) || n < 0 || n >= limit) {
    refuse(value, 'unsigned', length);
  }
  return n;
}

function writeUnsigned64(value: unknown, target: Buffer, at: number): number {
  if (typeof value === 'bigint') {
    if (value < 0n || value >= 1n << 64n) refuse(value, 'unsigned', 8);
    return target.writeBigUInt64BE(value, at);
  }
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    refuse(value, 'unsigned', 8);
  }
  target.writeUInt32BE(Math.floor(value / 2 ** 32), at);
  return target.writeUInt32BE(value >>> 0, at + 4);
}

// RFC 7011 §6.1.2: signed integers in two's complement.
function signed(length: number): Encode {
  const limit = 1n << BigInt(8 * length - 1);
  return (value, target, at) => {
    const exact = integer(value);
    if (exact < -limit || exact >= limit) refuse(value, 'signed', length);
    return writeLowOctets(BigInt.asUintN(64, exact), target, at, length);
  };
}

function writeLowOctets(value: bigint, target: Buffer, at: number, length: number): number {
  for (let i = length - 1; i >= 0; i -= 1, value >>= 8n) target[at + i] = Number(value & 0xffn);
  return at + length;
}

// RFC 7011 §6.1.9, §6.1.10: the NTP Timestamp of RFC 5905
//   seconds since 1900 (unsigned32), fraction of a second in 2^-32 (unsigned32)
// The value is a count of microseconds or nanoseconds since 1970. The fraction is the least one that is
// not below it, so that a decoder that cuts off and one that rounds both come back to the same count;
// of microseconds the low 11 bits, which mean nothing there, are 0.
function ntpTimestamp(perSecond: bigint, unusedBits: bigint): Encode {
  const steps = 1n << (32n - unusedBits);
  return (value, target, at) => {
    const count = integer(value);
    const seconds = count / perSecond + ntpEpochS;
    if (count < 0n || seconds >= 1n << 32n) {
      throw new EncodeError(`${show(value)} is not a time from 1970 to 2036, the end of NTP's era`);
    }
    const rest = count % perSecond;
    const fraction = ((rest * steps + perSecond - 1n) / perSecond) << unusedBits;
    at = target.writeUInt32BE(Number(seconds), at);
    return target.writeUInt32BE(Number(fraction), at);
  };
}

/** From 1900 to 1970. */
const ntpEpochS = 2_208_988_800n;

// RFC 7011 §6.1.5: 1 is true, 2 is false, nothing else is defined.
function writeBoolean(value: unknown, target: Buffer, at: number): number {
  if (typeof value !== 'boolean') throw new EncodeError(`${show(value)} is not a boolean`);
  return target.writeUInt8(value ? 1 : 2, at);
}

// RFC 7011 §6.1.1, §6.2: addresses are octets as they are, never shortened.
function exactOctets(length: number): Encode {
  return (value, target, at) => {
    if (!(value instanceof Uint8Array) || value.length !== length) {
      const found = value instanceof Uint8Array ? `${value.length} octets` : show(value);
      throw new EncodeError(`${found} where ${length} octets are wanted`);
    }
    target.set(value, at);
    return at + length;
  };
}

// RFC 7011 §7
//   variable-length value => length [length16] octets
//   length => unsigned8, 255 where the length is 255 or more and length16 (unsigned16) follows
function writeLength(octets: number, target: Buffer, at: number): number {
  if (octets > 65_535) throw new EncodeError(`${octets} octets are more than a field can hold`);
  if (octets < 255) return target.writeUInt8(octets, at);
  return target.writeUInt16BE(octets, target.writeUInt8(255, at));
}

/** The octets a variable-length value takes, its length octets included (RFC 7011 §7). */
export function variableOctets(value: unknown): number {
  const octets =
    typeof value === 'string'
      ? Buffer.byteLength(value)
      : value instanceof Uint8Array
        ? value.length
        : 0;
  return octets < 255 ? 1 + octets : 3 + octets;
}

// RFC 7011 §6.1.6: strings are UTF-8; what is not well-formed is never sent.
function writeVariableString(value: unknown, target: Buffer, at: number): number {
  if (typeof value !== 'string') throw new EncodeError(`${show(value)} is not a string`);
  if (!value.isWellFormed()) throw new EncodeError('a string that is not well-formed Unicode');
  at = writeLength(Buffer.byteLength(value), target, at);
  return at + target.write(value, at);
}

/** A string of a fixed length: what is shorter is filled up with NUL, as its readers expect. */
function paddedString(length: number): Encode {
  return (value, target, at) => {
    if (typeof value !== 'string') throw new EncodeError(`${show(value)} is not a string`);
    if (!value.isWellFormed()) throw new EncodeError('a string that is not well-formed Unicode');
    const octets = Buffer.byteLength(value);
    if (octets > length) throw new EncodeError(`${octets} octets where ${length} fit`);
    target.write(value, at);
    target.fill(0, at + octets, at + length);
    return at + length;
  };
}

function writeVariableOctets(value: unknown, target: Buffer, at: number): number {
  if (!(value instanceof Uint8Array)) throw new EncodeError(`${show(value)} is not octets`);
  at = writeLength(value.length, target, at);
  target.set(value, at);
  return at + value.length;
}

function number(value: unknown): number {
  if (typeof value === 'number') return value;
  throw new EncodeError(`${show(value)} is not a number`);
}

function float32(value: unknown): number {
  const exact = number(value);
  if (Number.isFinite(exact) && !Number.isFinite(Math.fround(exact))) {
    throw new EncodeError(`${show(value)} is beyond float32`);
  }
  return exact;
}

function integer(value: unknown): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  throw new EncodeError(`${show(value)} is not an integer`);
}

function refuse(value: unknown, kind: 'signed' | 'unsigned', length: number): never {
  throw new EncodeError(
    `${show(value)} is not ${kind}${8 * length} (${length} ${length === 1 ? 'octet' : 'octets'})`,
  );
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  if (value instanceof Uint8Array) return `${value.length} octets`;
  switch (typeof value) {
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      return value === null ? 'null' : `a ${typeof value}`;
  }
}
