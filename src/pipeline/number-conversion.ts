// Values of Avro as whole numbers and as floating point, for the elements that count and identify.

import type { LeafType } from '../avro/leaves.ts';
import { EncodeError } from '../ipfix/abstract-type.ts';
import type { InformationElement } from '../ipfix/information-element.ts';
import type { Conversion, Convert } from './convert.ts';
import { decimalToInteger, decimalToNumber } from './decimal-values.ts';
import type { ElementSpec, SpecValue, TimeUnit } from './mapping-spec.ts';
import { decimalFromText, integerFromText } from './number-from-text.ts';
import { protocolNumber } from './protocol-numbers.ts';
import { durationConversion, ownUnit } from './time-conversion.ts';

const timeUnitOf: Readonly<Record<string, TimeUnit>> = {
  seconds: 's',
  milliseconds: 'ms',
  microseconds: 'us',
  nanoseconds: 'ns',
};

/** What words mean where they are said of these elements. */
const wordsOf: Readonly<Record<string, (word: string) => SpecValue | undefined>> = {
  protocolIdentifier: protocolNumber,
  flowDirection: (word) => ({ ingress: 0, egress: 1 })[word.toLowerCase()],
};

/** For unsigned and signed integers. */
export function integerConversion(
  from: LeafType,
  element: InformationElement,
  spec: ElementSpec,
): Conversion {
  const words = wordsFor(from, element, spec);
  if (words) return words;
  const own = ownUnit(from);
  const to = timeUnitOf[element.units];
  if (spec.unit === 'bits') return inBits(from, element);
  if (to !== undefined) return durationConversion(from, to, spec.unit);
  if (spec.unit !== undefined) {
    return {
      problem: `"unit" has no meaning for ${element.name}, which counts no time; remove it`,
    };
  }
  if (own !== undefined) return { problem: '' };
  return whole(from);
}

function whole(from: LeafType): Conversion {
  switch (from.kind) {
    case 'int':
      return 'logicalType' in from && from.logicalType ? { problem: '' } : { convert: undefined };
    case 'long':
      return { convert: undefined };
    case 'float':
    case 'double':
      return { convert: undefined };
    case 'string':
      return from.logicalType === undefined
        ? { convert: (raw) => integerFromText(raw as string) }
        : { problem: '' };
    case 'bytes':
    case 'fixed': {
      if (from.logicalType !== 'decimal') return { problem: '' };
      const { scale = 0 } = from;
      return { convert: (raw) => decimalToInteger(raw as Uint8Array, scale) };
    }
    default:
      return { problem: '' };
  }
}

// Symbols of an enum, and texts, that stand for numbers; an array of them is a set of bits.
function wordsFor(
  from: LeafType,
  element: InformationElement,
  spec: ElementSpec,
): Conversion | undefined {
  if (from.kind === 'array') {
    const item = spec.symbols && integerConversion(from.items as LeafType, element, spec);
    if (!item) return undefined;
    return 'problem' in item ? item : { convert: bitsOf(item.convert) };
  }
  const { symbols } = spec;
  const builtIn = wordsOf[element.name];
  const meaningOf = (word: string) => symbols?.[word] ?? builtIn?.(word);
  if (from.kind === 'string' && (symbols || builtIn)) {
    return { convert: (raw) => meaningOf(raw as string) ?? integerFromText(raw as string) };
  }
  if (from.kind !== 'enum') return undefined;
  const unknown = from.symbols.filter((symbol) => meaningOf(symbol) === undefined);
  if (unknown.length > 0) {
    const example = `"symbols": {"${unknown[0]}": 0}`;
    return { problem: `no number is known for ${unknown.join(', ')}; say it, as ${example}` };
  }
  const meanings = new Map(from.symbols.map((symbol) => [symbol, meaningOf(symbol)]));
  const form = { kind: 'symbols', meanings: from.symbols.map(meaningOf) } as const;
  return { convert: (raw) => meanings.get(raw as string), form };
}

function bitsOf(convert: Convert | undefined): Convert {
  return (raw) => {
    let bits = 0;
    for (const item of raw as unknown[]) {
      const bit = convert ? convert(item) : item;
      if (typeof bit !== 'number') throw new EncodeError('an item is null');
      bits |= bit;
    }
    return bits;
  };
}

function inBits(from: LeafType, element: InformationElement): Conversion {
  if (element.units !== 'octets') {
    return { problem: `"unit": "bits" has no meaning for ${element.name}, which counts no octets` };
  }
  const number = whole(from);
  if ('problem' in number) return number;
  return {
    convert: (raw) => {
      const bits = BigInt((number.convert ? number.convert(raw) : raw) as number);
      if (bits % 8n !== 0n) throw new EncodeError(`${bits} bits are no whole octets`);
      return bits / 8n;
    },
  };
}

/** For float32 and float64. */
export function floatConversion(from: LeafType): Conversion {
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
      if (from.logicalType !== 'decimal') return { problem: '' };
      const { scale = 0 } = from;
      return { convert: (raw) => decimalToNumber(raw as Uint8Array, scale) };
    }
    default:
      return { problem: '' };
  }
}

function exactDouble(raw: unknown): number {
  const number = Number(raw);
  if (typeof raw === 'bigint' && BigInt(number) !== raw) {
    throw new EncodeError(`${raw} cannot be a floating point number without loss`);
  }
  return number;
}

export function booleanConversion(from: LeafType): Conversion {
  switch (from.kind) {
    case 'boolean':
      return { convert: undefined };
    case 'int':
    case 'long':
      return { convert: (raw) => truth(raw, 1, 0) };
    case 'string':
      return { convert: (raw) => truth((raw as string).toLowerCase(), 'true', 'false') };
    default:
      return { problem: '' };
  }
}

function truth(raw: unknown, yes: unknown, no: unknown): boolean {
  if (raw === yes || raw === no) return raw === yes;
  throw new EncodeError(`${String(raw)} is neither ${String(yes)} nor ${String(no)}`);
}
