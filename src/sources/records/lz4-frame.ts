// LZ4 frames, as Kafka's clients write them, decompressed into octets of the caller's. A reader of our
// own: bindings to a library allocate for each call, and none limits the decompressed size.
//
// Checksums inside the frame are not checked: the RecordBatch around it has its own.

import type { GrowingOctets } from './growing-octets.ts';

// https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
//   Frame => magic (uint32 LE), FLG, BD, [content size (8)], [dictionary id (4)], HC, Blocks, end mark,
//            [content checksum (4)]
//   Block => size (uint32 LE; top bit: stored as it is), octets, [block checksum (4)]
const frameMagic = 0x184d2204;
const skippableMagic = 0x184d2a50;

const flag = { contentChecksum: 0x04, contentSize: 0x08, blockChecksum: 0x10, dictionaryId: 0x01 };

/** Appends what the frames hold to `into`. Throws where they are broken or hold more than allowed. */
export function readLz4Frames(frames: Buffer, into: GrowingOctets, octetsMax: number): void {
  const limit = into.length + octetsMax;
  for (let at = 0; at < frames.length;) at = readFrame(frames, at, into, limit);
}

function readFrame(frames: Buffer, start: number, into: GrowingOctets, limit: number): number {
  const magic = frames.readUInt32LE(start);
  if ((magic & 0xfffffff0) >>> 0 === skippableMagic) {
    return start + 8 + frames.readUInt32LE(start + 4);
  }
  if (magic !== frameMagic) throw new Error('LZ4: this is not the beginning of a frame');
  const flags = frames.readUInt8(start + 4);
  const blockOctetsMax = 1 << (8 + 2 * ((frames.readUInt8(start + 5) >> 4) & 0x07));
  if (flags >> 6 !== 1 || blockOctetsMax < 2 ** 16)
    throw new Error('LZ4: an unknown frame version');
  if ((flags & flag.dictionaryId) !== 0) throw new Error('LZ4: a dictionary is needed');
  const checksumOctets = (flags & flag.blockChecksum) === 0 ? 0 : 4;
  let at = start + 7 + ((flags & flag.contentSize) === 0 ? 0 : 8);
  // Linked blocks reach back into those before them, never before the frame.
  const frameStart = into.length;
  for (;;) {
    const word = frames.readUInt32LE(at);
    at += 4;
    if (word === 0) break;
    const size = word & 0x7fffffff;
    if (size > frames.length - at) throw new Error('LZ4: a block is cut off');
    const room = Math.min(blockOctetsMax, limit - into.length);
    into.reserve(room);
    if (word >>> 31 === 1) storeBlock(frames, at, size, into, room);
    else expandBlock(frames, at, at + size, into, { frameStart, end: into.length + room });
    at += size + checksumOctets;
  }
  return at + ((flags & flag.contentChecksum) === 0 ? 0 : 4);
}

function storeBlock(
  frames: Buffer,
  at: number,
  size: number,
  into: GrowingOctets,
  room: number,
): void {
  if (size > room) throw tooLong();
  frames.copy(into.octets, into.length, at, at + size);
  into.length += size;
}

/** Up to here a loop is quicker than a call. */
const fewOctets = 32;

// https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md
//   Sequence => token, [more literals' length], literals, offset (uint16 LE), [more match length]
function expandBlock(
  source: Buffer,
  start: number,
  sourceEnd: number,
  into: GrowingOctets,
  { frameStart, end }: { frameStart: number; end: number },
): void {
  const { octets } = into;
  let at = start;
  let to = into.length;
  while (at < sourceEnd) {
    const token = source[at++]!;
    let literals = token >> 4;
    if (literals === 15) {
      let more: number;
      do {
        if (at >= sourceEnd) throw cutOff();
        more = source[at++]!;
        literals += more;
      } while (more === 255);
    }
    if (literals > sourceEnd - at) throw cutOff();
    if (literals > end - to) throw tooLong();
    if (literals > fewOctets) source.copy(octets, to, at, at + literals);
    else for (let i = 0; i < literals; i += 1) octets[to + i] = source[at + i]!;
    at += literals;
    to += literals;
    // The last sequence has only literals.
    if (at === sourceEnd) break;
    if (sourceEnd - at < 2) throw cutOff();
    const offset = source[at]! | (source[at + 1]! << 8);
    at += 2;
    let length = token & 0x0f;
    if (length === 15) {
      let more: number;
      do {
        if (at >= sourceEnd) throw cutOff();
        more = source[at++]!;
        length += more;
      } while (more === 255);
    }
    length += 4;
    if (offset === 0 || offset > to - frameStart) throw new Error('LZ4: a match before the frame');
    if (length > end - to) throw tooLong();
    if (length > fewOctets && offset >= length) {
      octets.copyWithin(to, to - offset, to - offset + length);
    } else {
      for (let i = 0; i < length; i += 1) octets[to + i] = octets[to - offset + i]!;
    }
    to += length;
  }
  into.length = to;
}

const cutOff = (): Error => new Error('LZ4: a block is cut off');
const tooLong = (): Error => new RangeError('LZ4: the decompressed size exceeds the limit');
