// One entry of a mapping, bound: its element is found, its value is converted, its null has a meaning.

import type { LeafType } from '../../avro/leaves.ts';
import { EncodeError } from '../../ipfix/abstract-type.ts';
import type { InformationElement } from '../../ipfix/information-element.ts';
import { formOf } from './avro-forms.ts';
import type { CollectorProfile } from './collector-profile.ts';
import { impossibleText, impossibleValue } from './conversion/avro-values.ts';
import { timeUnitOf } from './conversion/conversion.ts';
import { type ReadingOption, readingOptions } from './conversion/convert.ts';
import { ownUnit } from './conversion/time-conversion.ts';
import { chosenElements, flowVersionOf } from './element-choice.ts';
import type { EventSources } from './event-source.ts';
import { FieldValues, isPreset, type ValueDefaults } from './field-value.ts';
import { mappedElement } from './mapped-element.ts';
import type { MappedBy, MappedElement, MappedField } from './mapped-field.ts';
import { MappingError } from './mapping-error.ts';
import type { ElementSpec } from './mapping-spec.ts';
import { nullMeaning } from './null-meaning.ts';

/** What is said once for all fields of a topic. */
interface TopicDefaults extends ValueDefaults {
  readonly zone: string | undefined;
  readonly profile: CollectorProfile;
}

export class FieldBinding {
  readonly #sources: EventSources;
  readonly #defaults: TopicDefaults;
  readonly #values: FieldValues;

  constructor(sources: EventSources, defaults: TopicDefaults) {
    this.#sources = sources;
    this.#defaults = defaults;
    this.#values = new FieldValues(sources, defaults);
  }

  /** Throws MappingError. */
  bind(path: string, written: ElementSpec, mappedBy: MappedBy): MappedField {
    const { zone, profile } = this.#defaults;
    const given = symbolsApart(written);
    const spec = zone === undefined ? given : { zone, ...given };
    const choice = chosenElements(spec);
    const elements = choice.elements.map((element) => mappedElement(element, spec, profile));
    checkProfile(elements, profile);
    // A preset is for whatever types its producer writes: what cannot be compared is not there.
    const isChecked = !isPreset(mappedBy);
    const { variants, avro } = this.#sources.at(path, spec);
    if (isChecked && path === '$constant' && written.nullValues) {
      throw new MappingError('"nullValues" has no effect on a constant; remove it');
    }
    if (isChecked && path !== '$constant') checkNullValues(variants, written, choice.elements);
    const target = { elements: choice.elements, mappedBy };
    const value = this.#values.of(path, spec, target);
    const uses = new Set(value.uses);
    const nulls = nullMeaning(value.nullable, spec, elements, (literal) => {
      const conversion = this.#values.literal(literal, spec, target);
      for (const use of conversion.uses ?? []) uses.add(use);
      return conversion.value;
    });
    if (isChecked) {
      checkUnused(path, given, choice.elements, nulls.omitNull);
      checkUnread(given, uses, choice.elements[0]!, avro);
    }
    checkSymbolsFit(spec, elements);
    return {
      path,
      avro,
      unit: unitText(variants, spec, choice.elements),
      zone: spec.zone,
      read: value.read,
      reads: [path, ...(spec.plus === undefined ? [] : [spec.plus]), ...(spec.fallback ?? [])],
      plain: value.plain,
      mappedBy,
      elementName: choice.name,
      choice: choice.by,
      elements,
      usually: choice.usually,
      ...nulls,
      group: spec.group ?? path,
      flowVersion: flowVersionOf(spec.element),
    };
  }
}

