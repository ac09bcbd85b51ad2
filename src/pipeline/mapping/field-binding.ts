// One entry of a mapping, bound: its element is found, its value is converted, its null has a meaning.

import type { LeafType } from '../../avro/leaves.ts';
import { didYouMean } from '../../did-you-mean.ts';
import { EncodeError, naturalLength } from '../../ipfix/abstract-type.ts';
import { basicListField } from '../../ipfix/basic-list.ts';
import { plainField } from '../../ipfix/field-encoder.ts';
import { type InformationElement, isImpossibleReverse } from '../../ipfix/information-element.ts';
import { variableLength } from '../../ipfix/template.ts';
import { formOf } from './avro-forms.ts';
import { impossibleText, impossibleValue } from './conversion/avro-values.ts';
import { type CollectorProfile, generic } from './collector-profile.ts';
import { conversionOf, timeUnitOf } from './conversion/conversion.ts';
import { type Conversion, type ReadingOption, readingOptions } from './conversion/convert.ts';
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
  NullValues,
  PlainRead,
  PlainValue,
  ReadValue,
} from './mapped-field.ts';
import type { ElementSpec, SpecValue } from './mapping-spec.ts';
import { meansNull, nullMeaning } from './null-meaning.ts';
import { durationUnitOf } from './conversion/number-conversion.ts';
import { durationConversion, ownUnit } from './conversion/time-conversion.ts';

/** What is said once for all fields of a topic. */
export interface TopicDefaults {
  readonly zone: string | undefined;
  readonly nullValues: readonly SpecValue[];
  readonly unmapIPv4: boolean;
  readonly profile: CollectorProfile;
}

interface Value {
  readonly read: ReadValue;
  readonly plain: PlainRead | undefined;
  readonly nullable: boolean;
  readonly avro: string;
  readonly variants: readonly LeafType[];
  /** The options that the value, or what stands in for it, is read by. */
  readonly uses: ReadonlySet<ReadingOption>;
}

type Worded = Exclude<Conversion, { readonly problem: string }>;

interface Converted {
  readonly read: ReadValue;
  /** By the number of the Avro type at the path. */
  readonly conversions: readonly Worded[];
}

/** What a value is to fill. */
interface Target {
  readonly elements: readonly InformationElement[];
  readonly mappedBy: MappedBy;
}

/** `isByProfile`: the collecting program could not read it. */
export type Bound = MappedField | { readonly problem: string; readonly isByProfile?: true };

/** Elements relative to Export Time: a Message that is sent again would change their meaning. */
const refusedElements = new Set(['flowStartDeltaMicroseconds', 'flowEndDeltaMicroseconds']);

export class FieldBinding {
  readonly #sources: EventSources;
  readonly #defaults: TopicDefaults;

  constructor(sources: EventSources, defaults: TopicDefaults) {
    this.#sources = sources;
    this.#defaults = defaults;
  }

  bind(path: string, written: ElementSpec, mappedBy: MappedBy): Bound {
    const given = symbolsApart(written);
    const spec = given.zone === undefined ? { ...given, ...this.#zone() } : given;
    const choice = chosen(spec);
    if (typeof choice === 'string') return { problem: choice };
    const alternatives = choice.by === 'nothing' ? [choice.element] : [choice.ipv4, choice.ipv6];
    const { profile } = this.#defaults;
    const elements = mappedElements(alternatives, spec, profile);
    if (typeof elements === 'string') return { problem: elements };
    const unread = elements.map(({ field }) => profile.faultOf(field)).find((problem) => problem);
    if (unread !== undefined) {
      return { problem: `${unread} (COLLECTOR_PROFILE=${profile.name})`, isByProfile: true };
    }
    // A preset is for whatever types its producer writes: what cannot be compared is not there.
    const isPreset = mappedBy.startsWith('preset');
    const wrong = isPreset ? undefined : this.#nullValuesFault(path, written, alternatives);
    if (wrong !== undefined) return { problem: wrong };
    const value = this.#value(path, spec, { elements: alternatives, mappedBy });
    if ('problem' in value) return value;
    const uses = new Set(value.uses);
    const nulls = nullMeaning(value.nullable, spec, elements, (literal) =>
      this.#literal(literal, spec, { elements: alternatives, mappedBy }, uses),
    );
    if ('problem' in nulls) return nulls;
    const unused = isPreset
      ? undefined
      : (unusedOption(path, given, alternatives, nulls.omitNull) ??
        unreadOption(given, { ...value, uses }, alternatives));
    if (unused !== undefined) return { problem: unused };
    const refused = refusedSymbol(spec, elements);
    if (refused !== undefined) return { problem: refused };
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
    if (path === '$constant') {
      return spec.nullValues && '"nullValues" has no meaning for a constant; remove it';
    }
    const source = this.#sources.at(path, spec);
    // That there is no such source is said elsewhere.
    return typeof source === 'string'
      ? undefined
      : nullValuesFault(source.variants, spec, elements);
  }

  #zone(): Pick<ElementSpec, 'zone'> {
    return this.#defaults.zone === undefined ? {} : { zone: this.#defaults.zone };
  }

