// Template IDs come from content. Collectors cache Templates by address, domain and id, so an id
// given by order of arrival would, after a restart and one lost datagram, be read with the layout
// it had before, and nobody would notice.

import {
  templateIdCount,
  templateIdMin,
  optionsTemplateRecordOctets,
  templateRecordOctets,
  writeOptionsTemplateRecord,
  writeTemplateRecord,
  type FieldSpecifier,
  type Template,
} from '../../ipfix/template.ts';

export type Layout = readonly FieldSpecifier[];

interface TemplateIdsOptions {
  /** For how long the id of a retired Template means nothing else. */
  readonly restMs: number;
  readonly nowMs: () => number;
}

/** Ids tried one after the other; a table with room has no such run without a free one. */
const crowded = 64;

/** Of a stage that never retires a Template. */
const neverRests: TemplateIdsOptions = { restMs: Infinity, nowMs: () => 0 };

/**
 * 256 + a hash of the field list mod 65,280, the next free id on a collision. All layouts that can
 * come of the mappings known at the start are given then and take their ids in an order of their own
 * content, so that two processes agree even where two layouts collide, whichever they meet first.
 * (Where there are too many to list, those are given that are likely.)
 */
export class TemplateIds {
  readonly #templates = new Map<string, Template>();
  readonly #keyOfId = new Map<number, string>();
  /** The ids that rest, with the time since when, longest first. */
  readonly #retired = new Map<number, number>();
  readonly #options: TemplateIdsOptions;
  /** Rises when an id gets another meaning: what was remembered of Templates is stale then. */
  epoch = 0;

  constructor(layouts: Iterable<Layout>, options = neverRests) {
    this.#options = options;
    this.add(layouts);
  }

  /** Layouts that a mapping can bring, before the first of them is met. */
  add(layouts: Iterable<Layout>): void {
    const layoutOf = new Map(Array.from(layouts, (layout) => [keyOf(layout), layout]));
    for (const key of [...layoutOf.keys()].sort()) this.#find(key, layoutOf.get(key)!);
  }

  /** The Template of a layout: the same object for as long as its id means this layout. */
  templateOf(layout: Layout): Template {
    return this.#find(keyOf(layout), layout);
  }

  /** The Options Template of a layout whose first fields are its scope; from the same numbers. */
  optionsTemplateOf(layout: Layout, scopeFieldCount: number): Template {
    return this.#find(optionsKeyOf(layout, scopeFieldCount), layout, scopeFieldCount);
  }

  /** No longer in use: its id rests, then another layout may have it. */
  retire({ id }: Template): void {
    this.#retired.delete(id);
    this.#retired.set(id, this.#options.nowMs());
  }

  /** Marks an id as in use (again). */
  use({ id }: Template): void {
    this.#retired.delete(id);
  }

  #find(key: string, layout: Layout, scopeFieldCount?: number): Template {
    const known = this.#templates.get(key);
    if (known) return known;
    const scope = scopeFieldCount === undefined ? {} : { scopeFieldCount };
    const template = { id: this.#freeId(key), fields: layout, ...scope };
    this.#templates.set(key, template);
    this.#keyOfId.set(template.id, key);
    return template;
  }

  #freeId(key: string): number {
    let slot = fnv1a(key) % templateIdCount;
    for (let tried = 0; tried < templateIdCount; tried += 1) {
      const id = templateIdMin + slot;
      if (!this.#keyOfId.has(id) || this.#isRested(id)) return this.#freed(id);
      slot = (slot + 1) % templateIdCount;
      // This many in a row: nearly every id has a meaning. The one that has rested longest gives way
      // before an event is refused for its Shape.
      if (tried < crowded) continue;
      for (const longest of this.#retired.keys()) return this.#freed(longest);
    }
    throw new Error('all 65,280 Template IDs are taken');
  }

  #isRested(id: number): boolean {
    const since = this.#retired.get(id);
    return since !== undefined && this.#options.nowMs() - since >= this.#options.restMs;
  }

  #freed(id: number): number {
    const before = this.#keyOfId.get(id);
    if (before !== undefined) {
      this.#templates.delete(before);
      this.#keyOfId.delete(id);
      this.#retired.delete(id);
      this.epoch += 1;
    }
    return id;
  }
}

/** The Template Record's own octets, without an id: equal exactly where the layouts are. */
function keyOf(layout: Layout): string {
  const record = Buffer.alloc(templateRecordOctets(layout));
  writeTemplateRecord(record, 0, 0, layout);
  return record.toString('latin1');
}

/** By its scope count two octets longer than the others, so never the same as one of them. */
function optionsKeyOf(layout: Layout, scopeFieldCount: number): string {
  const record = Buffer.alloc(optionsTemplateRecordOctets(layout));
  writeOptionsTemplateRecord(record, 0, 0, layout, scopeFieldCount);
  return record.toString('latin1');
}

// FNV-1a in 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}
