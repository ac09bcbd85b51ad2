// The value of a mapped field: read where the mapping says, converted to what the encoders of its elements
// take, with what is added to it and what stands in for it.

import type { LeafType } from '../../avro/leaves.ts';
import { EncodeError } from '../../ipfix/abstract-type.ts';
import type { InformationElement } from '../../ipfix/information-element.ts';
import { formOf } from './avro-forms.ts';
import { conversionOf, timeUnitOf } from './conversion/conversion.ts';
import type { Conversion, ReadingOption } from './conversion/convert.ts';
import { durationUnitOf } from './conversion/number-conversion.ts';
import { durationConversion, ownUnit } from './conversion/time-conversion.ts';
import type { EventSource, EventSources } from './event-source.ts';
import { itemElement } from './mapped-element.ts';
import type {
  EventValues,
  MappedBy,
  NullValues,
  PlainRead,
  PlainValue,
  ReadValue,
} from './mapped-field.ts';
import { attempt, MappingError, reworded } from './mapping-error.ts';
import type { ElementSpec, SpecValue } from './mapping-spec.ts';
import { meansNull } from './null-meaning.ts';

interface FieldValue {
  readonly read: ReadValue;
  readonly plain: PlainRead | undefined;
  readonly nullable: boolean;
  /** The options that the value, or what stands in for it, is read by. */
  readonly uses: readonly ReadingOption[];
}

/** What a value is to fill. */
interface Target {
  readonly elements: readonly InformationElement[];
  readonly mappedBy: MappedBy;
}

/** What is said once for the values of all fields of a topic. */
export interface ValueDefaults {
  readonly nullValues: readonly SpecValue[];
  readonly unmapIPv4: boolean;
}

export const isPreset = (mappedBy: MappedBy): boolean => mappedBy.startsWith('preset');

export class FieldValues {
  readonly #sources: EventSources;
  readonly #defaults: ValueDefaults;

  constructor(sources: EventSources, defaults: ValueDefaults) {
    this.#sources = sources;
    this.#defaults = defaults;
  }

  /** The value of the field at `path`; null stays null. Throws MappingError. */
  of(path: string, spec: ElementSpec, target: Target): FieldValue {
    const first = this.#at(path, spec, target);
    const sum = spec.plus === undefined ? first : this.#sum(first, spec.plus, spec, target);
    return (spec.fallback ?? []).reduce(
      (value, instead) =>
        reworded(
          (problem) => `"fallback": ${instead}: ${problem}`,
          () => this.#orElse(value, instead, spec, target),
        ),
      sum,
    );
  }

