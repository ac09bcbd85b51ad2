// One value that is not a list: octets → number, bigint, boolean or text (RFC 7011 §6, RFC 7373).
// Written apart from the encoder on purpose, so that a mistake there is not mirrored here.

import { ipv4Text, ipv6Text, macText } from './address-text.ts';
import { ntpText, unixMillisecondsText, unixSecondsText } from './time-text.ts';
import type { Scalar } from './decoded-message.ts';
import type { AbstractType } from './information-element.ts';

/** Thrown for a malformed Message; the text gives the Set, its octet offset and the fault. */
export class DecodeError extends Error {
  readonly code = 'IPFIX_DECODE';
  override readonly name = 'DecodeError';
}

// RFC 7011 §6.1, §6.2: fewest and most octets of each fixed-size type. Integers may come in fewer
// octets than their type's, float64 as float32; addresses and times only in full.
const sizes: Readonly<Partial<Record<AbstractType, readonly [least: number, most: number]>>> = {
  unsigned8: [1, 1],
  unsigned16: [1, 2],
  unsigned32: [1, 4],
  unsigned64: [1, 8],
  unsigned256: [1, 32],
  signed8: [1, 1],
  signed16: [1, 2],
  signed32: [1, 4],
  signed64: [1, 8],
  float32: [4, 4],
  float64: [4, 8],
  boolean: [1, 1],
  macAddress: [6, 6],
  dateTimeSeconds: [4, 4],
  dateTimeMilliseconds: [8, 8],
  dateTimeMicroseconds: [8, 8],
  dateTimeNanoseconds: [8, 8],
  ipv4Address: [4, 4],
  ipv6Address: [16, 16],
};

/** Why a value of this type cannot have this many octets; undefined where it can. */
export function lengthFault(type: AbstractType, length: number): string | undefined {
  const range = sizes[type];
  if (range === undefined) return undefined;
  const [least, most] = range;
  const isBetween = type === 'float64' && length !== 4 && length !== 8;
  return length < least || length > most || isBetween
    ? `${length} octets are not ${type}`
    : undefined;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The caller has seen that the octets are there and that they have no `lengthFault`. */
export function decodeScalar(
  octets: DataView,
  at: number,
  length: number,
  type: AbstractType,
): Scalar {
  switch (type) {
    case 'unsigned8':
    case 'unsigned16':
    case 'unsigned32':
    case 'unsigned64':
      return unsigned(octets, at, length);
    case 'unsigned256':
      return BigInt(`0x${hex(octets, at, length)}`);
    case 'signed8':
    case 'signed16':
    case 'signed32':
    case 'signed64':
      return signed(octets, at, length);
    case 'float32':
    case 'float64':
      return length === 4 ? octets.getFloat32(at) : octets.getFloat64(at);
    case 'boolean':
      return boolean(octets.getUint8(at));
    case 'macAddress':
      return macText(octets, at);
    case 'ipv4Address':
      return ipv4Text(octets, at);
    case 'ipv6Address':
      return ipv6Text(octets, at);
    case 'string':
      return string(octets, at, length);
    case 'dateTimeSeconds':
      return unixSecondsText(octets.getUint32(at));
    case 'dateTimeMilliseconds': {
      const milliseconds = unsigned(octets, at, length);
      return unixMillisecondsText(milliseconds) ?? milliseconds;
    }
    case 'dateTimeMicroseconds':
      // RFC 7011 §6.1.9: the bottom 11 bits of the fraction MUST be ignored.
      return ntpText(octets.getUint32(at), octets.getUint32(at + 4) & ~0x7ff, 6);
    case 'dateTimeNanoseconds':
      return ntpText(octets.getUint32(at), octets.getUint32(at + 4), 9);
    case 'octetArray':
    case 'basicList':
    case 'subTemplateList':
    case 'subTemplateMultiList':
      return hex(octets, at, length);
  }
}

function unsigned(octets: DataView, at: number, length: number): number | bigint {
  let high = 0;
  let low = 0;
  for (let i = at; i < at + length - 4; i++) high = high * 256 + octets.getUint8(i);
  for (let i = Math.max(at, at + length - 4); i < at + length; i++) {
    low = low * 256 + octets.getUint8(i);
  }
  if (high < 0x20_0000) return high * 0x1_0000_0000 + low;
  return (BigInt(high) << 32n) | BigInt(low);
}

function signed(octets: DataView, at: number, length: number): number | bigint {
  const value = BigInt.asIntN(8 * length, BigInt(unsigned(octets, at, length)));
  const asNumber = Number(value);
  return Number.isSafeInteger(asNumber) ? asNumber : value;
}

/** RFC 7011 §6.1.5: 1 is true, 2 is false, everything else is undefined. */
function boolean(octet: number): boolean | null {
  if (octet === 1) return true;
  return octet === 2 ? false : null;
}

/** RFC 7011 §6.1.6: ill-formed UTF-8 is detected and ignored. */
function string(octets: DataView, at: number, length: number): string | null {
  return length <= shortMax ? shortString(octets, at, length) : utf8String(octets, at, length);
}

/** The maximum length that decodes faster by hand; and a Message has room for thousands of it. */
const shortMax = 16;

function shortString(octets: DataView, at: number, length: number): string | null {
  let text = '';
  for (let i = at; i < at + length; i++) {
    const octet = octets.getUint8(i);
    if (octet >= 0x80) return utf8String(octets, at, length);
    text += String.fromCharCode(octet);
  }
  return text;
}

function utf8String(octets: DataView, at: number, length: number): string | null {
  try {
    return utf8.decode(new Uint8Array(octets.buffer, octets.byteOffset + at, length));
  } catch {
    return null;
  }
}

const hexOctets = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'));

function hex(octets: DataView, at: number, length: number): string {
  let text = '';
  for (let i = at; i < at + length; i++) text += hexOctets[octets.getUint8(i)]!;
  return text;
}
