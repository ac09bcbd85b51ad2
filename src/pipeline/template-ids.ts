// Template IDs come from content. Collectors cache Templates by address, domain and id, so an id
// given by order of arrival would, after a restart and one lost datagram, be read with the layout
// it had before, and nobody would notice.

import {
  templateIdCount,
  templateIdMin,
  templateRecordOctets,
  writeTemplateRecord,
  type FieldSpecifier,
} from '../ipfix/template.ts';

type Layout = readonly FieldSpecifier[];

/**
 * 256 + a hash of the field list mod 65,280, the next free id on a collision. All layouts that can
 * come of the mappings are given at the start and take their ids in an order of their own content,
 * so that two processes agree even where two layouts collide, whichever they meet first. (Where
 * there are too many to list, those are given that are likely.)
 */
export class TemplateIds {
  readonly #idOf = new Map<string, number>();
  readonly #taken = new Set<number>();

  constructor(layouts: Iterable<Layout>) {
    for (const key of Array.from(layouts, keyOf).sort()) this.#take(key);
  }

  idOf(layout: Layout): number {
    const key = keyOf(layout);
    return this.#idOf.get(key) ?? this.#take(key);
  }

  #take(key: string): number {
    const known = this.#idOf.get(key);
    if (known !== undefined) return known;
    if (this.#taken.size === templateIdCount) throw new Error('all 65,280 Template IDs are taken');
    let slot = fnv1a(key) % templateIdCount;
    while (this.#taken.has(templateIdMin + slot)) slot = (slot + 1) % templateIdCount;
    const id = templateIdMin + slot;
    this.#taken.add(id);
    this.#idOf.set(key, id);
    return id;
  }
}

/** The Template Record's own octets, without an id: equal exactly where the layouts are. */
function keyOf(layout: Layout): string {
  const record = Buffer.alloc(templateRecordOctets(layout));
  writeTemplateRecord(record, 0, 0, layout);
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
