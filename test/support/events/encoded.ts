// One value through the encoder of its Information Element, for tables of values and octets.

import { EncodeError, encoderFor, naturalLength } from '../../../src/ipfix/abstract-type.ts';
import { type FieldEncoder, plainField } from '../../../src/ipfix/field-encoder.ts';
import {
  type AbstractType,
  elementByName,
  type InformationElement,
} from '../../../src/ipfix/information-element.ts';

const longest = 70_000;
const untouched = 0xee;

/** An element of that type and range, which IANA need not have. */
export const elementOf = (type: AbstractType, range = ''): InformationElement => ({
  ...elementByName('octetDeltaCount')!,
  name: type,
  type,
  range,
});

/**
 * The octets of one value, or the EncodeError's message. Every other error is thrown, and so is a
 * touch on the octets around the value.
 */
export function encoded(
  element: InformationElement,
  length: number,
  value: unknown,
): Buffer | string {
  const encode = encoderFor({ element, length });
  if (!encode) throw new Error(`${element.type} has no encoder for ${length} octets`);
  const target = Buffer.alloc(longest, untouched);
  try {
    const end = encode(value, target, 3);
    const around = [...target.subarray(0, 3), ...target.subarray(end, end + 3)];
    if (around.some((octet) => octet !== untouched)) throw new Error('octets around it changed');
    return target.subarray(3, end);
  } catch (error) {
    if (error instanceof EncodeError) return error.message;
    throw error;
  }
}

/** The same as hexadecimal text. */
export function octets(type: AbstractType, length: number, value: unknown): string {
  const found = encoded(elementOf(type), length, value);
  return typeof found === 'string' ? found : found.toString('hex');
}

/** A field of an element by its name; as long as its type is, where no length is given. */
export function fieldOf(name: string, length?: number): FieldEncoder {
  const element = elementByName(name)!;
  return plainField({ element, length: length ?? naturalLength(element.type)! })!;
}

/** One value of a field as hexadecimal text. It takes as many octets as it said; throws EncodeError. */
export function writtenBy(field: FieldEncoder, value: unknown): string {
  const target = Buffer.alloc(longest, untouched);
  const end = field.encode(value, target, 3);
  if (end - 3 !== field.octetsOf(value))
    throw new Error(`${field.octetsOf(value)} octets announced`);
  const around = [...target.subarray(0, 3), ...target.subarray(end, end + 3)];
  if (around.some((octet) => octet !== untouched)) throw new Error('octets around it changed');
  return target.toString('hex', 3, end);
}
