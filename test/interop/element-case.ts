// One Information Element for others to read, in some length or form, with a value.

import type { AbstractType, InformationElement } from '../../src/ipfix/information-element.ts';
import { elementByName } from '../../src/ipfix/information-element.ts';
import { naturalLength } from '../../src/ipfix/abstract-type.ts';
import type { Encode } from '../../src/ipfix/encode-error.ts';
import type { FieldEncoder } from '../../src/ipfix/field-encoder.ts';
import type { FieldSpecifier, Template } from '../../src/ipfix/template.ts';

export interface Field extends FieldSpecifier {
  readonly value: unknown;
  /** Where it takes more than the specifier says: a list's. */
  readonly encode?: Encode;
}

export interface ElementCase {
  /** The element's name and, where it is not the usual one, its length or form. */
  readonly name: string;
  readonly field: Field;
  /** Of the flow around it: an ICMP element belongs to an ICMP flow, an IPv6 one to an IPv6 flow. */
  readonly protocol: number;
  readonly ipVersion: 4 | 6;
  /** Of the records in a list; told before the element's own Template. */
  readonly subTemplates?: readonly Template[];
}

type Surroundings = Partial<Pick<ElementCase, 'protocol' | 'ipVersion'>>;

export const ipv6: Surroundings = { ipVersion: 6 };

/** RFC 5612: the number set apart for examples. */
const exampleEnterprise = 32473;

export function iana(name: string): InformationElement {
  const element = elementByName(name);
  if (!element) throw new Error(`${name} is not in the registry`);
  return element;
}

export function enterprise(id: number, type: AbstractType): InformationElement {
  const name = `enterprise ${exampleEnterprise}/${id}, ${type}`;
  const unsaid = { semantics: '', units: '', range: '', deprecated: false };
  return { id, name, type, enterpriseNumber: exampleEnterprise, ...unsaid };
}

export function usual(
  element: string | InformationElement,
  value: unknown,
  surroundings: Surroundings = {},
): ElementCase {
  const found = typeof element === 'string' ? iana(element) : element;
  const length = naturalLength(found.type);
  if (length === undefined) throw new Error(`${found.name} has no length of its own`);
  const field = { element: found, length, value };
  return { name: found.name, field, protocol: 17, ipVersion: 4, ...surroundings };
}

/** In fewer octets than usual, or in a fixed length where it is usually variable. */
export function inOctets(length: number, name: string, value: unknown): ElementCase {
  const { field, ...rest } = usual(name, value);
  const octets = length === 1 ? '1 octet' : `${length} octets`;
  return { ...rest, name: `${name} in ${octets}`, field: { ...field, length } };
}

/** A text of so many octets. */
export function text(octets: number): ElementCase {
  const letters = Array.from({ length: octets }, (_, i) => 'abcdefghij'[i % 10]).join('');
  return { ...usual('applicationName', letters), name: `applicationName of ${octets} octets` };
}

/** A list, named for what is in it. */
export function list(what: string, { field, encode }: FieldEncoder, value: unknown): ElementCase {
  const name = `${field.element.name} of ${what}`;
  return { name, field: { ...field, value, encode }, protocol: 17, ipVersion: 4 };
}
