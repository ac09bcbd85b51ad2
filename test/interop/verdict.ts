// What a program made of an element: one word, and what it showed where that is not what was sent.

import type { Shown } from './element-reader.ts';
import type { ElementRecord } from './element-records.ts';
import type { Field } from './element-case.ts';
import { likeness } from './element-text.ts';

export type Verdict =
  | { readonly word: 'equal' | 'skipped' | 'lost' }
  /** A time told less finely than it was sent. */
  | { readonly word: 'cut'; readonly shown: string }
  /** Of the element itself, or of one of its companions in the record. */
  | { readonly word: 'misread'; readonly shown: string; readonly companion?: string };

/** `undefined`: the record does not come out of the program at all. */
export function verdictOf(record: ElementRecord, shown: Shown | undefined): Verdict {
  if (!shown) return { word: 'lost' };
  const { fields } = record;
  const own = fields.findIndex(isOwn(record));
  const text = shown(fields[own]!, own);
  const like = text === undefined ? undefined : likeness(fields[own]!, text);
  if (text !== undefined && like === 'different') return { word: 'misread', shown: text };
  for (const [index, field] of fields.entries()) {
    const other = index === own ? undefined : shown(field, index);
    if (other !== undefined && likeness(field, other) === 'different') {
      return { word: 'misread', shown: other, companion: field.element.name };
    }
  }
  if (text === undefined) return { word: 'skipped' };
  return like === 'cut' ? { word: 'cut', shown: text } : { word: 'equal' };
}

const isOwn =
  ({ case: { field } }: ElementRecord) =>
  ({ element }: Field): boolean =>
    element === field.element;
