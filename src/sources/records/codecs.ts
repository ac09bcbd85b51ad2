// The compressions of RecordBatches, each bounded in what may come out, and synchronous: the thread
// pool costs two or three times as much for the usual batch.

import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { uncompressSync } from 'snappy';
import type { GrowingOctets } from './growing-octets.ts';
import { readLz4Frames } from './lz4-frame.ts';

type Decompress = (packed: Buffer, into: GrowingOctets, octetsMax: number) => void;

/** The codecs by the number in the attributes of a RecordBatch. */
const codecs: readonly (Decompress | undefined)[] = [
  undefined,
  (packed, into, maxOutputLength) => into.append(gunzipSync(packed, { maxOutputLength })),
  readSnappy,
  readLz4Frames,
  (packed, into, maxOutputLength) => into.append(zstdDecompressSync(packed, { maxOutputLength })),
];

export const codecNames = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

/** Appends what `packed` holds to `into`. Throws where it is broken, or holds more than allowed. */
export function decompress(
  codec: number,
  packed: Buffer,
  into: GrowingOctets,
  octetsMax: number,
): void {
  const read = codecs[codec];
  if (!read) throw new Error(`compression ${codec} is not one of ${codecNames.join(', ')}`);
  const before = into.length;
  read(packed, into, octetsMax);
  if (into.length - before > octetsMax)
    throw new RangeError('the decompressed size exceeds the limit');
}

// xerial's framing, of Java => magic (8 octets), version (int32), compatible version (int32), Blocks
//   Block => size (int32), octets
const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const xerialHeadOctets = 16;

function readSnappy(packed: Buffer, into: GrowingOctets, octetsMax: number): void {
  const limit = into.length + octetsMax;
  if (!packed.subarray(0, xerialMagic.length).equals(xerialMagic)) {
    readSnappyBlock(packed, into, limit);
    return;
  }
  for (let at = xerialHeadOctets; at < packed.length;) {
    const size = packed.readInt32BE(at);
    at += 4;
    if (size < 0 || size > packed.length - at) throw new Error('Snappy: a block is cut off');
    readSnappyBlock(packed.subarray(at, at + size), into, limit);
    at += size;
  }
}

function readSnappyBlock(block: Buffer, into: GrowingOctets, limit: number): void {
  if (lengthOfSnappy(block) > limit - into.length) {
    throw new RangeError('Snappy: the decompressed size exceeds the limit');
  }
  into.append(uncompressSnappy(block));
}

export const uncompressSnappy = (block: Buffer): Buffer => uncompressSync(block) as Buffer;

// Snappy's preamble: the length of what comes out, 7 bits in each octet, low ones first.
export function lengthOfSnappy(block: Buffer): number {
  let length = 0;
  for (let i = 0; i < 5; i += 1) {
    const octet = block.readUInt8(i);
    length += (octet & 0x7f) * 2 ** (7 * i);
    if (octet < 0x80) return length;
  }
  throw new Error('Snappy: it does not begin with a length');
}
