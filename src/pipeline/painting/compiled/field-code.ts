// The code of one field, in the pieces that stand in different places of the generated function, and
// the names that all of them share. It knows no field of its own.
//
// In the generated function: `bytes` (`input` as a DataView), `at`, `end` are the datum; `out`, `view`, `o`
// the Frame's octets and where the next one goes; `b`, `h`, `t` scratch. `return datum` leaves the event,
// untouched, to the by-value Painter.
// A field i has v{i}, its value; c{i}, its Choice; y{i}, the IP version it says; 0 where there is none.

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
