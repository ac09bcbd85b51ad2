// Values of Avro as whole numbers and as floating point, for the elements that count and identify.

import type { LeafType } from '../../../avro/leaves.ts';
import { EncodeError } from '../../../ipfix/abstract-type.ts';
import type { InformationElement } from '../../../ipfix/information-element.ts';
import type { Conversion, Convert, PossibleConversion } from './convert.ts';
import { decimalToInteger, decimalToNumber } from './decimal-values.ts';
import { MappingError } from '../mapping-error.ts';
import type { ElementSpec, SpecValue, TimeUnit } from '../mapping-spec.ts';
import { decimalFromText, integerFromText } from './number-from-text.ts';
import { protocolNumber } from './protocol-numbers.ts';
import { durationConversion, ownUnit } from './time-conversion.ts';
import { unsignedFrom } from './unsigned-numbers.ts';

const durationUnits: Readonly<Record<string, TimeUnit>> = {
  seconds: 's',
  milliseconds: 'ms',
  microseconds: 'us',
  nanoseconds: 'ns',
};

/** The unit in which an element counts a length of time. */
export const durationUnitOf = ({ units }: InformationElement): TimeUnit | undefined =>
  durationUnits[units];

/**
 * Elements whose numbers are often written in base 16, and without a sign of it: sets of bits, and these.
 * Their digits in text are never taken for decimal ones unless the mapping says so.
 */
const oftenHexadecimal: ReadonlySet<string> = new Set([
  'ethernetType',
  'flowLabelIPv6',
  'forwardingStatus',
  'ipClassOfService',
  'postIpClassOfService',
]);
const mayBeHexadecimal = ({ semantics, name }: InformationElement): boolean =>
  semantics === 'flags' || oftenHexadecimal.has(name);

/** What words mean where they are said of these elements. */
const wordsOf: Readonly<Record<string, (word: string) => SpecValue | undefined>> = {
  protocolIdentifier: protocolNumber,
  flowDirection: (word) => ({ ingress: 0, egress: 1 })[word.toLowerCase()],
};

/** For unsigned and signed integers. Throws MappingError. */
export function integerConversion(
  from: LeafType,
  element: InformationElement,
  spec: ElementSpec,
  absent: ReadonlySet<unknown>,
): PossibleConversion {
  const { symbols, unit } = spec;
  checkSymbols(spec, element);
  if (from.kind === 'array')
    return symbols && bitsConversion(from.items as LeafType, element, spec);
  const builtIn = wordsOf[element.name];
  const meaningOf = (word: string) =>
    symbols && Object.hasOwn(symbols, word) ? symbols[word] : builtIn?.(word);
  if (from.kind === 'enum') return symbolsConversion(from.symbols, meaningOf, absent);
  if (from.kind === 'string' && (symbols || builtIn)) {
    return from.logicalType === undefined ? textWords(element, spec, meaningOf) : undefined;
  }
  if (unit === 'bits') return octetsOfBits(from, element, spec);
  const to = durationUnitOf(element);
  if (to !== undefined) return durationConversion(from, to, spec);
  return ownUnit(from) === undefined ? whole(from, element, spec) : undefined;
}

function whole(from: LeafType, element: InformationElement, spec: ElementSpec): PossibleConversion {
  switch (from.kind) {
    case 'int':
    case 'long': {
      const unsigned = unsignedFrom(from);
      if (!unsigned) return undefined;
      const uses = ['unsigned'] as const;
      if (!spec.unsigned) return { convert: undefined, uses };
      const form = from.kind === 'int' ? ({ kind: 'unsigned' } as const) : undefined;
      return { convert: unsigned, form, uses };
    }
    case 'float':
    case 'double':
      return { convert: undefined };
    case 'string': {
      if (from.logicalType !== undefined) return undefined;
      const { base } = spec;
      if (base === undefined && mayBeHexadecimal(element)) {
        throw new MappingError(baseUnsaid(element));
      }
      return { convert: (raw) => integerFromText(raw as string, base), uses: ['base'] };
    }
    case 'bytes':
    case 'fixed': {
      if (from.logicalType !== 'decimal') return undefined;
      const { scale = 0 } = from;
      return { convert: (raw) => decimalToInteger(raw as Uint8Array, scale) };
    }
    default:
      return undefined;
  }
}

const baseUnsaid = ({ name }: InformationElement): string =>
  `digits in text can be decimal or hexadecimal for ${name}; set "base": 10 or "base": 16`;

// What symbols of an enum, and texts, stand for are numbers.
function checkSymbols({ symbols = {} }: ElementSpec, { name }: InformationElement): void {
  for (const [symbol, meaning] of Object.entries(symbols)) {
    if (Number.isSafeInteger(meaning)) continue;
    throw new MappingError(
      `"symbols": ${JSON.stringify(meaning)} for ${symbol} is not a whole number; ` +
        `write the number that ${name} has for it`,
    );
  }
}

