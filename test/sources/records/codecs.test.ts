// The compressions of RecordBatches by their numbers, and that each is bounded.

import { gzipSync, zstdCompressSync } from 'node:zlib';
import { compressSync } from 'snappy';
import { describe, expect, test } from 'vitest';
import { codecNames, decompress, lengthOfSnappy } from '../../../src/sources/records/codecs.ts';
import { GrowingOctets } from '../../../src/sources/records/growing-octets.ts';
import { lz4Frame } from '../../support/kafka/lz4-writer.ts';

const text = 'flow events '.repeat(50);
const octets = Buffer.from(text);

function unpacked(codec: number, packed: Buffer, octetsMax = 1_000): string {
  const into = new GrowingOctets(16);
  decompress(codec, packed, into, octetsMax);
  return into.octets.toString('latin1', 0, into.length);
}

function xerial(...blocks: Buffer[]): Buffer {
  const sized = blocks.flatMap((block) => {
    const size = Buffer.alloc(4);
    size.writeInt32BE(block.length);
    return [size, block];
  });
  return Buffer.concat([
    Buffer.from('82534e4150505900' + '00000001' + '00000001', 'hex'),
    ...sized,
  ]);
}

const forms: readonly (readonly [name: string, codec: number, packed: Buffer])[] = [
  ['gzip', 1, gzipSync(octets)],
  ['snappy', 2, compressSync(octets)],
  [
    'snappy in two blocks of xerial',
    2,
    xerial(compressSync(text.slice(0, 100)), compressSync(text.slice(100))),
  ],
  ['lz4', 3, lz4Frame(octets)],
  ['zstd', 4, zstdCompressSync(octets)],
];

describe.each(forms)('%s', (name, codec, packed) => {
  test('is read under its number', () => {
    expect(unpacked(codec, packed)).toBe(text);
    expect(name.startsWith(codecNames[codec]!)).toBe(true);
  });

  test('is appended to what is there', () => {
    const into = new GrowingOctets(16);
    into.append(Buffer.from('before '));
    decompress(codec, packed, into, text.length);
    expect(into.octets.toString('latin1', 0, into.length)).toBe(`before ${text}`);
  });

  test('is read where all of it is allowed, and refused where an octet less is', () => {
    expect(unpacked(codec, packed, text.length)).toBe(text);
    expect(() => unpacked(codec, packed, text.length - 1)).toThrow(RangeError);
  });

  test('is refused where its end is missing', () => {
    expect(() => unpacked(codec, packed.subarray(0, -9))).toThrow();
  });
});

test.each([0, 5, 7])('compression %d is refused by its number', (codec) => {
  expect(() => unpacked(codec, octets)).toThrow(`compression ${codec} `);
});

test('a block of xerial with a size below 0 is refused', () => {
  const head = xerial();
  expect(() => unpacked(2, Buffer.concat([head, Buffer.from('ffffffff', 'hex')]))).toThrow(
    /Snappy/,
  );
});

test.each([
  ['05', 5],
  ['8001', 128],
  ['ffffffff0f', 2 ** 32 - 1],
] as const)('the length %s before a Snappy block is %d', (hex, length) => {
  expect(lengthOfSnappy(Buffer.from(hex, 'hex'))).toBe(length);
});

test('a Snappy block whose length does not end is refused', () => {
  expect(() => lengthOfSnappy(Buffer.from('ffffffffff01', 'hex'))).toThrow(/Snappy/);
});