  /** A value as it is written in a mapping, as the encoders take it. Throws MappingError. */
  literal(written: SpecValue, spec: ElementSpec, target: Target): Conversion & { value: unknown } {
    if (written === null) throw new MappingError('null is not a value');
    const { variants } = this.#sources.at('$constant', { value: written });
    const conversion = attempt(() => this.#conversion(variants[0]!, spec, target));
    const { name, type } = target.elements[0]!;
    // An address in a mapping is written as text.
    const isNumber = type === 'ipv4Address' && typeof written === 'number';
    if (conversion instanceof MappingError || isNumber) {
      throw new MappingError(`not a value of ${name} (${type})`);
    }
    const { convert } = conversion;
    return { ...conversion, value: convert ? convert(written) : written };
  }

  #at(path: string, spec: ElementSpec, target: Target): FieldValue {
    const source = this.#sources.at(path, spec);
    const nulls = path === '$constant' ? undefined : meansNull(this.#absent(spec), target.elements);
    const conversions = source.variants.map((variant) =>
      // A preset says the unit for types that have none of their own.
      isPreset(target.mappedBy) && countsByItself(variant)
        ? this.#conversion(variant, withoutUnit(spec), target)
        : this.#conversion(variant, spec, target),
    );
    const plain = plainValue(path, source, conversions);
    return {
      read: withNulls(converted(source, conversions), source, nulls),
      plain: plain && { ...plain, nulls, plus: undefined },
      nullable: source.nullable || nulls !== undefined,
      uses: conversions.flatMap(({ uses = [] }) => uses),
    };
  }

  /** field × times + plus; for times, plus is a duration. */
  #sum(value: FieldValue, path: string, spec: ElementSpec, target: Target): FieldValue {
    const inPlus = (problem: string) => `"plus": ${path}: ${problem}`;
    const source = reworded(inPlus, () => this.#sources.at(path));
    const { times = 1, plusUnit: unit } = spec;
    const { name, type } = target.elements[0]!;
    const timeUnit = timeUnitOf(target.elements[0]!);
    if (timeUnit === undefined && !/^(?:un)?signed/.test(type)) {
      throw new MappingError(`"plus" has no effect on ${name} (${type}); remove it`);
    }
    if (timeUnit !== undefined && times !== 1) {
      throw new MappingError(`"times" has no effect on ${name}, which is a time; remove it`);
    }
    const to = timeUnit ?? durationUnitOf(target.elements[0]!);
    const conversions = source.variants.map((variant) =>
      reworded(
        (problem) => inPlus(problem.replace('"unit"', '"plusUnit"')),
        () => {
          if (!to) return this.#conversion(variant, { element: spec.element }, target);
          const duration = durationConversion(variant, to, unit === undefined ? {} : { unit });
          if (duration) return duration;
          throw new MappingError(`Avro ${formOf(variant)} is not a duration`);
        },
      ),
    );
    if (unit !== undefined && !conversions.some(({ uses }) => uses?.includes('unit'))) {
      throw new MappingError(
        `"plusUnit" has no effect on ${path} (Avro ${source.avro}); remove it`,
      );
    }
    const plus = plainValue(path, source, conversions);
    return {
      ...value,
      read: sumOf(value.read, times, converted(source, conversions)),
      plain: value.plain && plus && { ...value.plain, plus: { ...plus, times } },
      nullable: value.nullable || source.nullable,
    };
  }

  #orElse(value: FieldValue, path: string, spec: ElementSpec, target: Target): FieldValue {
    // It may count in another unit than the field it stands in for, when its type says so.
    const hasUnit = this.#sources.at(path, spec).variants.some((type) => ownUnit(type));
    const other = this.#at(path, hasUnit ? withoutUnit(spec) : spec, target);
    if (!value.nullable && !spec.optional && !isPreset(target.mappedBy)) {
      throw new MappingError(
        'is never used, because the fields before it cannot be null; remove it',
      );
    }
    return {
      read: firstOf(value.read, other.read),
      plain: undefined,
      nullable: value.nullable && other.nullable,
      uses: [...value.uses, ...other.uses],
    };
  }

  #absent({ nullValues = [] }: ElementSpec): SpecValue[] {
    return [...nullValues, ...this.#defaults.nullValues];
  }

  #conversion(from: LeafType, spec: ElementSpec, target: Target): Conversion {
    return conversionOf(from, {
      ...target,
      spec,
      item: spec.of === undefined ? undefined : itemElement(spec.of),
      absent: new Set<unknown>(this.#absent(spec)),
      unmapIPv4: this.#defaults.unmapIPv4,
    });
  }
}

function withoutUnit(spec: ElementSpec): ElementSpec {
  const { unit, ...rest } = spec;
  return unit === undefined ? spec : rest;
}

/** The type says itself what it counts. */
const countsByItself = (type: LeafType): boolean =>
  ownUnit(type) !== undefined ||
  ('logicalType' in type && ['date', 'duration'].includes(type.logicalType));

/** Reads the value and converts it by the Avro type that it has. */
function converted(
  { read, variantOf }: EventSource,
  conversions: readonly Conversion[],
): ReadValue {
  const converts = conversions.map(({ convert }) => convert);
  const [only] = converts;
  if (converts.every((convert) => convert === undefined)) return read;
  if (converts.length === 1 && only) {
    return (event) => {
      const raw = read(event);
      return raw === null ? null : only(raw);
    };
  }
  return (event) => {
    const raw = read(event);
    const convert = raw === null ? undefined : converts[variantOf(event)];
    return convert ? convert(raw) : raw;
  };
}

/** Undefined for what is beside the value, for several types, and for conversions without a form. */
function plainValue(
  path: string,
  { variants }: EventSource,
  [conversion]: readonly Conversion[],
): PlainValue | undefined {
  const [type, ...more] = variants;
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
        throw new EncodeError(`${part} is not a whole number, so nothing can be added to it`);
      }
    }
    return BigInt(value as number) * BigInt(times) + BigInt(more as number);
  };
}
