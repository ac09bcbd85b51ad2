// From what an event holds to what an encoder takes. Types only.

/** Takes a value as the event reader gives it, never null. Throws EncodeError. */
export type Convert = (raw: unknown) => unknown;

/** No `convert` where the value is right as it is. An empty problem: the type does not fit at all. */
export type Conversion = { readonly convert: Convert | undefined } | { readonly problem: string };
