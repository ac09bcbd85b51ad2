// The code of one field, in the pieces that stand in different places of the generated function, and
// the names that all of them share. It knows no field of its own.
//
// The names in the generated function; test/vectors/painter-of-flow-event.js is one.
//   bytes, input    the octets of the datums, and the same as a DataView
//   at, end         the next octet that is read, and where the datum ends
//   b, h, t         scratch: b an octet, an index or the low 28 bits of a number, h the bits above, t a value or length
//   out, view, o    the Frame's octets, the same as a DataView, and where the next octet is written
//   version         the IP version of the flow; 0 while it is not known
//   k0 to k3        the Choices of all fields, which find the Shape
// Of field i, each declared with what it holds where the field is null:
//   v{i}, u{i}      its value; of a long in two parts the low 28 bits, and the bits above
//   a{i}, d{i}      of a sum the two values that are added; NaN where one was not read
//   n{i}, p{i}, s{i}  of octets how many they are, where they begin, and in what: `bytes` or a Buffer of the code's own
//   c{i}            its Choice
//   y{i}            the IP version that it says of the flow; 0: none
//   x{i}, w{i}      labels of the blocks that read its value and what is added to it: left where that is null
// All other names are values that paint-code.ts gives. `return datum` leaves the event, of which nothing is painted
// yet, to the by-value Painter.

import type { MappedField } from '../../mapping/mapped-field.ts';

export interface FieldCode {
  /** Declarations, set to what they are where the field is null. */
  readonly locals: string;
  /** By path: reads the value there, from `at` on, and leaves `at` behind it. */
  readonly reads: ReadonlyMap<string, string>;
  /** After the walk, when all of the field is read. */
  readonly settle: string;
  /** When the flow's IP version is known: what depends on it. */
  readonly confirm?: string;
  /** Writes the value at `o` and moves `o` on. */
  readonly write: string;
  /** An expression: octets above what the Shape counts for a variable length. */
  readonly moreOctets?: string;
  /** False: `settle` gets the value by the field's own function. */
  readonly isCompiled: boolean;
}

/** What a value's own code gives; the rest is the same for all. */
export interface ValueCode {
  readonly locals: string;
  readonly reads: ReadonlyMap<string, string>;
  readonly settle?: string;
  readonly confirm?: string;
  readonly write: string;
  readonly moreOctets?: string;
}

export const bail = 'return datum;';

/** Whether the Choice is known only when the event is. */
export const hasChoice = ({ omitNull, choice }: MappedField): boolean =>
  omitNull || choice !== 'nothing';

/** Set where the value is there and is right. */
export function present(field: MappedField, i: number): string {
  const chosen = field.omitNull && field.choice !== 'value' ? `c${i} = 1;` : '';
  const { flowVersion } = field;
  return flowVersion === 1 || flowVersion === 2 ? `${chosen} y${i} = ${flowVersion};` : chosen;
}

/** c{i} and y{i}, as they are where the field is null. */
export function choiceLocals(field: MappedField, i: number, ofNull = 1): string {
  const choice = hasChoice(field) ? `let c${i} = ${field.omitNull ? 0 : ofNull};` : '';
  return field.flowVersion === undefined ? choice : `${choice} let y${i} = 0;`;
}

/** Octets that the generated function needs by name. */
export class Constants {
  readonly values: unknown[] = [];

  /** The name under which the function finds the value. */
  add(value: unknown): string {
    return `constants[${this.values.push(value) - 1}]`;
  }
}
