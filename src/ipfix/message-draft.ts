// What one Message has declared so far. It comes before what was known, and becomes known only when the
// Message has turned out to be well-formed to its end (RFC 7011 §9.1).

import type { RecordContext } from './decode-record.ts';
import type { ElementLookup, TemplateListener } from './decode-template.ts';
import { canBe, elementKey, elementTold, isSameElement, keyTold } from './decode-type-record.ts';
import type {
  DecodedField,
  DecodedRecord,
  DecodedTemplate,
  UnknownSet,
} from './decoded-message.ts';
import type { InformationElement } from './information-element.ts';
import { type Domain, type KnownDomains, typesMax } from './known-domains.ts';

interface DraftOptions {
  readonly known: Domain | undefined;
  /** IANA's and the declared elements. */
  readonly elementOf: (enterpriseNumber: number, id: number) => InformationElement | undefined;
  readonly obeysWithdrawals: boolean;
}

export class MessageDraft implements RecordContext, TemplateListener {
  readonly octets: DataView;
  readonly templates: DecodedTemplate[] = [];
  readonly withdrawals: number[] = [];
  readonly records: DecodedRecord[] = [];
  readonly unknownSets: UnknownSet[] = [];
  dataRecordCount = 0;
  optionsRecordCount = 0;
  paddingOctets = 0;
  readonly #options: DraftOptions;
  /** The Templates of this Message by Template ID; undefined where one was withdrawn. */
  readonly #told = new Map<number, DecodedTemplate | undefined>();
  readonly #types: Domain['types'] = new Map();
  /** All Templates (2) or Options Templates (3) known from before were withdrawn. */
  readonly #withdrawn = new Set<2 | 3>();

  constructor(octets: DataView, options: DraftOptions) {
    this.octets = octets;
    this.#options = options;
  }

  told(template: DecodedTemplate): void {
    this.templates.push(template);
    // Told again it is the youngest, not where it was.
    this.#told.delete(template.templateId);
    this.#told.set(template.templateId, template);
  }

  withdrawn(templateId: number): void {
    this.withdrawals.push(templateId);
    if (!this.#options.obeysWithdrawals) return;
    if (templateId !== 2 && templateId !== 3) {
      this.#told.set(templateId, undefined);
      return;
    }
    this.#withdrawn.add(templateId);
    for (const [id, template] of this.#told) {
      if (template && template.options === (templateId === 3)) this.#told.delete(id);
    }
  }

  template(templateId: number, octets: number): DecodedTemplate | undefined {
    const { known } = this.#options;
    let template = this.#told.get(templateId);
    if (!template && !this.#told.has(templateId)) {
      template = known?.templates.get(templateId);
      if (template && this.#withdrawn.has(template.options ? 3 : 2)) return undefined;
    }
    const hasTypes = this.#types.size > 0 || (known !== undefined && known.types.size > 0);
    // Without a record there is nothing to type; and so this costs no more than the records do.
    return template && hasTypes && octets >= template.octetsMin ? this.#typed(template) : template;
  }

  /** Templates are kept only by declared elements: what is said of others may change. */
  readonly declared: ElementLookup = (enterpriseNumber, id) =>
    this.#options.elementOf(enterpriseNumber, id) ?? undeclared(enterpriseNumber, id);

  readonly lookup: ElementLookup = (enterpriseNumber, id, length) =>
    this.#options.elementOf(enterpriseNumber, id) ??
    this.#typeFor(elementKey(enterpriseNumber, id), length) ??
    undeclared(enterpriseNumber, id);

  /** Takes in Information Element type records. Elements that are known already stay as they are. */
  learnTypes(records: readonly DecodedRecord[]): void {
    const known = this.#options.known?.types.size ?? 0;
    for (const record of records) {
      const key = keyTold(record);
      const before = this.#typeOf(key);
      if (before === null) continue;
      if (before === undefined && this.#types.size + known >= typesMax) continue;
      const element = elementTold(record);
      if (!element || this.#options.elementOf(element.enterpriseNumber, element.id)) continue;
      if (!before) this.#types.set(key, element);
      else if (!isSameElement(before, element)) this.#types.set(key, null);
    }
  }

  commit(domains: KnownDomains, key: string): void {
    const { known, obeysWithdrawals } = this.#options;
    if (known && obeysWithdrawals && this.withdrawals.length > 0) {
      for (const [id, { options }] of known.templates) {
        const isWithdrawn = this.#told.has(id) && this.#told.get(id) === undefined;
        if (isWithdrawn || this.#withdrawn.has(options ? 3 : 2)) domains.forget(known, id);
      }
    }
    const told = [...this.#told.values()].filter((template) => template !== undefined);
    if (told.length > 0 || this.#types.size > 0) domains.tell(key, told, this.#types);
  }

  /** null where type records did not agree. */
  #typeOf(key: number): InformationElement | null | undefined {
    return this.#types.has(key) ? this.#types.get(key) : this.#options.known?.types.get(key);
  }

  #typeFor(key: number, length: number): InformationElement | undefined {
    const element = this.#typeOf(key);
    return element && canBe(element, length) ? element : undefined;
  }

  #typed(template: DecodedTemplate): DecodedTemplate {
    const fields = template.fields.map((field): DecodedField => {
      const { enterpriseNumber, id } = field.element;
      const element = this.#typeFor(elementKey(enterpriseNumber, id), field.length);
      if (!element) return field;
      return { ...field, element };
    });
    const isTyped = fields.some((field, i) => field !== template.fields[i]);
    return isTyped ? { ...template, fields } : template;
  }
}

/** An element that nobody declared is named "enterprise/id" and read as octets. */
function undeclared(enterpriseNumber: number, id: number): InformationElement {
  return {
    id,
    name: `${enterpriseNumber}/${id}`,
    type: 'octetArray',
    enterpriseNumber,
    semantics: '',
    units: '',
    range: '',
    deprecated: false,
  };
}
