// Addresses out of text and numbers. What is not surely an address is refused.

import { EncodeError } from '../../../ipfix/abstract-type.ts';
import type { ByteOrder } from '../mapping-spec.ts';
import { addressFromOctets, type AddressReader, macFromOctets } from './address-octets.ts';

/** 4 octets or 16. Throws EncodeError. */
export function addressFromText(text: string): Buffer {
  const octets = read(addressFromOctets, text);
  if (octets) return octets;
  throw new EncodeError(`${JSON.stringify(text.slice(0, 60))} is not an IP address`);
}

export const isAddressText = (text: string): boolean => read(addressFromOctets, text) !== undefined;

/** `aa:bb:cc:dd:ee:ff`, `aa-bb-…`, `aabb.ccdd.eeff` or 12 digits → 6 octets. Throws EncodeError. */
export function macFromText(text: string): Buffer {
  const octets = read(macFromOctets, text);
  if (octets) return octets;
  throw new EncodeError(`${JSON.stringify(text.slice(0, 60))} is not a MAC address`);
}

// In UTF-8, where no other character has an octet that a digit has.
function read(reader: AddressReader, text: string): Buffer | undefined {
  const into = Buffer.allocUnsafe(16);
  const bytes = Buffer.from(text);
  const length = reader(bytes, 0, bytes.length, into);
  return length === 0 ? undefined : into.subarray(0, length);
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
  if (value < 0 || value >= 2 ** 48)
    throw new EncodeError(`${value} is not a MAC address of 48 bits`);
  const octets = Buffer.allocUnsafe(6);
  octets.writeUIntBE(Number(value), 0, 6);
  return octets;
}
