// What all encoders of values have in common: how they are called, and how they refuse.

/** Thrown for a value that its field cannot hold exactly; the message names the record and the field. */
export class EncodeError extends Error {
  readonly code = 'IPFIX_ENCODE';
  override readonly name = 'EncodeError';
}

/**
 * Writes one value at `at` and returns the octet after it. Throws EncodeError. `depth` counts the
 * lists around the value; whoever writes a field of a Data Record leaves it out.
 */
export type Encode = (value: unknown, target: Buffer, at: number, depth?: number) => number;

/** A value as an error message shows it. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  if (value instanceof Uint8Array) return `${value.length} octets`;
  switch (typeof value) {
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      return value === null ? 'null' : `a ${typeof value}`;
  }
}
