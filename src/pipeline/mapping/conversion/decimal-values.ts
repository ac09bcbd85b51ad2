// Avro's decimal and duration (Avro specification, "Logical Types").

import { EncodeError } from '../../../ipfix/abstract-type.ts';

// decimal => the unscaled number in two's complement, most significant octet first
function unscaled(octets: Uint8Array): bigint {
  if (octets.length === 0) return 0n;
  if (octets.length > 64) throw new EncodeError(`a decimal of ${octets.length} octets`);
  const hex = Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('hex');
  return BigInt.asIntN(8 * octets.length, BigInt(`0x${hex}`));
}

/** Throws EncodeError where there is a fraction. */
export function decimalToInteger(octets: Uint8Array, scale: number): number | bigint {
  const divisor = 10n ** BigInt(scale);
  const exact = unscaled(octets);
  if (exact % divisor !== 0n) {
    throw new EncodeError(`${decimalToNumber(octets, scale)} is not an integer`);
  }
  const whole = exact / divisor;
  const number = Number(whole);
  return Number.isSafeInteger(number) ? number : whole;
}

export function decimalToNumber(octets: Uint8Array, scale: number): number {
  // Through text, so that 0.1 is the double nearest to 0.1.
  return Number(`${unscaled(octets)}e-${scale}`);
}

// duration => months, days, milliseconds, each an unsigned32, least significant octet first
/** Milliseconds. Throws EncodeError where there are months, which have no fixed length. */
export function durationMs(octets: Uint8Array): number {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  const months = view.getUint32(0, true);
  if (months > 0) throw new EncodeError(`a duration of ${months} months has no fixed length`);
  return view.getUint32(4, true) * 86_400_000 + view.getUint32(8, true);
}
