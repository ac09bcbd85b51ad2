// Unsigned numbers in Avro's signed types: the same bits, read without a sign ("unsigned": true).

import type { LeafType } from '../../../avro/leaves.ts';
import type { Convert } from './convert.ts';

/** Two's complement in the width of the Avro type; undefined where the type is not an int or a long. */
export function unsignedFrom(from: LeafType): Convert | undefined {
  if ((from.kind !== 'int' && from.kind !== 'long') || from.logicalType !== undefined) {
    return undefined;
  }
  if (from.kind === 'int') return (raw) => (raw as number) >>> 0;
  return (raw) => ((raw as number | bigint) < 0 ? BigInt.asUintN(64, BigInt(raw as number)) : raw);
}

/** `first`, then `next`; either may do nothing. */
export const chained = (
  first: Convert | undefined,
  next: Convert | undefined,
): Convert | undefined => (first && next ? (raw) => next(first(raw)) : (first ?? next));
