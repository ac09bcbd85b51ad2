// Addresses out of text: IPv4, IPv6 and MAC. What is not surely an address is refused.

import { EncodeError } from '../../../ipfix/abstract-type.ts';
import type { ByteOrder } from '../mapping-spec.ts';

const dot = 0x2e;
const colon = 0x3a;

/** 4 octets or 16. Throws EncodeError. */
export function addressFromText(text: string): Buffer {
  const octets = text.includes(':') ? ipv6(text) : ipv4(text, 0);
  if (octets) return octets;
  throw new EncodeError(`${JSON.stringify(text.slice(0, 60))} is no IP address`);
}

export const isAddressText = (text: string): boolean =>
  (text.includes(':') ? ipv6(text) : ipv4(text, 0)) !== undefined;

// Dotted quad: four numbers without leading zeros, which some read as octal.
function ipv4(text: string, from: number): Buffer | undefined {
  const octets = Buffer.allocUnsafe(4);
  let part = 0;
  let value = -1;
  for (let i = from; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === dot) {
      if (value < 0 || part === 3) return undefined;
      octets[part] = value;
      part += 1;
      value = -1;
      continue;
    }
    const digit = code - 0x30;
    if (digit < 0 || digit > 9 || value === 0) return undefined;
    value = value < 0 ? digit : value * 10 + digit;
    if (value > 255) return undefined;
  }
  if (value < 0 || part !== 3) return undefined;
  octets[3] = value;
  return octets;
}

// RFC 4291 §2.2: groups of 1 to 4 hexadecimal digits; "::" once for groups of zeros; the last two groups
// may be a dotted quad.
function ipv6(text: string): Buffer | undefined {
  const octets = Buffer.alloc(16);
  let length = 0;
  let gapAt = -1;
  let i = 0;
  if (text.startsWith(':')) {
    if (text.charCodeAt(1) !== colon) return undefined;
    gapAt = 0;
    i = 2;
  }
  while (i < text.length) {
    const start = i;
    let group = 0;
    let digit = hexDigit(text.charCodeAt(i));
    while (digit >= 0) {
      group = group * 16 + digit;
      i += 1;
      digit = i < text.length ? hexDigit(text.charCodeAt(i)) : -1;
    }
    if (i < text.length && text.charCodeAt(i) === dot) {
      const quad = length <= 12 ? ipv4(text, start) : undefined;
      if (!quad) return undefined;
      quad.copy(octets, length);
      length += 4;
      break;
    }
    if (i === start || i - start > 4 || length === 16) return undefined;
    octets.writeUInt16BE(group, length);
    length += 2;
    if (i === text.length) break;
    if (text.charCodeAt(i) !== colon) return undefined;
    i += 1;
    if (text.charCodeAt(i) === colon) {
      if (gapAt >= 0) return undefined;
      gapAt = length;
      i += 1;
    } else if (i === text.length) return undefined;
  }
  if (gapAt < 0) return length === 16 ? octets : undefined;
  if (length === 16) return undefined;
  octets.copyWithin(16 - (length - gapAt), gapAt, length);
  octets.fill(0, gapAt, 16 - (length - gapAt));
  return octets;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

const macForms = [
  /^[\da-f]{2}(:[\da-f]{2}){5}$/i,
  /^[\da-f]{2}(-[\da-f]{2}){5}$/i,
  /^[\da-f]{4}(\.[\da-f]{4}){2}$/i,
  /^[\da-f]{12}$/i,
];

/** `aa:bb:cc:dd:ee:ff`, `aa-bb-…`, `aabb.ccdd.eeff` or 12 digits → 6 octets. Throws EncodeError. */
export function macFromText(text: string): Buffer {
  if (text.length <= 17 && macForms.some((form) => form.test(text))) {
    return Buffer.from(text.replace(/[:.-]/g, ''), 'hex');
  }
  throw new EncodeError(`${JSON.stringify(text.slice(0, 60))} is no MAC address`);
}

/**
 * An IPv4 address that an int or long holds, in either order → 4 octets. An int has its 32 bits, whatever
 * its sign is; a long has room for the number itself. Throws EncodeError.
 */
export function ipv4FromNumber(
  value: number | bigint,
  kind: 'int' | 'long',
  order: ByteOrder,
): Buffer {
  if (value >= 2 ** 32 || (value < 0 && kind === 'long')) {
    throw new EncodeError(`${value} is not an IPv4 address of 32 bits`);
  }
  const octets = Buffer.allocUnsafe(4);
  const bits = Number(value) >>> 0;
  if (order === 'little') octets.writeUInt32LE(bits);
  else octets.writeUInt32BE(bits);
  return octets;
}

/** The low 48 bits of a number, as some producers keep MAC addresses → 6 octets. */
export function macFromNumber(value: number | bigint): Buffer {
  if (value < 0 || value >= 2 ** 48) throw new EncodeError(`${value} is no MAC address of 48 bits`);
  const octets = Buffer.allocUnsafe(6);
  octets.writeUIntBE(Number(value), 0, 6);
  return octets;
}
