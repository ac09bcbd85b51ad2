// Whether sampled values look as if they were read as they are meant. What is right for the types can
// still be wrong: milliseconds taken for seconds, hexadecimal digits for decimal ones, a reversed address.

import type { MappedField } from '../pipeline/mapping/mapped-field.ts';
import { type EventRecords, placeText } from './event-records.ts';
import { someOf } from './some-of.ts';

/** Flows were exported from the 1990s on; a time elsewhere is one in another unit. */
const yearMin = 1990;
const yearMax = 2100;

const isInteger = /^(?:un)?signed/;

export class ReadingCheck {
  events = 0;
  bad = 0;
  /** The Templates of the events that can be exported. */
  readonly templates = new Set<number>();
  /** The bad events by the field at fault, or '' for the event as a whole. */
  readonly #faults = new Map<string, { readonly first: string; readonly places: string[] }>();
  readonly #fields: ReadonlyMap<string, readonly MappedField[]>;
  /** By path: the first value that looks wrong, and what may be meant. */
  readonly #found = new Map<string, string>();
  /** By path: the texts that were read as decimal digits though no base is said. */
  readonly #digits = new Map<string, string[]>();

  constructor(fields: readonly MappedField[]) {
    this.#fields = Map.groupBy(fields, ({ path }) => path);
  }

  add(event: EventRecords): void {
    if (event.dropped !== undefined) return;
    this.events += 1;
    if (event.fault !== undefined) {
      this.bad += 1;
      this.#refused(event.fault, placeText(event));
      return;
    }
    for (const { templateId } of event.records) this.templates.add(templateId);
    for (const [path, fields] of this.#fields) {
      for (const field of fields) this.#look(path, field, event);
    }
  }

  /** The warnings, each with the path or the count it is about. */
  warnings(): string[] {
    const padded = Array.from(this.#digits).flatMap(([path, texts]) =>
      isPadded(texts)
        ? [
            `${path}: ${JSON.stringify(texts[0])} is read as a decimal number; ` +
              'if it is hexadecimal, set "base": 16, else "base": 10',
          ]
        : [],
    );
    return [
      ...this.refusals(),
      ...Array.from(this.#found, ([path, said]) => `${path}: ${said}`),
      ...padded,
    ];
  }

  /** What cannot be exported, a sentence for each field at fault with the events' places. */
  refusals(): string[] {
    return Array.from(
      this.#faults.values(),
      ({ first, places }) =>
        `${places.length} of ${this.events} sampled events cannot be exported: ${first} (${someOf(places)})`,
    );
  }

  #refused(fault: string, place: string): void {
    const path = /^in ([^:]+): /.exec(fault)?.[1] ?? '';
    const known = this.#faults.get(path);
    if (known) known.places.push(place);
    else this.#faults.set(path, { first: fault, places: [place] });
  }

  #look(path: string, field: MappedField, { values, records }: EventRecords): void {
    const raw = values[path];
    if (raw === null || raw === undefined) return;
    const { type } = field.elements[0]!.field.element;
    const names = field.elements.map(({ field: { element } }) => element.name);
    const sent = records
      .flatMap((record) => record.values)
      .find(({ element }) => names.includes(element.name));
    if (!sent) return;
    const { value } = sent;
    if (type.startsWith('dateTime') && !isUsual(value)) {
      const time = typeof value === 'string' ? value : `${shown(value)} ms since 1970`;
      this.#note(
        path,
        `${shown(raw)} is read as ${time}, outside ${yearMin} to ${yearMax}; ` +
          'check that "unit" is the unit of the number',
      );
    }
    if (type === 'ipv4Address' && field.unit === 'network order') {
      this.#note(
        path,
        `${shown(raw)} is read in network order, as ${shown(value)}; set ` +
          '"byteOrder": big if that is right, or else "byteOrder": little',
      );
    }
    if (typeof raw === 'string' && isInteger.test(type) && field.unit === '' && /^\d+$/.test(raw)) {
      const texts = this.#digits.get(path);
      if (texts) texts.push(raw);
      else this.#digits.set(path, [raw]);
    }
  }

  #note(path: string, said: string): void {
    if (!this.#found.has(path)) this.#found.set(path, said);
  }
}

function isUsual(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const year = Number(/^\d+/.exec(value)?.[0]);
  return year >= yearMin && year <= yearMax;
}

/** All of one width, and some of them filled up with zeros: as hexadecimal numbers are written. */
const isPadded = (texts: readonly string[]): boolean =>
  texts.every(({ length }) => length === texts[0]!.length) &&
  texts.some((text) => text.length > 1 && text.startsWith('0'));

function shown(value: unknown): string {
  if (typeof value === 'bigint' || typeof value === 'number') return String(value);
  return JSON.stringify(value).slice(0, 60);
}
