// Which of the values that a mapping writes a field of an Avro type can have. A value that no event can
// have would never be found, and nobody would notice.

import type { LeafType } from '../../../avro/leaves.ts';
import { formOf } from '../avro-forms.ts';
import { isAddressText } from './address-from-text.ts';
import type { SpecValue } from '../mapping-spec.ts';

/** The least long: the only value beyond 2^53 that JSON and YAML give exactly as producers write it. */
const longMin = -(2 ** 63);

function canHave(type: LeafType, value: SpecValue): boolean {
  switch (type.kind) {
    case 'string':
      return typeof value === 'string';
    case 'enum':
      return typeof value === 'string' && type.symbols.includes(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'int':
      return typeof value === 'number' && value === (value | 0);
    case 'long':
      return Number.isSafeInteger(value) || value === longMin;
    case 'float':
      return typeof value === 'number' && value === Math.fround(value);
    case 'double':
      return typeof value === 'number';
    default:
      return false;
  }
}

/** Octets are compared as addresses, and only where they fill one. */
const canBeAddress = ({ kind }: LeafType, value: SpecValue): boolean =>
  (kind === 'bytes' || kind === 'fixed') &&
  typeof value === 'string' &&
  (value === '' || isAddressText(value));

/**
 * The first value that no event has there; undefined where there is none. Of several symbols of an enum
 * one is enough: an older schema may lack the others.
 */
export function impossibleValue(
  types: readonly LeafType[],
  values: readonly SpecValue[],
  isAddress = false,
): SpecValue | undefined {
  const isPossible = (value: SpecValue) =>
    types.some((type) => canHave(type, value) || (isAddress && canBeAddress(type, value)));
  const hasEnum = types.some(({ kind }) => kind === 'enum');
  const isTolerated = (value: SpecValue) =>
    hasEnum && typeof value === 'string' && values.some((one) => one !== value && isPossible(one));
  return values.find((value) => !isPossible(value) && !isTolerated(value));
}

/** Why a value would never be found. */
export const impossibleText = (types: readonly LeafType[], value: SpecValue): string =>
  `${JSON.stringify(value)} is not a value that Avro ${types.map(formOf).join(' or ')} can have here`;

/** As the event reader gives them: a long beyond 2^53 as a bigint. */
export const readValues = (values: readonly SpecValue[]): unknown[] =>
  values.map((value) => (value === longMin ? BigInt(value) : value));
