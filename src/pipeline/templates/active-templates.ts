// The Templates in use: what is sent to the collector before data and again from time to time.
// At most `templatesMax` are active; the least recently used gives way, no event is refused for it.

import type { Template } from '../../ipfix/template.ts';
import type { TemplateIds } from './template-ids.ts';

/** RFC 7011 §8.4: a Template goes out several times before its first use, UDP may lose one. */
const udpCopies = 2;

/** A Template in use, for the status page. */
export interface TemplateSeen {
  readonly id: number;
  /** The topics of the events in them. */
  readonly topics: readonly string[];
  /** The names of its elements, in their order. */
  readonly elements: readonly string[];
  /** Data Records of it that left, since it is in use. */
  readonly records: number;
}

interface Entry {
  readonly template: Template;
  told: number;
  /** Data Records of it that left. */
  records: number;
  readonly topics: Set<string>;
}

export class ActiveTemplates {
  /** How often a Template is sent before its first use. */
  readonly copies: number;
  readonly #templatesMax: number;
  readonly #ids: TemplateIds | undefined;
  /** The Templates by Template ID, least recently used first, with how often each was sent to the collector. */
  readonly #active = new Map<number, Entry>();
  /** The one used last. */
  #youngest: Template | undefined;
  /** Those that no other one makes give way. */
  readonly #kept = new Map<number, Entry>();

  /** `ids` learns what is retired, so that the id can rest and be given again. */
  constructor(options: {
    templatesMax: number;
    known: readonly Template[];
    ids?: TemplateIds;
    copies?: number;
  }) {
    this.copies = options.copies ?? udpCopies;
    this.#templatesMax = options.templatesMax;
    this.#ids = options.ids;
    for (const template of options.known.slice(0, options.templatesMax)) this.use(template);
  }

  /** Notes the use of a Template and returns the one that was retired for it, if any. */
  use(template: Template): Template | undefined {
    if (this.#youngest === template) return undefined;
    this.#youngest = template;
    let entry = this.#active.get(template.id);
    if (!entry) {
      entry = { template, told: 0, records: 0, topics: new Set() };
      this.#ids?.use(template);
    }
    this.#active.delete(template.id);
    this.#active.set(template.id, entry);
    if (this.#active.size <= this.#templatesMax) return undefined;
    const [oldest] = this.#active.values();
    this.#active.delete(oldest!.template.id);
    this.#ids?.retire(oldest!.template);
    return oldest!.template;
  }

  /** Keeps a Template in use for good, in addition to the `templatesMax` others: an Options Template, used now and then. */
  keep(template: Template): void {
    if (!this.#kept.has(template.id))
      this.#kept.set(template.id, { template, told: 0, records: 0, topics: new Set() });
  }

  /**
   * A Template that was retired while its last Frames waited to be sent is not announced either:
   * the sender sends them to the collector again.
   */
  isAnnounced(template: Template): boolean {
    const entry = this.#entry(template.id);
    return entry?.template === template && entry.told >= this.copies;
  }

  /** One copy of each of these left. */
  told(templates: Iterable<Template>): void {
    for (const template of templates) {
      const entry = this.#entry(template.id);
      // Its id may have been given to another one while the Messages waited to leave.
      if (entry?.template === template) entry.told += 1;
    }
  }

  /** The number of its Data Records that were sent; the topic of the events is empty where there is none. */
  sent(template: Template, records: number, topic: string): void {
    const entry = this.#entry(template.id);
    if (!entry) return;
    entry.records += records;
    if (topic !== '') entry.topics.add(topic);
  }

  /** A new session knows none of them. */
  forget(): void {
    for (const entry of [...this.#active.values(), ...this.#kept.values()]) entry.told = 0;
  }

  all(): Template[] {
    return Array.from(
      [...this.#active.values(), ...this.#kept.values()],
      (entry) => entry.template,
    );
  }

  /** The Templates in use, for the status page. */
  seen(): TemplateSeen[] {
    return Array.from(
      [...this.#active.values(), ...this.#kept.values()],
      ({ template, records, topics }) => ({
        id: template.id,
        topics: [...topics],
        elements: namesOf(template),
        records,
      }),
    );
  }

  #entry(id: number): Entry | undefined {
    return this.#active.get(id) ?? this.#kept.get(id);
  }
}

const namesOf = ({ fields }: Template): string[] => fields.map(({ element }) => element.name);
