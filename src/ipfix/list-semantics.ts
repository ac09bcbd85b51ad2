// IANA, "IPFIX Structured Data Types Semantics" (RFC 6313 §4.4): how the values of a list belong together.

export const listSemantics = {
  undefined: 0xff,
  noneOf: 0,
  exactlyOneOf: 1,
  oneOrMoreOf: 2,
  allOf: 3,
  ordered: 4,
} as const;

/** The names of IANA's list semantics (RFC 6313 §4.4). */
export type ListSemantic = keyof typeof listSemantics;

const names = new Map<number, string>(
  Object.entries(listSemantics).map(([name, number]) => [number, name]),
);

/** Returns IANA's name of the number of a list semantic, or the number if it has none. */
export const semanticName = (number: number): string => names.get(number) ?? String(number);