  #value(path: string, spec: ElementSpec, target: Target): Value | { readonly problem: string } {
    const { elements, mappedBy } = target;
    const source = this.#sources.at(path, spec);
    if (typeof source === 'string') return { problem: source };
    const isConstant = path === '$constant';
    const nullValues = [...(spec.nullValues ?? []), ...this.#defaults.nullValues];
    const nulls = isConstant ? undefined : meansNull(nullValues, elements);
    const main = this.#converted(source, spec, target);
    if ('problem' in main) return main;
    const uses = new Set(main.conversions.flatMap((one) => one.uses ?? []));
    let read: ReadValue = withNulls(main.read, source, nulls);
    let nullable = source.nullable || nulls !== undefined;
    const value = plainValue(path, source, main);
    let plain: PlainRead | undefined = value && { ...value, nulls, plus: undefined };
    if (spec.plus !== undefined) {
      const sum = this.#plus(read, spec, spec.plus, target);
      if ('problem' in sum) return sum;
      read = sum.read;
      plain = plain && sum.plus && { ...plain, plus: sum.plus };
      nullable ||= sum.nullable;
    }
    for (const instead of spec.fallback ?? []) {
      const other = this.#fallback(instead, spec, target);
      if ('problem' in other) return { problem: `"fallback": ${instead}: ${other.problem}` };
      if (!nullable && !spec.optional && !mappedBy.startsWith('preset')) {
        const problem = 'is never read, because what stands before it cannot be null; remove it';
        return { problem: `"fallback": ${instead}: ${problem}` };
      }
      for (const use of other.uses) uses.add(use);
      read = firstOf(read, other.read);
      plain = undefined;
      nullable &&= other.nullable;
    }
    return { read, plain, nullable, avro: source.avro, variants: source.variants, uses };
  }