/** An array of symbols is a set of bits. */
function bitsConversion(
  items: LeafType,
  element: InformationElement,
  spec: ElementSpec,
): PossibleConversion {
  // An item cannot be absent.
  const item = integerConversion(items, element, spec, new Set());
  if (!item?.uses?.includes('symbols')) return undefined;
  return { convert: bitsOf(item.convert), uses: item.uses };
}

function symbolsConversion(
  symbols: readonly string[],
  meaningOf: (word: string) => SpecValue | undefined,
  absent: ReadonlySet<unknown>,
): Conversion {
  const meanings = new Map(symbols.map((symbol) => [symbol, meaningOf(symbol)]));
  const unknown = symbols.filter(
    (symbol) => !absent.has(symbol) && meanings.get(symbol) === undefined,
  );
  if (unknown.length > 0) {
    throw new MappingError(
      `no number is known for ${unknown.join(', ')}; set each one in "symbols": to its number, or to null ` +
        `if it means that the value is absent, as in "symbols": {"${unknown[0]}": null}`,
    );
  }
  return {
    convert: (raw) => meanings.get(raw as string),
    form: { kind: 'symbols', meanings: [...meanings.values()] },
    uses: ['symbols'],
  };
}

function textWords(
  element: InformationElement,
  { base }: ElementSpec,
  meaningOf: (word: string) => SpecValue | undefined,
): Conversion {
  const isUnsaid = base === undefined && mayBeHexadecimal(element);
  return {
    convert: (raw) => {
      const text = raw as string;
      const meaning = meaningOf(text);
      if (meaning !== undefined) return meaning;
      if (isUnsaid && /^(?:0x)?[\da-f]+$/i.test(text)) throw new EncodeError(baseUnsaid(element));
      return integerFromText(text, base);
    },
    uses: ['symbols', 'base'],
  };
}

/** Where the upper half of 64 bits begins. */
const upperBits = 2 ** 32;

function bitsOf(convert: Convert | undefined): Convert {
  return (raw) => {
    let low = 0;
    let high = 0;
    for (const item of raw as unknown[]) {
      if (item === null) throw new EncodeError('an item is null');
      const bits = convert ? convert(item) : item;
      if (typeof bits !== 'number' || !Number.isSafeInteger(bits) || bits < 0) {
        throw new EncodeError(`${String(bits)} is not a set of bits`);
      }
      low = (low | (bits % upperBits)) >>> 0;
      high = (high | Math.floor(bits / upperBits)) >>> 0;
    }
    return high * upperBits + low;
  };
}

function octetsOfBits(
  from: LeafType,
  element: InformationElement,
  spec: ElementSpec,
): PossibleConversion {
  if (element.units !== 'octets') {
    throw new MappingError(
      `"unit": "bits" has no effect on ${element.name}, which does not count octets`,
    );
  }
  const number = ownUnit(from) === undefined ? whole(from, element, spec) : undefined;
  if (!number) return undefined;
  return {
    uses: ['unit', ...(number.uses ?? [])],
    convert: (raw) => {
      const count = (number.convert ? number.convert(raw) : raw) as number;
      if (typeof count === 'number' && !Number.isInteger(count)) {
        throw new EncodeError(`${count} bits are not whole octets`);
      }
      const bits = BigInt(count);
      if (bits % 8n !== 0n) throw new EncodeError(`${bits} bits are not whole octets`);
      return bits / 8n;
    },
  };
}

/** For float32 and float64. */
export function floatConversion(from: LeafType): PossibleConversion {
  if (isLogical(from) && from.kind !== 'bytes' && from.kind !== 'fixed') return undefined;
  switch (from.kind) {
    case 'int':
    case 'float':
    case 'double':
      return { convert: undefined };
    case 'long':
      // Exact in a double, or refused: as what is multiplied.
      return { convert: exactDouble, form: { kind: 'times', factor: 1 } };
    case 'string':
      return { convert: (raw) => decimalFromText(raw as string) };
    case 'bytes':
    case 'fixed': {
      if (from.logicalType !== 'decimal') return undefined;
      const { scale = 0 } = from;
      return { convert: (raw) => decimalToNumber(raw as Uint8Array, scale) };
    }
    default:
      return undefined;
  }
}

/** A date or a time is not a mere number, and a UUID not a mere text. */
const isLogical = (from: LeafType): boolean => 'logicalType' in from;

function exactDouble(raw: unknown): number {
  const number = Number(raw);
  if (typeof raw === 'bigint' && BigInt(number) !== raw) {
    throw new EncodeError(`${raw} cannot be a floating point number without loss`);
  }
  return number;
}

export function booleanConversion(from: LeafType): PossibleConversion {
  if (isLogical(from)) return undefined;
  switch (from.kind) {
    case 'boolean':
      return { convert: undefined };
    case 'int':
    case 'long':
      return { convert: (raw) => truth(raw, 1, 0) };
    case 'string':
      return { convert: (raw) => truth((raw as string).toLowerCase(), 'true', 'false') };
    default:
      return undefined;
  }
}

function truth(raw: unknown, yes: unknown, no: unknown): boolean {
  if (raw === yes || raw === no) return raw === yes;
  throw new EncodeError(`${String(raw)} is neither ${String(yes)} nor ${String(no)}`);
}
