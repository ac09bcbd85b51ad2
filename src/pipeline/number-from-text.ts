// Numbers out of text, exact or refused.

import { EncodeError } from '../ipfix/abstract-type.ts';

/** `-12`, `0x1f` → a number where it is exact, else a bigint. Throws EncodeError. */
export function integerFromText(text: string): number | bigint {
  if (!/^(?:[+-]?\d{1,80}|0x[\da-f]{1,64})$/i.test(text)) {
    throw new EncodeError(`${JSON.stringify(text.slice(0, 60))} is not an integer`);
  }
  const number = Number(text);
  if (Number.isSafeInteger(number)) return number;
  return text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text.replace('+', ''));
}

/** `-1.5`, `2e3` → a number. Throws EncodeError. */
export function decimalFromText(text: string): number {
  if (/^[+-]?\d{1,400}(?:\.\d{1,400})?(?:e[+-]?\d{1,4})?$/i.test(text)) {
    const number = Number(text);
    if (Number.isFinite(number)) return number;
  }
  throw new EncodeError(`${JSON.stringify(text.slice(0, 60))} is not a number`);
}