  #fallback(path: string, spec: ElementSpec, target: Target) {
    const { elements } = target;
    const source = this.#sources.at(path, spec);
    if (typeof source === 'string') return { problem: source };
    // It may count in another unit than the field it stands in for, when its type says so.
    const { unit, ...unitless } = spec;
    const ownUnits = source.variants.some((variant) => ownUnit(variant) !== undefined);
    const said = ownUnits || unit === undefined ? unitless : spec;
    const nulls = meansNull([...(spec.nullValues ?? []), ...this.#defaults.nullValues], elements);
    const converted = this.#converted(source, said, target);
    if ('problem' in converted) return converted;
    const nullable = source.nullable || nulls !== undefined;
    const uses = converted.conversions.flatMap((one) => one.uses ?? []);
    return { read: withNulls(converted.read, source, nulls), nullable, uses };
  }

  /** The value as the encoders want it; null stays null. */
  #converted(
    source: EventSource,
    spec: ElementSpec,
    target: Target,
  ): Converted | { readonly problem: string } {
    const conversions: Worded[] = [];
    const { unit, ...unitless } = spec;
    const isPreset = target.mappedBy.startsWith('preset');
    for (const variant of source.variants) {
      // A preset says the unit for types that have none of their own.
      const isOwn = unit !== undefined && isPreset && countsByItself(variant);
      const options = this.#options(isOwn ? unitless : spec, target);
      const conversion = conversionOf(variant, options);
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

  #options(spec: ElementSpec, target: Target) {
    const item = spec.of === undefined ? undefined : singleElement(spec.of);
    const absent = new Set<unknown>([...(spec.nullValues ?? []), ...this.#defaults.nullValues]);
    return { spec, item, absent, unmapIPv4: this.#defaults.unmapIPv4, ...target };
  }

  // field × times + plus; for times, plus is a duration.
  #plus(
    read: ReadValue,
    spec: ElementSpec,
    path: string,
    target: Target,
  ): (Pick<Value, 'read' | 'nullable'> & Pick<PlainRead, 'plus'>) | { problem: string } {
    const source = this.#sources.at(path);
    if (typeof source === 'string') return { problem: `"plus": ${path}: ${source}` };
    const element = target.elements[0]!;
    const isTime = timeUnitOf(element) !== undefined;
    const { times = 1, plusUnit: unit } = spec;
    if (!isTime && !/^(?:un)?signed/.test(element.type)) {
      return { problem: `"plus" has no meaning for ${element.name} (${element.type}); remove it` };
    }
    if (isTime && times !== 1) {
      return { problem: `"times" has no meaning for ${element.name}, which is a time; remove it` };
    }
    const conversions: Worded[] = [];
    const to = timeUnitOf(element) ?? durationUnitOf(element);
    for (const variant of source.variants) {
      const conversion = to
        ? durationConversion(variant, to, unit === undefined ? {} : { unit })
        : conversionOf(variant, this.#options({ element: spec.element }, target));
      if ('problem' in conversion) {
        const problem = conversion.problem || `Avro ${formOf(variant)} is no duration`;
        return { problem: `"plus": ${path}: ${problem.replace('"unit"', '"plusUnit"')}` };
      }
      conversions.push(conversion);
    }
    if (unit !== undefined && !conversions.some(({ uses }) => uses?.includes('unit'))) {
      const types = source.variants.map(formOf).join(' or ');
      return { problem: `"plusUnit" has no meaning for ${path} (Avro ${types}); remove it` };
    }
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
    target: Target,
    uses: Set<ReadingOption>,
  ): unknown {
    const source = this.#sources.at('$constant', { value: written });
    if (typeof source === 'string') throw new EncodeError('null is no value');
    const conversion = conversionOf(source.variants[0]!, this.#options(spec, target));
    const { name, type } = target.elements[0]!;
    // An address in a mapping is written as text.
    const isNumber = type === 'ipv4Address' && typeof written === 'number';
    if ('problem' in conversion || isNumber) {
      throw new EncodeError(`no value of ${name} (${type})`);
    }
    for (const use of conversion.uses ?? []) uses.add(use);
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
  profile: CollectorProfile,
): MappedElement[] | string {
  const mapped: MappedElement[] = [];
  for (const element of elements) {
    const one =
      element.type === 'basicList'
        ? listElement(element, spec)
        : plainElement(element, spec, profile);
    if (typeof one === 'string') return one;
    mapped.push(one);
  }
  return mapped;
}

/** An element by its field's own words: how long it is sent, and how it is written. */
export function plainElement(
  element: InformationElement,
  spec: ElementSpec,
  profile: CollectorProfile = generic,
): MappedElement | string {
  const natural = naturalLength(element.type);
  const usual = profile.lengthOf(element);
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
  if (spec.length !== undefined) return '"length" has no meaning for a list; remove it';
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

/** Symbols that stand for null are values that mean null; the others are left to stand for numbers. */
function symbolsApart(spec: ElementSpec): ElementSpec {
  const { symbols, ...rest } = spec;
  const entries = Object.entries(symbols ?? {});
  const absent = entries.flatMap(([symbol, meaning]) => (meaning === null ? [symbol] : []));
  if (absent.length === 0) return spec;
  const others = entries.filter(([, meaning]) => meaning !== null);
  return {
    ...rest,
    nullValues: [...(spec.nullValues ?? []), ...absent],
    ...(others.length > 0 && { symbols: Object.fromEntries(others) }),
  };
}

/** The type says itself what it counts. */
const countsByItself = (type: LeafType): boolean =>
  ownUnit(type) !== undefined ||
  ('logicalType' in type && ['date', 'duration'].includes(type.logicalType));

/** What is said of a field without any effect; undefined where all has one. */
function unusedOption(
  path: string,
  spec: ElementSpec,
  elements: readonly InformationElement[],
  omitNull: boolean,
): string | undefined {
  const { name, type, value, as, semantic, group, fallback = [], optional } = spec;
  const isBeside = (one: string) => one === '$key' || one.startsWith('$header.');
  const [element] = elements;
  if (type !== undefined && elements.some((one) => one.type !== type)) {
    return `"type" is ${type}, but ${spec.element} is ${element!.type}; remove "type"`;
  }
  if (name !== undefined && elements.some((one) => one.name !== name)) {
    return `"name" is for elements that are not in IANA's registry; remove it`;
  }
  if (value !== undefined && path !== '$constant') return '"value" is for $constant; remove it';
  if (as !== undefined && ![path, ...fallback].some(isBeside)) {
    return '"as" is for $key and $header.NAME; remove it';
  }
  if (semantic !== undefined && element!.type !== 'basicList') {
    return '"semantic" is for basicList; remove it';
  }
  if (group !== undefined && !omitNull && !optional) {
    return '"group" is for fields that are left out where they are null; remove it';
  }
  return undefined;
}

function unreadOption(
  given: ElementSpec,
  { variants, uses }: Pick<Value, 'variants' | 'uses'>,
  elements: readonly InformationElement[],
): string | undefined {
  const unread = readingOptions.find((option) => given[option] !== undefined && !uses.has(option));
  if (unread === undefined) return undefined;
  const { name, type } = elements[0]!;
  const types = variants.map(formOf).join(' or ');
  return `"${unread}" has no meaning for ${name} (${type}) filled by Avro ${types}; remove it`;
}

/** A number of "symbols" that the element cannot hold. */
function refusedSymbol(
  { symbols, of }: ElementSpec,
  elements: readonly MappedElement[],
): string | undefined {
  if (of !== undefined) return undefined;
  const scratch = Buffer.alloc(symbolOctetsMax);
  for (const [symbol, meaning] of Object.entries(symbols ?? {})) {
    try {
      for (const { encode } of elements) encode(meaning, scratch, 0);
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error;
      return `"symbols": ${symbol}: ${error.message}`;
    }
  }
  return undefined;
}

/** The longest integer has 32. */
const symbolOctetsMax = 32;

/** The kind of value in a slot for an Avro type; octets are compared only as addresses. */
function valueKindOf({ kind }: LeafType): string | undefined {
  if (kind === 'string' || kind === 'enum') return 'string';
  if (kind === 'boolean') return 'boolean';
  return ['int', 'long', 'float', 'double'].includes(kind) ? 'number' : undefined;
}

function nullValuesFault(
  variants: readonly LeafType[],
  { nullValues: given, symbols = {}, optional }: ElementSpec,
  elements: readonly InformationElement[],
): string | undefined {
  const absent = Object.keys(symbols).filter((symbol) => symbols[symbol] === null);
  if (absent.length > 0 && variants.every(({ kind }) => kind !== 'enum' && kind !== 'string')) {
    return `"symbols" can have null for Avro enum and string only; remove ${absent.join(', ')}`;
  }
  const nullValues = given && [...given, ...absent];
  if (nullValues === undefined) return undefined;
  const isAddress = elements.some(({ type }) => type === 'ipv4Address' || type === 'ipv6Address');
  const kinds = variants.map(
    (variant) => valueKindOf(variant) ?? (isAddress ? 'string' : undefined),
  );
  if (kinds.every((kind) => kind === undefined)) {
    return `"nullValues" cannot be said of Avro ${variants.map(formOf).join(' or ')}; remove it`;
  }
  const wrong = nullValues.find((value) => !kinds.includes(typeof value));
  if (wrong === undefined) {
    const impossible = optional ? undefined : impossibleValue(variants, nullValues, isAddress);
    return impossible === undefined
      ? undefined
      : `"nullValues": ${impossibleText(variants, impossible)}; remove it`;
  }
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
    for (const part of [value, more]) {
      if (typeof part === 'number' && !Number.isInteger(part)) {
        throw new EncodeError(`${part} is not a whole number, so that nothing can be added`);
      }
    }
    return BigInt(value as number) * BigInt(times) + BigInt(more as number);
  };
}

function unitText(
  variants: readonly LeafType[],
  spec: ElementSpec,
  elements: readonly InformationElement[],
): string {
  const { unit, format, base, byteOrder } = spec;
  const to = timeUnitOf(elements[0]!);
  const type = elements[0]!.type;
  const units = variants.map((variant) => {
    const { kind } = variant;
    if (type === 'ipv4Address') {
      const isNumber = kind === 'int' || kind === 'long';
      return isNumber ? (byteOrder ? `${byteOrder}-endian` : 'network order') : '';
    }
    if (kind === 'string' && base !== undefined) return `base ${base}`;
    if (to === undefined) return unit ?? '';
    if (kind === 'string') return textUnit(format, unit);
    if ('logicalType' in variant && variant.logicalType === 'date') return 'days';
    return ownUnit(variant) ?? unit ?? to;
  });
  return [...new Set(units)].join(' or ');
}

function textUnit(format: ElementSpec['format'], unit: ElementSpec['unit']): string {
  if (format === 'epoch') return `epoch ${unit ?? 's'}`;
  if (format !== undefined) return format;
  return unit === undefined ? 'text' : `text or ${unit}`;
}
