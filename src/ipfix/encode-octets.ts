// Addresses, octet arrays and strings: values that are octets already, or text.

import { type Encode, EncodeError, show } from './encode-error.ts';

// RFC 7011 §6.1.1, §6.2: addresses are octets as they are, never shortened.
export function exactOctets(length: number): Encode {
  return (value, target, at) => {
    if (!(value instanceof Uint8Array) || value.length !== length) {
      const found = value instanceof Uint8Array ? `${value.length} octets` : show(value);
      throw new EncodeError(`${found}; the field needs ${length} octets`);
    }
    target.set(value, at);
    return at + length;
  };
}

/** `long` is 255 and two octets, whatever the length; `shortest` one octet while it is below 255. */
export type LengthForm = 'shortest' | 'long';

export const fieldOctetsMax = 65_535;

// RFC 7011 §7
//   variable-length value => length [length16] octets
//   length => unsigned8, 255 where length16 (unsigned16) follows, as it must from 255 octets on
export function writeLength(octets: number, target: Buffer, at: number, form: LengthForm): number {
  if (octets > fieldOctetsMax) {
    throw new EncodeError(`${octets} octets are more than a field can have`);
  }
  if (form === 'shortest' && octets < 255) return target.writeUInt8(octets, at);
  return target.writeUInt16BE(octets, target.writeUInt8(255, at));
}

export function lengthOctets(octets: number, form: LengthForm): number {
  return form === 'shortest' && octets < 255 ? 1 : 3;
}

/** The octets a variable-length value takes, its length octets included. */
export function variableOctets(value: unknown): number {
  const octets =
    typeof value === 'string'
      ? Buffer.byteLength(value)
      : value instanceof Uint8Array
        ? value.length
        : 0;
  return octets + lengthOctets(octets, 'shortest');
}

// RFC 7011 §6.1.6: strings are UTF-8; what is not well-formed is never sent.
export function writeVariableString(value: unknown, target: Buffer, at: number): number {
  const text = wellFormed(value);
  at = writeLength(Buffer.byteLength(text), target, at, 'shortest');
  return at + target.write(text, at);
}

/** A string of a fixed length: what is shorter is filled up with NUL, as its readers expect. */
export function paddedString(length: number): Encode {
  return (value, target, at) => {
    const text = wellFormed(value);
    const octets = Buffer.byteLength(text);
    if (octets > length) throw new EncodeError(`${octets} octets; the field has ${length}`);
    target.write(text, at);
    target.fill(0, at + octets, at + length);
    return at + length;
  };
}

function wellFormed(value: unknown): string {
  if (typeof value !== 'string') throw new EncodeError(`${show(value)} is not a string`);
  if (!value.isWellFormed()) throw new EncodeError('a string that is not well-formed Unicode');
  return value;
}

export function writeVariableOctets(value: unknown, target: Buffer, at: number): number {
  if (!(value instanceof Uint8Array)) throw new EncodeError(`${show(value)} is not octets`);
  at = writeLength(value.length, target, at, 'shortest');
  target.set(value, at);
  return at + value.length;
}
