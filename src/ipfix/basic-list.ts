// basicList (RFC 6313 §4.5.1): any number of values of one Information Element in one field.

import { type Encode, EncodeError, encoderFor, variableOctets } from './abstract-type.ts';
import { type FieldSpecifier, variableLength, writeFieldSpecifier } from './template.ts';

/** IANA, "IPFIX Structured Data Types Semantics": how the values of a list belong together. */
export const listSemantics = {
  undefined: 0xff,
  noneOf: 0,
  exactlyOneOf: 1,
  oneOrMoreOf: 2,
  allOf: 3,
  ordered: 4,
} as const;

/** 255 and an unsigned16: RFC 6313 §4.5.1 recommends this form of the length, whatever it is. */
const lengthOctets = 3;
const semanticOctets = 1;

// RFC 6313 §4.5.1
//   basicList => length semantic Field Specifier [value]
/** Writes a list whose items are values of `item`. The value is an array. */
export function basicListEncoder(item: FieldSpecifier, semantic: number): Encode {
  const encode = encoderFor(item);
  if (!encode) throw new Error(`${item.element.type} of ${item.length} octets has no encoder`);
  return (values, target, at) => {
    const octets = basicListOctets(item, values) - lengthOctets;
    if (octets > 65_535) throw new EncodeError(`a list of ${octets} octets; a field holds 65,535`);
    at = target.writeUInt16BE(octets, target.writeUInt8(255, at));
    at = writeFieldSpecifier(target, target.writeUInt8(semantic, at), item);
    for (const value of values as readonly unknown[]) at = encode(value, target, at);
    return at;
  };
}

/** The octets a list takes, its length included. Throws EncodeError where the value is no list. */
export function basicListOctets({ element, length }: FieldSpecifier, values: unknown): number {
  if (!Array.isArray(values)) throw new EncodeError('a list is wanted');
  const head = lengthOctets + semanticOctets + (element.enterpriseNumber === 0 ? 4 : 8);
  if (length !== variableLength) return head + values.length * length;
  return (values as unknown[]).reduce<number>((sum, value) => sum + variableOctets(value), head);
}
