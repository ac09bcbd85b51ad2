// The Templates in use: what is told to the collector before data and again from time to time.
// At most `templatesMax` are active; the least recently used gives way, no event is refused for it.

import type { Template } from '../ipfix/template.ts';

export class ActiveTemplates {
  readonly #templatesMax: number;
  /** By Template ID, least recently used first; true once told to the collector. */
  readonly #active = new Map<number, { template: Template; announced: boolean }>();

  constructor(options: { templatesMax: number; known: readonly Template[] }) {
    this.#templatesMax = options.templatesMax;
    for (const template of options.known.slice(0, options.templatesMax)) this.use(template);
  }

  /** Notes the use of a Template and returns the one that was retired for it, if any. */
  use(template: Template): Template | undefined {
    const entry = this.#active.get(template.id) ?? { template, announced: false };
    this.#active.delete(template.id);
    this.#active.set(template.id, entry);
    if (this.#active.size <= this.#templatesMax) return undefined;
    const [oldest] = this.#active.values();
    this.#active.delete(oldest!.template.id);
    return oldest!.template;
  }

  /**
   * A Template that was retired while its last Frames waited to be sent is not announced either:
   * whoever sends them tells the collector again.
   */
  isAnnounced(template: Template): boolean {
    return this.#active.get(template.id)?.announced ?? false;
  }

  announced(templates: Iterable<Template>): void {
    for (const { id } of templates) {
      const entry = this.#active.get(id);
      if (entry) entry.announced = true;
    }
  }

  all(): Template[] {
    return Array.from(this.#active.values(), ({ template }) => template);
  }
}
