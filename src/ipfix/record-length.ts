// The length of an encoded Data Record, only by its Template.

import { variableLength, type Template } from './template.ts';

// RFC 7011 §7
//   variable value => length value
//   length => unsigned8 below 255, or 255 and then unsigned16
const longLength = 255;

/** The octet after the Data Record that begins at `at`. */
export function recordEnd({ fields }: Template, octets: Buffer, at: number): number {
  for (const { length } of fields) {
    if (length !== variableLength) at += length;
    else {
      const short = octets[at]!;
      at += short === longLength ? 3 + octets.readUInt16BE(at + 1) : 1 + short;
    }
  }
  return at;
}
