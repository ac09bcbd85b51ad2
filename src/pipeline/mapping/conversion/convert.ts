// From what an event holds to what an encoder takes. Types only.

import type { SpecValue } from '../mapping-spec.ts';

/** The options of a field that say how its value is read. */
export const readingOptions = [
  'unit',
  'format',
  'zone',
  'base',
  'unsigned',
  'byteOrder',
  'symbols',
] as const;
export type ReadingOption = (typeof readingOptions)[number];

/** Takes a value as the event reader gives it, never null. Throws EncodeError. */
export type Convert = (raw: unknown) => unknown;

/** What a `convert` does, in words that a Painter can be compiled from. */
export type Form =
  /** A whole number; `over` rounds down. */
  | { readonly kind: 'times' | 'over'; readonly factor: number }
  /** A double, the product rounded to the nearest whole number. */
  | { readonly kind: 'rounded'; readonly factor: number }
  /** An int of 32 bits, read without a sign. */
  | { readonly kind: 'unsigned' }
  /** An enum: what each symbol stands for, by its index. */
  | { readonly kind: 'symbols'; readonly meanings: readonly (SpecValue | undefined)[] }
  /** An IP address as text. */
  | { readonly kind: 'address'; readonly unmaps: boolean }
  /** Octets of an IP address; an IPv4 one in IPv6 form becomes IPv4's. */
  | { readonly kind: 'unmapped' }
  /** A MAC address as text. */
  | { readonly kind: 'mac' }
  /** The octets of a text. */
  | { readonly kind: 'utf8' };

export interface Conversion {
  /** Undefined where the value is right as it is. */
  readonly convert: Convert | undefined;
  /** Undefined where only `convert` knows what it does. */
  readonly form?: Form | undefined;
  /** The options that it obeys, or holds against the type; any other is a fault of the mapping. */
  readonly uses?: readonly ReadingOption[];
}

/** Undefined: the Avro type does not fit the element at all. */
export type PossibleConversion = Conversion | undefined;
