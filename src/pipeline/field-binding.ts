// One entry of a mapping, bound: its element is found, its value is converted, its null has a meaning.

import type { LeafType } from '../avro/leaves.ts';
import { didYouMean } from '../did-you-mean.ts';
import { EncodeError, naturalLength } from '../ipfix/abstract-type.ts';
import { basicListField } from '../ipfix/basic-list.ts';
import { plainField } from '../ipfix/field-encoder.ts';
import { type InformationElement, isImpossibleReverse } from '../ipfix/information-element.ts';
import { variableLength } from '../ipfix/template.ts';
import { formOf } from './avro-forms.ts';
import { conversionOf, timeUnitOf } from './conversion.ts';
import type { Conversion } from './convert.ts';
import {
  elementChoice,
  flowVersionOf,
  knownElementNames,
  numberedElement,
  type ElementChoice,
} from './element-choice.ts';
import type { EventSource, EventSources } from './event-source.ts';
import type {
  EventValues,
  MappedBy,
  MappedElement,
  MappedField,
  PlainRead,
  PlainValue,
  ReadValue,
} from './mapped-field.ts';
import type { ElementSpec, SpecValue } from './mapping-spec.ts';
import { meansNull, nullMeaning, type NullValues } from './null-meaning.ts';
import { durationConversion, ownUnit } from './time-conversion.ts';

/** What is said once for all fields of a topic. */
export interface TopicDefaults {
  readonly zone: string | undefined;
  readonly nullValues: readonly SpecValue[];
  readonly unmapIPv4: boolean;
}

interface Value {
  readonly read: ReadValue;
  readonly plain: PlainRead | undefined;
  readonly nullable: boolean;
  readonly avro: string;
  readonly variants: readonly LeafType[];
}

type Worded = Exclude<Conversion, { readonly problem: string }>;

interface Converted {
  readonly read: ReadValue;
  /** By the number of the Avro type at the path. */
  readonly conversions: readonly Worded[];
}

export type Bound = MappedField | { readonly problem: string };

/** Elements relative to Export Time: a Message that is sent again would change their meaning. */
const refusedElements = new Set(['flowStartDeltaMicroseconds', 'flowEndDeltaMicroseconds']);

export class FieldBinding {
  readonly #sources: EventSources;
  readonly #defaults: TopicDefaults;

  constructor(sources: EventSources, defaults: TopicDefaults) {
    this.#sources = sources;
    this.#defaults = defaults;
  }

  bind(path: string, given: ElementSpec, mappedBy: MappedBy): Bound {
    const spec = given.zone === undefined ? { ...given, ...this.#zone() } : given;
    const choice = chosen(spec);
    if (typeof choice === 'string') return { problem: choice };
    const alternatives = choice.by === 'nothing' ? [choice.element] : [choice.ipv4, choice.ipv6];
    const elements = mappedElements(alternatives, spec);
    if (typeof elements === 'string') return { problem: elements };
    // A preset is for whatever types its producer writes: what cannot be compared is not there.
    const isPreset = mappedBy.startsWith('preset');
    const wrong = isPreset ? undefined : this.#nullValuesFault(path, spec, alternatives);
    if (wrong !== undefined) return { problem: wrong };
    const value = this.#value(path, spec, alternatives);
    if ('problem' in value) return value;
    const nulls = nullMeaning(value.nullable, spec, elements, (written) =>
      this.#literal(written, spec, alternatives),
    );
    if ('problem' in nulls) return nulls;
    return {
      path,
      avro: value.avro,
      unit: unitText(value.variants, spec, alternatives),
      zone: spec.zone,
      read: value.read,
      reads: [path, ...(spec.plus === undefined ? [] : [spec.plus]), ...(spec.fallback ?? [])],
      plain: value.plain,
      mappedBy,
      elementName: choice.by === 'nothing' ? choice.element.name : spec.element,
      choice: choice.by,
      elements,
      usually: choice.by === 'nothing' ? 'flow' : choice.usually,
      ...nulls,
      group: spec.group ?? path,
      flowVersion: flowVersionOf(spec.element),
    };
  }

  #nullValuesFault(
    path: string,
    spec: ElementSpec,
    elements: readonly InformationElement[],
  ): string | undefined {
    const source = this.#sources.at(path, spec);
    // That there is no such source is said elsewhere.
    return typeof source === 'string'
      ? undefined
      : nullValuesFault(source.variants, spec, elements);
  }

