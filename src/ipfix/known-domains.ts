// What the Messages so far have declared, for each Transport Session and Observation Domain: Templates, and
// the types of elements. It has a bound, whatever is sent: what was declared longest ago is forgotten first.

import type { DecodedTemplate } from './decoded-message.ts';
import type { InformationElement } from './information-element.ts';

export interface Domain {
  /** The Templates by Template ID, the one declared longest ago first. */
  readonly templates: Map<number, DecodedTemplate>;
  /** The types by `elementKey`; null where two type records did not agree. */
  readonly types: Map<number, InformationElement | null>;
}

interface KnownDomainsOptions {
  /** Sessions × domains. */
  readonly domainsMax: number;
  /** Fields of Templates, and types of elements, of all domains together. */
  readonly fieldsMax: number;
}

/** Types of elements for each domain; further ones are not learned. */
export const typesMax = 1_024;

export class KnownDomains {
  /** The one that was declared something longest ago first. */
  readonly #domains = new Map<string, Domain>();
  readonly #options: KnownDomainsOptions;
  #fields = 0;

  constructor(options: KnownDomainsOptions) {
    this.#options = options;
  }

  get(key: string): Domain | undefined {
    return this.#domains.get(key);
  }

  /** Takes in what a Message declared of a domain. */
  tell(key: string, told: Iterable<DecodedTemplate>, types: Domain['types']): void {
    const domain = this.#domains.get(key) ?? { templates: new Map(), types: new Map() };
    this.#domains.delete(key);
    this.#domains.set(key, domain);
    for (const template of told) {
      this.forget(domain, template.templateId);
      domain.templates.set(template.templateId, template);
      this.#fields += template.fields.length;
    }
    for (const [element, type] of types) {
      if (!domain.types.has(element)) this.#fields += 1;
      domain.types.set(element, type);
    }
    this.#shrink(key, domain);
  }

  forget({ templates }: Domain, templateId: number): void {
    this.#fields -= templates.get(templateId)?.fields.length ?? 0;
    templates.delete(templateId);
  }

  #shrink(key: string, current: Domain): void {
    const { domainsMax, fieldsMax } = this.#options;
    for (const [oldest, { templates, types }] of this.#domains) {
      if (oldest === key) break;
      if (this.#domains.size <= domainsMax && this.#fields <= fieldsMax) return;
      for (const { fields } of templates.values()) this.#fields -= fields.length;
      this.#fields -= types.size;
      this.#domains.delete(oldest);
    }
    for (const templateId of current.templates.keys()) {
      if (this.#fields <= fieldsMax) return;
      this.forget(current, templateId);
    }
  }
}
