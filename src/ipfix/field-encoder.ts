// A field together with how it is written: of a Template, of a list's items, of a list's records.

import { encoderFor } from './abstract-type.ts';
import { type Encode, EncodeError } from './encode-error.ts';
import {
  fieldOctetsMax,
  lengthOctets,
  type LengthForm,
  variableOctets,
  writeLength,
} from './encode-octets.ts';
import { type InformationElement, isImpossibleReverse } from './information-element.ts';
import type { ListSemantic } from './list-semantics.ts';
import { type FieldSpecifier, variableLength } from './template.ts';

/** A field of a Template with the functions that write its values. */
export interface FieldEncoder {
  readonly field: FieldSpecifier;
  readonly encode: Encode;
  /** Returns the octets that `encode` adds, including those of a variable length. Throws EncodeError. */
  readonly octetsOf: (value: unknown, depth?: number) => number;
}

/**
 * Returns a field for an element of your own, of any type except the lists. Returns undefined if the type
 * cannot have the length of the field.
 */
export function plainField(field: FieldSpecifier): FieldEncoder | undefined {
  const encode = encoderFor(field);
  if (!encode) return undefined;
  const { length } = field;
  return { field, encode, octetsOf: length === variableLength ? variableOctets : () => length };
}

/** Options of a list (RFC 6313); each has a default. */
export interface ListOptions {
  /** How the items belong together (RFC 6313 §4.4). Default: 'undefined'. */
  readonly semantic?: ListSemantic;
  /** A fixed length in octets for the whole list, in the Template. Default: variable. */
  readonly length?: number;
  /** How a variable length is written. Default: 'long', as RFC 6313 §5.1 recommends for any length. */
  readonly lengthForm?: LengthForm;
}

/** What one of the three lists has between its length and its end. */
interface ListContent {
  /** Throws EncodeError where the value is not such a list. */
  octetsOf(value: unknown, depth: number): number;
  write(value: unknown, target: Buffer, at: number, depth: number): number;
}

/** Lists within lists; deeper ones are a value that holds itself, or a mistake. */
const nestingMax = 16;

/** A field that is a list. Only its own length, and how deep it lies, are seen to here. */
export function listField(
  element: InformationElement,
  content: ListContent,
  { length = variableLength, lengthForm = 'long' }: ListOptions,
): FieldEncoder {
  if (isImpossibleReverse(element)) throw new Error(`there is no ${element.name} (RFC 5103 §6.1)`);
  const contentOctets = (value: unknown, depth: number): number => {
    if (depth >= nestingMax) throw new EncodeError(`more than ${nestingMax} nested lists`);
    const octets = content.octetsOf(value, depth + 1);
    if (length !== variableLength && octets !== length) {
      throw new EncodeError(`a list of ${octets} octets; the field has ${length}`);
    }
    refuseOverlong(octets);
    return octets;
  };
  return {
    field: { element, length },
    octetsOf: (value, depth = 0) => {
      const octets = contentOctets(value, depth);
      return length === variableLength ? octets + lengthOctets(octets, lengthForm) : octets;
    },
    encode: (value, target, at, depth = 0) => {
      const octets = contentOctets(value, depth);
      if (length === variableLength) at = writeLength(octets, target, at, lengthForm);
      return content.write(value, target, at, depth + 1);
    },
  };
}

/** Asked for while a list is added up, so that one without end is found out early. */
export function refuseOverlong(octets: number): void {
  if (octets <= fieldOctetsMax) return;
  throw new EncodeError(`a list of ${octets} octets; the maximum is 65,535`);
}

/** The value's items, or the items' records. */
export function listItems(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new EncodeError('it must be a list');
  return value as readonly unknown[];
}

/** Runs with the place in the refusal: "item 3: 70000 is not unsigned16 (2 octets)". */
export function inPlace<T>(place: string, number: number, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof EncodeError)) throw error;
    throw new EncodeError(`${place} ${number}: ${error.message}`, { cause: error.cause });
  }
}
