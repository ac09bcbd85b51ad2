// Numbers out of text, exact or refused.

import { EncodeError } from '../../../ipfix/abstract-type.ts';
import type { NumberBase } from '../mapping-spec.ts';

const integers: Readonly<Record<NumberBase, RegExp>> = {
  2: /^(?:0b)?([01]{1,256})$/i,
  8: /^(?:0o)?([0-7]{1,90})$/i,
  10: /^([+-]?\d{1,80})$/,
  16: /^(?:0x)?([\da-f]{1,64})$/i,
};
const prefixes: Readonly<Record<NumberBase, string>> = { 2: '0b', 8: '0o', 10: '', 16: '0x' };

/**
 * Digits of the base → a number where it is exact, else a bigint. A text that says its base (`0x1f`) is
 * read in that base only where the mapping says it too. Throws EncodeError.
 */
export function integerFromText(text: string, base: NumberBase = 10): number | bigint {
  const digits = integers[base].exec(text)?.[1];
  if (digits === undefined) {
    throw new EncodeError(
      `${JSON.stringify(text.slice(0, 60))} is not an integer${hint(text, base)}`,
    );
  }
  const number = Number(prefixes[base] + digits);
  if (Number.isSafeInteger(number)) return number;
  if (digits.startsWith('-')) return -BigInt(digits.slice(1));
  return BigInt(prefixes[base] + digits.replace('+', ''));
}

function hint(text: string, base: NumberBase): string {
  if (base === 16) return ' of base 16';
  const isHexadecimal = integers[16].test(text);
  const of = base === 10 ? '' : ` of base ${base}`;
  return isHexadecimal ? `${of}; if it is hexadecimal, set "base": 16` : of;
}

/** Hexadecimal digits, two an octet → octets. Throws EncodeError. */
export function octetsFromHex(text: string): Buffer {
  const digits = text.replace(/^0x/i, '');
  if (digits.length % 2 === 0 && /^[\da-f]*$/i.test(digits)) return Buffer.from(digits, 'hex');
  throw new EncodeError(`${JSON.stringify(text.slice(0, 60))} is not hexadecimal octets`);
}

/** `-1.5`, `2e3` → a number. Throws EncodeError. */
export function decimalFromText(text: string): number {
  if (/^[+-]?\d{1,400}(?:\.\d{1,400})?(?:e[+-]?\d{1,4})?$/i.test(text)) {
    const number = Number(text);
    if (Number.isFinite(number)) return number;
  }
  throw new EncodeError(`${JSON.stringify(text.slice(0, 60))} is not a number`);
}
