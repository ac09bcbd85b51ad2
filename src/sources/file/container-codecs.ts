// The codecs of Avro container files (Avro specification, "Object Container Files", "Required Codecs"
// and "Optional Codecs"), each bounded in what may come out.

import { crc32, inflateRawSync, zstdDecompressSync } from 'node:zlib';
import { lengthOfSnappy, uncompressSnappy } from '../records/codecs.ts';

/** Throws where it is broken, or holds more than allowed. */
export type Unpack = (stored: Buffer, octetsMax: number) => Buffer;

const unpackers = {
  null: (stored) => stored,
  deflate: (stored, maxOutputLength) => inflateRawSync(stored, { maxOutputLength }),
  snappy: unpackSnappy,
  zstandard: (stored, maxOutputLength) => zstdDecompressSync(stored, { maxOutputLength }),
} as const satisfies Readonly<Record<string, Unpack>>;

export type ContainerCodec = keyof typeof unpackers;
export const readableCodecs = Object.keys(unpackers) as readonly ContainerCodec[];

export const isReadable = (codec: string): codec is ContainerCodec =>
  Object.hasOwn(unpackers, codec);

export const unpackerOf = (codec: ContainerCodec): Unpack => unpackers[codec];

/** What is said of a codec that cannot be read; bzip2 and xz are the others that Avro knows. */
export const unknownCodec = (codec: string): string =>
  `the codec is ${codec}; ${readableCodecs.join(', ')} are supported: write the file again with one of these`;

// snappy => Snappy's block, CRC-32 (big-endian) of what comes out
function unpackSnappy(stored: Buffer, octetsMax: number): Buffer {
  const sumAt = stored.length - 4;
  if (sumAt < 1) throw new Error('Snappy: the block is cut off');
  const block = stored.subarray(0, sumAt);
  if (lengthOfSnappy(block) > octetsMax) {
    throw new RangeError('Snappy: the decompressed size exceeds the limit');
  }
  const octets = uncompressSnappy(block);
  if (crc32(octets) !== stored.readUInt32BE(sumAt)) {
    throw new Error('Snappy: the CRC-32 does not match');
  }
  return octets;
}
