// From what an event holds to what an encoder takes: for each pair of an Avro type and an element the
// way from one to the other, or why there is none.

import type { LeafType } from '../../../avro/leaves.ts';
import { EncodeError } from '../../../ipfix/abstract-type.ts';
import type { AbstractType, InformationElement } from '../../../ipfix/information-element.ts';
import { naturalLength } from '../../../ipfix/abstract-type.ts';
import {
  addressFromText,
  ipv4FromNumber,
  macFromNumber,
  macFromText,
} from './address-from-text.ts';
import { isMapped } from './address-octets.ts';
import { formOf } from '../avro-forms.ts';
import type { Conversion, PossibleConversion } from './convert.ts';
import { MappingError } from '../mapping-error.ts';
import type { MappedBy } from '../mapped-field.ts';
import type { ElementSpec, TimeUnit } from '../mapping-spec.ts';
import { octetsFromHex } from './number-from-text.ts';
import { booleanConversion, floatConversion, integerConversion } from './number-conversion.ts';
import { timeConversion } from './time-conversion.ts';

interface ConversionOptions {
  /** The elements to fill: one, or IPv4's and IPv6's. */
  readonly elements: readonly InformationElement[];
  readonly spec: ElementSpec;
  /** The element of a basicList's items. */
  readonly item: InformationElement | undefined;
  /** IPv4 addresses in IPv6 form become IPv4's. */
  readonly unmapIPv4: boolean;
  /** Values that mean null and so need no other meaning. */
  readonly absent: ReadonlySet<unknown>;
  readonly mappedBy: MappedBy;
}

const unitOfTimes: Readonly<Partial<Record<AbstractType, TimeUnit>>> = {
  dateTimeSeconds: 's',
  dateTimeMilliseconds: 'ms',
  dateTimeMicroseconds: 'us',
  dateTimeNanoseconds: 'ns',
};

/** The unit in which an element's times are counted. */
export const timeUnitOf = ({ type }: InformationElement): TimeUnit | undefined => unitOfTimes[type];

/** Throws MappingError. */
export function conversionOf(from: LeafType, options: ConversionOptions): Conversion {
  const found = conversionFor(from, options);
  if (found) return found;
  const { name, type } = options.elements[0]!;
  throw new MappingError(
    `Avro ${formOf(from)} cannot fill ${name} (${type}); use one of ${formsFor(type).join(', ')}, ` +
      'or map another element',
  );
}

function conversionFor(from: LeafType, options: ConversionOptions): PossibleConversion {
  const { elements, spec } = options;
  const element = elements[0]!;
  if (from.kind === 'array' && element.type !== 'basicList' && !spec.symbols) {
    throw new MappingError(
      'is an array; map one of its items, as "path.0", or all of them to basicList',
    );
  }
  if (from.kind === 'map') {
    throw new MappingError('is a map; map one of its keys, as "path.key"');
  }
  const to = timeUnitOf(element);
  if (to !== undefined) return timeConversion(from, to, spec);
  switch (element.type) {
    case 'ipv4Address':
    case 'ipv6Address':
      return addressConversion(from, options);
    case 'macAddress':
      return macConversion(from);
    case 'string':
      return textConversion(from);
    case 'octetArray':
      return octetsConversion(from, spec);
    case 'boolean':
      return booleanConversion(from);
    case 'float32':
    case 'float64':
      return floatConversion(from);
    case 'basicList':
      return listConversion(from, options);
    case 'subTemplateList':
    case 'subTemplateMultiList':
      throw new MappingError(`${element.name} (${element.type}) cannot be filled by a field`);
    default:
      return integerConversion(from, element, spec, options.absent);
  }
}

/** What can fill each type, for the fault that says what cannot. */
function formsFor(type: AbstractType): readonly string[] {
  switch (type) {
    case 'ipv4Address':
    case 'ipv6Address':
      return ['bytes', 'fixed', 'string', ...(type === 'ipv4Address' ? ['int', 'long'] : [])];
    case 'macAddress':
      return ['bytes', 'fixed', 'string', 'long'];
    case 'string':
      return ['string', 'enum', 'int', 'long'];
    case 'octetArray':
      return ['bytes', 'fixed', 'string'];
    case 'boolean':
      return ['boolean', 'int', 'string'];
    case 'float32':
    case 'float64':
      return ['float', 'double', 'int', 'long', 'decimal', 'string'];
    case 'dateTimeSeconds':
    case 'dateTimeMilliseconds':
    case 'dateTimeMicroseconds':
    case 'dateTimeNanoseconds':
      return ['int', 'long', 'double', 'string'];
    case 'basicList':
      return ['array'];
    default:
      return ['int', 'long', 'double', 'decimal', 'string', 'enum'];
  }
}

