// Values in a JSON file that a user writes: one, an array of them, or one on each line.

import { UsageError } from './usage-error.ts';

/** Integers beyond 2^53 are bigints. Throws UsageError, which begins with `where`. */
export function jsonValuesIn(text: string, where: string): readonly unknown[] {
  const lines = text.split('\n').map((line, i) => ({ line: line.trim(), number: i + 1 }));
  const filled = lines.filter(({ line }) => line !== '');
  if (filled.length === 0) throw new UsageError(`${where}: is empty; write a value`);
  try {
    const value = parse(text);
    return Array.isArray(value) ? value : [value];
  } catch (whole) {
    if (filled.length === 1) throw notJson(where, whole);
    return filled.map(({ line, number }) => {
      try {
        return parse(line);
      } catch (error) {
        // A value on several lines is one; else the line is at fault.
        throw number === filled[0]!.number
          ? notJson(where, whole)
          : notJson(`${where} line ${number}`, error);
      }
    });
  }
}

const notJson = (where: string, error: unknown): UsageError =>
  new UsageError(`${where}: is not JSON: ${(error as Error).message}; correct the file`);

interface Context {
  readonly source?: string;
}

/** As the text has it: a number beyond 2^53 would be another one. */
const parse = (text: string): unknown =>
  JSON.parse(text, (_key: string, value: unknown, context?: Context) =>
    typeof value === 'number' &&
    !Number.isSafeInteger(value) &&
    /^-?\d+$/.test(context?.source ?? '')
      ? BigInt(context!.source!)
      : value,
  );