  #zone(): Pick<ElementSpec, 'zone'> {
    return this.#defaults.zone === undefined ? {} : { zone: this.#defaults.zone };
  }

  #value(
    path: string,
    spec: ElementSpec,
    elements: readonly InformationElement[],
  ): Value | { readonly problem: string } {
    const source = this.#sources.at(path, spec);
    if (typeof source === 'string') return { problem: source };
    const isConstant = path === '$constant';
    const nullValues = [...(spec.nullValues ?? []), ...this.#defaults.nullValues];
    const nulls = isConstant ? undefined : meansNull(nullValues, elements);
    const main = this.#converted(source, spec, elements);
    if ('problem' in main) return main;
    let read: ReadValue = withNulls(main.read, source, nulls);
    let nullable = source.nullable || nulls !== undefined;
    const value = plainValue(path, source, main);
    let plain: PlainRead | undefined = value && { ...value, nulls, plus: undefined };
    if (spec.plus !== undefined) {
      const sum = this.#plus(read, spec, spec.plus, elements);
      if ('problem' in sum) return sum;
      read = sum.read;
      plain = plain && sum.plus && { ...plain, plus: sum.plus };
      nullable ||= sum.nullable;
    }
    for (const instead of spec.fallback ?? []) {
      const other = this.#fallback(instead, spec, elements);
      if ('problem' in other) return { problem: `"fallback": ${instead}: ${other.problem}` };
      read = firstOf(read, other.read);
      plain = undefined;
      nullable &&= other.nullable;
    }
    return { read, plain, nullable, avro: source.avro, variants: source.variants };
  }

  #fallback(path: string, spec: ElementSpec, elements: readonly InformationElement[]) {
    const source = this.#sources.at(path, spec);
    if (typeof source === 'string') return { problem: source };
    // It may count in another unit than the field it stands in for, when its type says so.
    const { unit, ...unitless } = spec;
    const ownUnits = source.variants.some((variant) => ownUnit(variant) !== undefined);
    const said = ownUnits || unit === undefined ? unitless : spec;
    const nulls = meansNull([...(spec.nullValues ?? []), ...this.#defaults.nullValues], elements);
    const converted = this.#converted(source, said, elements);
    if ('problem' in converted) return converted;
    const nullable = source.nullable || nulls !== undefined;
    return { read: withNulls(converted.read, source, nulls), nullable };
  }

  /** The value as the encoders want it; null stays null. */
  #converted(
    source: EventSource,
    spec: ElementSpec,
    elements: readonly InformationElement[],
  ): Converted | { readonly problem: string } {
    const conversions: Worded[] = [];
    for (const variant of source.variants) {
      const conversion = conversionOf(variant, { ...this.#options(spec), elements });
      if ('problem' in conversion) return conversion;
      conversions.push(conversion);
    }
    const { read, variantOf } = source;
    const converts = conversions.map(({ convert }) => convert);
    if (converts.every((convert) => convert === undefined)) return { read, conversions };
    const [only] = converts;
    if (converts.length === 1 && only) {
      return {
        conversions,
        read: (event) => {
          const raw = read(event);
          return raw === null ? null : only(raw);
        },
      };
    }
    return {
      conversions,
      read: (event) => {
        const raw = read(event);
        const convert = raw === null ? undefined : converts[variantOf(event)];
        return convert ? convert(raw) : raw;
      },
    };
  }

  #options(spec: ElementSpec) {
    const item = spec.of === undefined ? undefined : singleElement(spec.of);
    return { spec, item, unmapIPv4: this.#defaults.unmapIPv4 };
  }

  // field × times + plus; for times, plus is a duration.
  #plus(
    read: ReadValue,
    spec: ElementSpec,
    path: string,
    elements: readonly InformationElement[],
  ): (Pick<Value, 'read' | 'nullable'> & Pick<PlainRead, 'plus'>) | { problem: string } {
    const source = this.#sources.at(path);
    if (typeof source === 'string') return { problem: `"plus": ${path}: ${source}` };
    const conversions: Worded[] = [];
    const to = timeUnitOf(elements[0]!);
    for (const variant of source.variants) {
      const conversion = to
        ? durationConversion(variant, to, spec.plusUnit)
        : conversionOf(variant, { ...this.#options({ element: spec.element }), elements });
      if ('problem' in conversion) {
        const problem = conversion.problem || `Avro ${formOf(variant)} is no duration`;
        return { problem: `"plus": ${path}: ${problem}` };
      }
      conversions.push(conversion);
    }
    const { times = 1 } = spec;
    const added: ReadValue = (event) => {
      const raw = source.read(event);
      const convert = raw === null ? undefined : conversions[source.variantOf(event)]?.convert;
      return convert ? convert(raw) : raw;
    };
    const value = plainValue(path, source, { conversions });
    const plus = value && { ...value, times };
    return { read: sumOf(read, times, added), nullable: source.nullable, plus };
  }

  /** A value as it is written in a mapping, as the encoders want it. */
  #literal(
    written: SpecValue,
    spec: ElementSpec,
    elements: readonly InformationElement[],
  ): unknown {
    const source = this.#sources.at('$constant', { value: written });
    if (typeof source === 'string') throw new EncodeError('null is no value');
    const conversion = conversionOf(source.variants[0]!, { ...this.#options(spec), elements });
    if ('problem' in conversion)
      throw new EncodeError(`no value of ${elements[0]!.name} (${elements[0]!.type})`);
    return conversion.convert ? conversion.convert(written) : written;
  }
}

/** The elements a name stands for, or why there are none. */
function chosen(spec: ElementSpec): ElementChoice | string {
  const numbered = numberedElement(spec);
  if (typeof numbered === 'string') return numbered;
  const choice: ElementChoice | undefined = numbered
    ? { by: 'nothing', element: numbered }
    : elementChoice(spec.element);
  if (!choice) {
    const near = didYouMean(spec.element, knownElementNames());
    const mend = near === undefined ? 'see the IANA IPFIX registry' : `did you mean "${near}"?`;
    return `"${spec.element}" is not an Information Element; ${mend}`;
  }
  if (choice.by === 'nothing' && refusedElements.has(choice.element.name)) {
    return `${choice.element.name} is relative to Export Time; use an absolute time element`;
  }
  if (choice.by === 'nothing' && isImpossibleReverse(choice.element)) {
    return `${choice.element.name} does not exist: it has no direction (RFC 5103 §6.1); map another element`;
  }
  return choice;
}

function singleElement(name: string): InformationElement | undefined {
  const choice = chosen({ element: name });
  return typeof choice === 'string' || choice.by !== 'nothing' ? undefined : choice.element;
}

function mappedElements(
  elements: readonly InformationElement[],
  spec: ElementSpec,
): MappedElement[] | string {
  const mapped: MappedElement[] = [];
  for (const element of elements) {
    const one =
      element.type === 'basicList' ? listElement(element, spec) : plainElement(element, spec);
    if (typeof one === 'string') return one;
    mapped.push(one);
  }
  return mapped;
}

/**
 * Octets in which an element is sent where the mapping says none and its natural length is not read
 * by all: pmacct 1.7.7 takes the first octet of tcpControlBits, which in two octets is never set.
 */
const usualLengths: ReadonlyMap<string, number> = new Map([
  ['tcpControlBits', 1],
  ['reverseTcpControlBits', 1],
]);

/** An element by its field's own words: how long it is sent, and how it is written. */
export function plainElement(
  element: InformationElement,
  spec: ElementSpec,
): MappedElement | string {
  const natural = naturalLength(element.type);
  const usual = usualLengths.get(element.name) ?? natural;
  const field = { element, length: spec.length ?? usual ?? 0 };
  const encoder = plainField(field);
  if (encoder) return encoder;
  if (spec.length === undefined || natural === undefined) {
    return `${element.name} is ${element.type}, which is not supported yet`;
  }
  const lengths = natural === variableLength ? 'any' : `${natural} or, for integers, fewer`;
  return `${element.name} (${element.type}) cannot be sent in ${spec.length} octets; ${lengths}`;
}

function listElement(element: InformationElement, spec: ElementSpec): MappedElement | string {
  if (spec.of === undefined) return 'a basicList needs "of": the element that its items are';
  const item = singleElement(spec.of);
  if (!item)
    return `"of": "${spec.of}" is not one Information Element; see the IANA IPFIX registry`;
  const itemField = { element: item, length: naturalLength(item.type) ?? 0 };
  const encoder = plainField(itemField);
  if (!encoder) return `"of": ${item.type} cannot be in a list`;
  return basicListField(element, encoder, { semantic: spec.semantic ?? 'undefined' });
}

/** Undefined for what is beside the value, for several types, and for conversions without a form. */
function plainValue(
  path: string,
  { variants }: EventSource,
  { conversions }: Pick<Converted, 'conversions'>,
): PlainValue | undefined {
  const [type, ...more] = variants;
  const [conversion] = conversions;
  if (path.startsWith('$') || !type || !conversion || more.length > 0) return undefined;
  const { convert, form } = conversion;
  return convert && !form ? undefined : { path, type, form };
}

function withNulls(read: ReadValue, source: EventSource, nulls: NullValues): ReadValue {
  if (!nulls) return read;
  const { raw, octets } = nulls;
  if (octets.length === 0) return (event) => (raw.has(source.read(event)) ? null : read(event));
  return (event) => {
    if (raw.has(source.read(event))) return null;
    const value = read(event);
    return value instanceof Uint8Array && octets.some((same) => same.equals(value)) ? null : value;
  };
}

/** The kind of value in a slot for an Avro type; octets are compared only as addresses. */
function valueKindOf({ kind }: LeafType): string | undefined {
  if (kind === 'string' || kind === 'enum') return 'string';
  if (kind === 'boolean') return 'boolean';
  return ['int', 'long', 'float', 'double'].includes(kind) ? 'number' : undefined;
}

function nullValuesFault(
  variants: readonly LeafType[],
  { nullValues }: ElementSpec,
  elements: readonly InformationElement[],
): string | undefined {
  if (nullValues === undefined) return undefined;
  const isAddress = elements.some(({ type }) => type === 'ipv4Address' || type === 'ipv6Address');
  const kinds = variants.map(
    (variant) => valueKindOf(variant) ?? (isAddress ? 'string' : undefined),
  );
  if (kinds.every((kind) => kind === undefined)) {
    return `"nullValues" cannot be said of Avro ${variants.map(formOf).join(' or ')}; remove it`;
  }
  const wrong = nullValues.find((value) => !kinds.includes(typeof value));
  if (wrong === undefined) return undefined;
  const wanted = kinds.filter((kind) => kind !== undefined).join(' or ');
  return `"nullValues": ${JSON.stringify(wrong)} is no ${wanted}, as the field's values are`;
}

const firstOf =
  (first: ReadValue, second: ReadValue): ReadValue =>
  (event) =>
    first(event) ?? second(event);

function sumOf(read: ReadValue, times: number, added: ReadValue): ReadValue {
  return (event: EventValues) => {
    const value = read(event);
    if (value === null) return null;
    const more = added(event);
    if (more === null) return null;
    // Beyond it, the one would run into the other's place, as an ICMP code into the type.
    if (times > 1 && ((more as number) < 0 || (more as number) >= times)) {
      throw new EncodeError(`${more as number} is not from 0 to ${times - 1}`);
    }
    if (typeof value === 'number' && typeof more === 'number') {
      const sum = value * times + more;
      if (Number.isSafeInteger(sum)) return sum;
    }
    return BigInt(value as number) * BigInt(times) + BigInt(more as number);
  };
}

function unitText(
  variants: readonly LeafType[],
  spec: ElementSpec,
  elements: readonly InformationElement[],
): string {
  if (spec.unit !== undefined) return spec.unit;
  const to = timeUnitOf(elements[0]!);
  if (to === undefined) return '';
  const units = variants.map((variant) => {
    if (variant.kind === 'string') return spec.format ?? 'text';
    return ownUnit(variant) ?? to;
  });
  return [...new Set(units)].join(' or ');
}