function addressConversion(from: LeafType, options: ConversionOptions): PossibleConversion {
  const { elements, unmapIPv4 } = options;
  const lengths = elements.map(({ type }) => naturalLength(type));
  // An element that is only of IPv6 keeps what it is given.
  const unmaps = unmapIPv4 && lengths.includes(4);
  if (from.kind === 'string' && from.logicalType === undefined) {
    const parse = (raw: unknown) => addressFromText(raw as string);
    const form = { kind: 'address', unmaps } as const;
    return { convert: unmaps ? (raw) => unmapped(parse(raw)) : parse, form };
  }
  if (from.kind === 'int' || from.kind === 'long') return numberedAddress(from, options);
  if (!octetsConversion(from, {}) || from.kind === 'string') return undefined;
  if (from.kind === 'fixed' && !lengths.includes(from.size) && !(unmaps && from.size === 16)) {
    const names = elements.map(({ name }) => name).join(' or ');
    throw new MappingError(
      `fixed of ${from.size} octets cannot fill ${names} (${lengths.join(' or ')} octets)`,
    );
  }
  return unmaps ? { convert: unmapped, form: { kind: 'unmapped' } } : { convert: undefined };
}

/** An address as a number can have either order of its octets; nothing in it says which. */
function numberedAddress(
  from: LeafType,
  { elements, spec, mappedBy }: ConversionOptions,
): PossibleConversion {
  if ('logicalType' in from || elements[0]!.type !== 'ipv4Address') return undefined;
  const kind = from.kind === 'int' ? 'int' : 'long';
  if (spec.byteOrder === undefined && mappedBy === 'name') {
    throw new MappingError(
      `is an address as Avro ${kind}, and its name alone does not say in which order; ` +
        'map it with "byteOrder": big (network order) or little, or drop it',
    );
  }
  const order = spec.byteOrder ?? 'big';
  return { convert: (raw) => ipv4FromNumber(raw as number, kind, order), uses: ['byteOrder'] };
}

function unmapped(raw: unknown): unknown {
  const octets = raw as Uint8Array;
  return octets.length === 16 && isMapped(octets, 0) ? octets.subarray(12) : raw;
}

function macConversion(from: LeafType): PossibleConversion {
  switch (from.kind) {
    case 'string':
      if (from.logicalType) return undefined;
      return { convert: (raw) => macFromText(raw as string), form: { kind: 'mac' } };
    case 'long':
      if (from.logicalType) return undefined;
      return { convert: (raw) => macFromNumber(raw as number | bigint) };
    case 'fixed':
      if (from.size === 6) return { convert: undefined };
      throw new MappingError(`fixed of ${from.size} octets is not a MAC address (6 octets)`);
    default:
      return octetsConversion(from, {});
  }
}

function textConversion(from: LeafType): PossibleConversion {
  switch (from.kind) {
    case 'string':
    case 'enum':
      return { convert: undefined };
    case 'int':
    case 'long':
      return from.logicalType ? undefined : { convert: String };
    case 'fixed':
      return from.logicalType === 'uuid' ? { convert: uuidText } : undefined;
    default:
      return undefined;
  }
}

// RFC 9562 §4
function uuidText(raw: unknown): string {
  const hex = Buffer.from(raw as Uint8Array).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function octetsConversion(
  from: LeafType,
  { length, base }: Pick<ElementSpec, 'length' | 'base'>,
): PossibleConversion {
  switch (from.kind) {
    case 'fixed':
      if (from.logicalType === 'decimal' || from.logicalType === 'duration') return undefined;
      if (length === undefined || length === from.size) return { convert: undefined };
      throw new MappingError(`fixed of ${from.size} octets cannot have the "length" ${length}`);
    case 'bytes':
      return from.logicalType === undefined ? { convert: undefined } : undefined;
    case 'string':
      if (from.logicalType !== undefined) return undefined;
      if (base === 16) return { convert: (raw) => octetsFromHex(raw as string), uses: ['base'] };
      if (base !== undefined) throw new MappingError(`"base": ${base} is not for octets; use 16`);
      return {
        convert: (raw) => Buffer.from(raw as string, 'utf8'),
        form: { kind: 'utf8' },
        uses: ['base'],
      };
    default:
      return undefined;
  }
}

function listConversion(from: LeafType, options: ConversionOptions): PossibleConversion {
  const { item } = options;
  if (from.kind !== 'array') return undefined;
  if (!item) throw new MappingError('a basicList needs "of": the element of its items');
  const { items } = from;
  if (items.kind === 'null' || items.kind === 'union' || items.kind === 'array') {
    throw new MappingError(
      `an array of ${formOf(items)} cannot fill a basicList; its items need one type`,
    );
  }
  // An item cannot be absent.
  const ofItem = { ...options, elements: [item], item: undefined, absent: new Set() };
  const { convert, uses = [] } = conversionOf(items, ofItem);
  if (!convert) return { convert: undefined, uses };
  return {
    uses,
    convert: (raw) =>
      (raw as unknown[]).map((value) => {
        if (value === null) throw new EncodeError('an item of the list is null');
        return convert(value);
      }),
  };
}
