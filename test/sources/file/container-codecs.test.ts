// The codecs of Avro container files, and that each is bounded.

import { crc32, deflateRawSync, zstdCompressSync } from 'node:zlib';
import { compressSync } from 'snappy';
import { describe, expect, test } from 'vitest';
import {
  type ContainerCodec,
  isReadable,
  readableCodecs,
  unknownCodec,
  unpackerOf,
} from '../../../src/sources/file/container-codecs.ts';

const octets = Buffer.from('flow events '.repeat(50));

function snappy(of: Buffer, sum = crc32(of)): Buffer {
  const end = Buffer.alloc(4);
  end.writeUInt32BE(sum);
  return Buffer.concat([compressSync(of), end]);
}

const stored: Readonly<Record<Exclude<ContainerCodec, 'null'>, Buffer>> = {
  deflate: deflateRawSync(octets),
  snappy: snappy(octets),
  zstandard: zstdCompressSync(octets),
};

test('null is what is stored', () => {
  expect(unpackerOf('null')(octets, octets.length)).toBe(octets);
});

describe.each(Object.entries(stored))('%s', (codec, block) => {
  const unpack = unpackerOf(codec as ContainerCodec);

  test('gives back what was stored', () => {
    expect(unpack(block, octets.length)).toEqual(octets);
  });

  test('is refused where more comes out than is allowed', () => {
    expect(() => unpack(block, octets.length - 1)).toThrow(RangeError);
  });

  test('is refused where its end is missing', () => {
    expect(() => unpack(block.subarray(0, -6), octets.length)).toThrow();
  });
});

test('snappy with another CRC-32 is refused', () => {
  expect(() => unpackerOf('snappy')(snappy(octets, 1), 1_000)).toThrow(/CRC-32/);
});

test('snappy of four octets or fewer is refused', () => {
  expect(() => unpackerOf('snappy')(Buffer.alloc(4), 1_000)).toThrow(/Snappy/);
});

test.each(['bzip2', 'xz', 'toString', ''])('the codec “%s” cannot be read', (codec) => {
  expect(isReadable(codec)).toBe(false);
});

test('of an unknown codec all that can be read are named', () => {
  expect(readableCodecs.every((codec) => isReadable(codec))).toBe(true);
  for (const name of ['bzip2', ...readableCodecs]) expect(unknownCodec('bzip2')).toContain(name);
});
