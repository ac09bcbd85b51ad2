// What the generated function calls: octets compared, checked and copied where they lie.

import { isUtf8 } from 'node:buffer';

/** Copied octet by octet up to here, by the system beyond. */
const loopedMax = 48;

export function sameOctets(bytes: Buffer, at: number, wanted: Buffer): boolean {
  for (let i = 0; i < wanted.length; i += 1) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}

/** Well-formed UTF-8. */
export function isText(bytes: Buffer, at: number, octets: number): boolean {
  let all = 0;
  for (let i = at; i < at + octets; i += 1) all |= bytes[i]!;
  return all < 0x80 || isUtf8(bytes.subarray(at, at + octets));
}

export function putOctets(
  out: Buffer,
  at: number,
  source: Buffer,
  from: number,
  octets: number,
): number {
  if (octets <= loopedMax) {
    for (let i = 0; i < octets; i += 1) out[at + i] = source[from + i]!;
  } else source.copy(out, at, from, from + octets);
  return at + octets;
}

// RFC 7011 §7
//   variable-length value => length [length16] octets
//   length => unsigned8, 255 where length16 (unsigned16) follows, as it must from 255 octets on
export function putVariable(
  out: Buffer,
  at: number,
  source: Buffer,
  from: number,
  octets: number,
): number {
  if (octets < 255) {
    out[at] = octets;
    return putOctets(out, at + 1, source, from, octets);
  }
  out[at] = 255;
  out[at + 1] = octets >> 8;
  out[at + 2] = octets;
  return putOctets(out, at + 3, source, from, octets);
}
