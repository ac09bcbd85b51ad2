// IANA, "IPFIX Structured Data Types Semantics" (RFC 6313 §4.4): how the values of a list belong together.

export const listSemantics = {
  undefined: 0xff,
  noneOf: 0,
  exactlyOneOf: 1,
  oneOrMoreOf: 2,
  allOf: 3,
  ordered: 4,
} as const;

export type ListSemantic = keyof typeof listSemantics;
