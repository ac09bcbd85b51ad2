// Times and durations of Avro as counts of the unit that an Information Element has.

import type { LeafType } from '../../../avro/leaves.ts';
import { EncodeError } from '../../../ipfix/abstract-type.ts';
import { decimalToNumber, durationMs } from './decimal-values.ts';
import type { Conversion, Convert, Form, PossibleConversion, ReadingOption } from './convert.ts';
import { MappingError } from '../mapping-error.ts';
import type { ElementSpec, TimeUnit } from '../mapping-spec.ts';
import { digitsOf, localToUtc, timeFromText, zoneFault } from './time-from-text.ts';
import { chained, unsignedFrom } from './unsigned-numbers.ts';

// Avro specification, "Logical Types": what an int or long of these counts.
const logicalUnits: Readonly<Record<string, TimeUnit>> = {
  'timestamp-millis': 'ms',
  'timestamp-micros': 'us',
  'timestamp-nanos': 'ns',
  'local-timestamp-millis': 'ms',
  'local-timestamp-micros': 'us',
  'local-timestamp-nanos': 'ns',
  'time-millis': 'ms',
  'time-micros': 'us',
};

/** The unit that the Avro type itself says; undefined where it says none. */
export function ownUnit(from: LeafType): TimeUnit | undefined {
  return 'logicalType' in from ? logicalUnits[from.logicalType ?? ''] : undefined;
}

const secondsADay = 86_400;

/** Points in time, as a count of `to` since 1970. Throws MappingError. */
export function timeConversion(
  from: LeafType,
  to: TimeUnit,
  spec: ElementSpec,
): PossibleConversion {
  const { zone } = spec;
  const wrong = zone === undefined ? undefined : zoneFault(zone);
  if (wrong !== undefined) throw new MappingError(wrong);
  const logical = 'logicalType' in from ? from.logicalType : undefined;
  if (from.kind === 'string') return logical ? undefined : textConversion(to, spec);
  if (logical === 'date') return { convert: daysTo(to) };
  if (logical?.startsWith('time-')) {
    throw new MappingError(`${logical} is a time of day without a date`);
  }
  const counted = countedIn(from, to, spec);
  if (!counted || !logical?.startsWith('local-')) return counted;
  const { convert } = counted;
  if (zone === undefined) {
    throw new MappingError(
      `Avro's ${logical} has no zone; add "zone", such as "UTC" or "Europe/Zurich"`,
    );
  }
  return {
    convert: (raw) => localToUtc(convert ? convert(raw) : raw, to, zone),
    uses: ['unit', 'zone'],
  };
}

function textConversion(to: TimeUnit, { format, zone, unit }: ElementSpec): Conversion {
  if (unit === 'bits') throw new MappingError(inBits);
  const uses: readonly ReadingOption[] =
    format === undefined
      ? ['unit', 'zone']
      : format === 'epoch'
        ? ['format', 'unit']
        : ['format', 'zone'];
  return { convert: (raw) => timeFromText(raw as string, { format, zone, unit }, to), uses };
}

const inBits = '"unit": a time is not counted in bits; use s, ms, us or ns';

/** A number that counts what its type says, or else what the mapping says, or else `to`. */
function countedIn(
  from: LeafType,
  to: TimeUnit,
  spec: Pick<ElementSpec, 'unit' | 'unsigned'>,
): PossibleConversion {
  const own = ownUnit(from);
  if (own !== undefined && spec.unit !== undefined && spec.unit !== own) {
    const { logicalType } = from as { readonly logicalType?: string };
    throw new MappingError(`Avro's ${logicalType} counts ${own}; remove "unit"`);
  }
  const unit = own ?? spec.unit ?? to;
  if (unit === 'bits') throw new MappingError(inBits);
  const scale = numericScale(from, unit, to);
  if (scale === null) return undefined;
  const unsigned = unsignedFrom(from);
  const uses: readonly ReadingOption[] = unsigned ? ['unit', 'unsigned'] : ['unit'];
  if (unsigned && spec.unsigned) return { convert: chained(unsigned, scale), uses };
  return { convert: scale, form: scaleForm(from, unit, to), uses };
}

/** Lengths of time, as a count of `to`. A date or a timestamp is none. Throws MappingError. */
export function durationConversion(
  from: LeafType,
  to: TimeUnit,
  spec: Pick<ElementSpec, 'unit' | 'unsigned'>,
): PossibleConversion {
  const logical = 'logicalType' in from ? from.logicalType : undefined;
  if (logical !== undefined && /^(?:date$|timestamp-|local-)/.test(logical)) return undefined;
  if (from.kind === 'fixed' && from.logicalType === 'duration') {
    const scale = rescaled('ms', to);
    const milliseconds = (raw: unknown) => durationMs(raw as Uint8Array);
    return { convert: scale ? (raw) => scale(milliseconds(raw)) : milliseconds };
  }
  return countedIn(from, to, spec);
}

/** Null where the Avro type is not a number. */
function numericScale(from: LeafType, unit: TimeUnit, to: TimeUnit): Convert | undefined | null {
  switch (from.kind) {
    case 'int':
    case 'long':
      return rescaled(unit, to);
    case 'float':
    case 'double':
      return rounded(unit, to, (raw) => raw as number);
    case 'bytes':
    case 'fixed':
      if (from.logicalType !== 'decimal') return null;
      return rounded(unit, to, (raw) => decimalToNumber(raw as Uint8Array, from.scale ?? 0));
    default:
      return null;
  }
}

/** What `numericScale` does; undefined where it does nothing, or what cannot be said. */
function scaleForm({ kind }: LeafType, unit: TimeUnit, to: TimeUnit): Form | undefined {
  const digits = digitsOf[to] - digitsOf[unit];
  if (kind === 'float' || kind === 'double') return { kind: 'rounded', factor: 10 ** digits };
  if ((kind !== 'int' && kind !== 'long') || digits === 0) return undefined;
  return { kind: digits > 0 ? 'times' : 'over', factor: 10 ** Math.abs(digits) };
}

/** A count of `from` as one of `to`: exact upwards, the whole ones downwards. */
function rescaled(from: TimeUnit, to: TimeUnit): Convert | undefined {
  const digits = digitsOf[to] - digitsOf[from];
  if (digits === 0) return undefined;
  const factor = 10 ** Math.abs(digits);
  const exactFactor = BigInt(factor);
  if (digits > 0) {
    return (raw) => {
      const product = typeof raw === 'number' ? raw * factor : Infinity;
      return Number.isSafeInteger(product) ? product : BigInt(raw as number) * exactFactor;
    };
  }
  return (raw) => {
    if (typeof raw === 'number') return Math.floor(raw / factor);
    const exact = raw as bigint;
    // BigInt's division goes towards zero.
    return exact < 0n ? (exact - exactFactor + 1n) / exactFactor : exact / exactFactor;
  };
}

// 1.234 × 1000 is not quite 1234 in a double: the nearest whole one is meant.
function rounded(from: TimeUnit, to: TimeUnit, read: (raw: unknown) => number): Convert {
  const factor = 10 ** (digitsOf[to] - digitsOf[from]);
  return (raw) => {
    const count = Math.round(read(raw) * factor);
    if (Number.isSafeInteger(count)) return count;
    throw new EncodeError(`${String(raw)} is too large for a double to be an exact time`);
  };
}

function daysTo(to: TimeUnit): Convert {
  const scale = rescaled('s', to);
  return (raw) => {
    const seconds = (raw as number) * secondsADay;
    return scale ? scale(seconds) : seconds;
  };
}
