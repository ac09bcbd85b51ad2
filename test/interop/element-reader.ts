// What the interop table and its suites want of a program: its version, and what it shows of each
// field of the Data Records it was sent.

import type { ElementRecord } from './element-records.ts';
import { textOf } from './element-text.ts';
import type { Field } from './element-case.ts';

/** The text of a field as element-text.ts has it; undefined where nothing of it is shown. */
export type Shown = (field: Field, index: number) => string | undefined;

export interface ElementReader {
  readonly name: string;
  /** As `missingTools` knows them. */
  readonly tools: readonly string[];
  readonly version: () => string;
  /** In the order of the records; undefined for one that it does not show. */
  read(records: readonly ElementRecord[]): Promise<(Shown | undefined)[]>;
}

/** An element's name → its text out of a program's own record. */
export type FieldTexts<Native> = Readonly<
  Record<string, (native: Native) => string | number | bigint | undefined>
>;

export function shownIn<Native>(texts: FieldTexts<Native>, native: Native): Shown {
  return ({ element: { name } }) => {
    const shown = texts[name]?.(native);
    return shown === undefined ? undefined : String(shown);
  };
}

/**
 * Programs tell their records in an order of their own: each belongs to the sent one of which it shows
 * an address or the source port, those being unlike all others'.
 */
export function inOrder(
  records: readonly ElementRecord[],
  shown: readonly Shown[],
): (Shown | undefined)[] {
  const marks = records.map(({ fields }) =>
    fields.flatMap((field, index) => (isOfOne(field) ? [{ field, index }] : [])),
  );
  return marks.map((own) =>
    shown.find((of) => own.some(({ field, index }) => of(field, index) === textOf(field))),
  );
}

const isOfOne = ({ element: { name } }: Field): boolean =>
  /^(?:(?:source|destination)IPv[46]Address|sourceTransportPort)$/.test(name);

/** A program that has one time for a flow's start shows it there, whatever its element's unit. */
export function everyTime<Native>(
  edge: 'flowStart' | 'flowEnd',
  text: FieldTexts<Native>[string],
): FieldTexts<Native> {
  const units = ['Seconds', 'Milliseconds', 'Microseconds', 'Nanoseconds'];
  return Object.fromEntries(units.map((unit) => [`${edge}${unit}`, text]));
}