function checkProfile(elements: readonly MappedElement[], profile: CollectorProfile): void {
  for (const { field } of elements) {
    const problem = profile.faultOf(field);
    if (problem === undefined) continue;
    throw new MappingError(`${problem} (COLLECTOR_PROFILE=${profile.name})`, { isByProfile: true });
  }
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

/** What is said of a field without any effect. */
function checkUnused(
  path: string,
  spec: ElementSpec,
  elements: readonly InformationElement[],
  omitNull: boolean,
): void {
  const { name, type, value, as, semantic, group, fallback = [], optional } = spec;
  const isBeside = (one: string) => one === '$key' || one.startsWith('$header.');
  const [element] = elements;
  if (type !== undefined && elements.some((one) => one.type !== type)) {
    throw new MappingError(
      `"type" is ${type}, but ${spec.element} is ${element!.type}; remove "type"`,
    );
  }
  if (name !== undefined && elements.some((one) => one.name !== name)) {
    throw new MappingError(`"name" is for elements that are not in IANA's registry; remove it`);
  }
  if (value !== undefined && path !== '$constant') {
    throw new MappingError('"value" is for $constant; remove it');
  }
  if (as !== undefined && ![path, ...fallback].some(isBeside)) {
    throw new MappingError('"as" is for $key and $header.NAME; remove it');
  }
  if (semantic !== undefined && element!.type !== 'basicList') {
    throw new MappingError('"semantic" is for basicList; remove it');
  }
  if (group !== undefined && !omitNull && !optional) {
    throw new MappingError(
      '"group" is for fields that are left out where they are null; remove it',
    );
  }
}

function checkUnread(
  given: ElementSpec,
  uses: ReadonlySet<ReadingOption>,
  { name, type }: InformationElement,
  avro: string,
): void {
  const unread = readingOptions.find((option) => given[option] !== undefined && !uses.has(option));
  if (unread === undefined) return;
  throw new MappingError(
    `"${unread}" has no effect on ${name} (${type}) filled by Avro ${avro}; remove it`,
  );
}

/** A number of "symbols" that the element cannot hold. */
function checkSymbolsFit({ symbols, of }: ElementSpec, elements: readonly MappedElement[]): void {
  if (of !== undefined) return;
  const scratch = Buffer.alloc(symbolOctetsMax);
  for (const [symbol, meaning] of Object.entries(symbols ?? {})) {
    try {
      for (const { encode } of elements) encode(meaning, scratch, 0);
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error;
      throw new MappingError(`"symbols": ${symbol}: ${error.message}`);
    }
  }
}

/** The longest integer has 32. */
const symbolOctetsMax = 32;

/** The kind of value in a slot for an Avro type; octets are compared only as addresses. */
function valueKindOf({ kind }: LeafType): string | undefined {
  if (kind === 'string' || kind === 'enum') return 'string';
  if (kind === 'boolean') return 'boolean';
  return ['int', 'long', 'float', 'double'].includes(kind) ? 'number' : undefined;
}

/** What is said of values that mean null, and cannot be. */
function checkNullValues(
  variants: readonly LeafType[],
  { nullValues: given, symbols = {}, optional }: ElementSpec,
  elements: readonly InformationElement[],
): void {
  const absent = Object.keys(symbols).filter((symbol) => symbols[symbol] === null);
  if (absent.length > 0 && variants.every(({ kind }) => kind !== 'enum' && kind !== 'string')) {
    throw new MappingError(
      `"symbols" can contain null only for Avro enum and string; remove ${absent.join(', ')}`,
    );
  }
  if (given === undefined) return;
  const nullValues = [...given, ...absent];
  const isAddress = elements.some(({ type }) => type === 'ipv4Address' || type === 'ipv6Address');
  const all = variants.map((type) => valueKindOf(type) ?? (isAddress ? 'string' : undefined));
  const kinds = all.filter((kind) => kind !== undefined);
  if (kinds.length === 0) {
    throw new MappingError(
      `"nullValues" cannot be used with Avro ${variants.map(formOf).join(' or ')}; remove it`,
    );
  }
  const wrong = nullValues.find((value) => !kinds.includes(typeof value));
  if (wrong !== undefined) {
    throw new MappingError(
      `"nullValues": ${JSON.stringify(wrong)} is not of type ${kinds.join(' or ')}, unlike the values of the field`,
    );
  }
  const impossible = optional ? undefined : impossibleValue(variants, nullValues, isAddress);
  if (impossible !== undefined) {
    throw new MappingError(`"nullValues": ${impossibleText(variants, impossible)}; remove it`);
  }
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
