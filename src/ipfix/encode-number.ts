// Integers, floating-point numbers and booleans: values to octets, in network order. An integer that
// its length cannot hold is refused: never wrapped, never clamped.

import { type Encode, EncodeError, show } from './encode-error.ts';

/** RFC 7012 §2.1: a value outside the element's own range is not exported. */
export function inRange(range: string, encode: Encode): Encode {
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
export function unsigned(length: number): Encode {
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

/** Writes the low octet of an unsigned16 whose bits have a meaning. */
export function writeLowOctet(value: unknown, target: Buffer, at: number): number {
  return target.writeUInt8(unsignedBelow(value, 2 ** 16, 2) & 0xff, at);
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
export function signed(length: number): Encode {
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

// RFC 7011 §6.1.3, §6.1.4, §6.2: binary32 and binary64 of IEEE 754. A float64 may be sent in 4 octets:
// less precise, but never another number's sign or infinity.
export function float(length: 4 | 8): Encode {
  return length === 8
    ? (value, target, at) => target.writeDoubleBE(number(value), at)
    : (value, target, at) => target.writeFloatBE(float32(value), at);
}

// RFC 7011 §6.1.5: 1 is true, 2 is false, nothing else is defined.
export function writeBoolean(value: unknown, target: Buffer, at: number): number {
  if (typeof value !== 'boolean') throw new EncodeError(`${show(value)} is not a boolean`);
  return target.writeUInt8(value ? 1 : 2, at);
}

function number(value: unknown): number {
  if (typeof value === 'number') return value;
  throw new EncodeError(`${show(value)} is not a number`);
}

function float32(value: unknown): number {
  const exact = number(value);
  if (Number.isFinite(exact) && !Number.isFinite(Math.fround(exact))) {
    throw new EncodeError(`${show(value)} does not fit float32`);
  }
  return exact;
}

export function integer(value: unknown): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  throw new EncodeError(`${show(value)} is not an integer`);
}

function refuse(value: unknown, kind: 'signed' | 'unsigned', length: number): never {
  throw new EncodeError(
    `${show(value)} is not ${kind}${8 * length} (${length} ${length === 1 ? 'octet' : 'octets'})`,
  );
}
