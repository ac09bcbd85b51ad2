// LZ4 frames written by hand, octet by octet, by the format's own descriptions: what is read of them, and
// that nothing broken is read, nor more than is allowed.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GrowingOctets } from '../../../src/sources/records/growing-octets.ts';
import { readLz4Frames } from '../../../src/sources/records/lz4-frame.ts';
import { lz4Frame } from '../../support/kafka/lz4-writer.ts';

function read(frames: Buffer, octetsMax = 1_000_000): string {
  const into = new GrowingOctets(16);
  readLz4Frames(frames, into, octetsMax);
  return into.octets.toString('latin1', 0, into.length);
}

const uint32 = (value: number): Buffer => {
  const octets = Buffer.alloc(4);
  octets.writeUInt32LE(value >>> 0);
  return octets;
};
const stored = (text: string) =>
  Buffer.concat([uint32(0x80000000 | text.length), Buffer.from(text, 'latin1')]);
const packed = (...octets: (number | string)[]) => {
  const block = Buffer.concat(
    octets.map((one) => (typeof one === 'string' ? Buffer.from(one, 'latin1') : Buffer.of(one))),
  );
  return Buffer.concat([uint32(block.length), block]);
};
/** Version 1, linked blocks of at most 64 KiB; the header's checksum is not read. */
const head = (flags = 0x40, descriptor = 0x40, rest = Buffer.alloc(0)) =>
  Buffer.concat([uint32(0x184d2204), Buffer.of(flags, descriptor), rest, Buffer.of(0)]);
const frame = (...blocks: Buffer[]) => Buffer.concat([head(), ...blocks, uint32(0)]);

describe('a frame', () => {
  test('without blocks is empty', () => {
    expect(read(frame())).toBe('');
  });

  test('of stored blocks holds their octets', () => {
    expect(read(frame(stored('abc'), stored('def')))).toBe('abcdef');
  });

  test('behind another one, and behind one to be skipped, is read', () => {
    const skipped = Buffer.concat([uint32(0x184d2a57), uint32(3), Buffer.from('xyz')]);
    expect(read(Buffer.concat([frame(stored('ab')), skipped, frame(stored('cd'))]))).toBe('abcd');
  });

  test('can have checksums and its size, which are passed over', () => {
    const flags = 0x40 | 0x10 | 0x08 | 0x04;
    const octets = [
      head(flags, 0x40, Buffer.alloc(8, 1)),
      ...[stored('ab'), uint32(7), stored('cd'), uint32(7), uint32(0)],
      uint32(99),
    ];
    expect(read(Buffer.concat([...octets, frame(stored('e'))]))).toBe('abcde');
  });

  test('of anything is read as it was written', () => {
    const parts = fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc.nat(255).map((octet) => new Uint8Array(700).fill(octet)),
      ),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(parts, (all) => {
        const octets = Buffer.concat(all);
        expect(read(lz4Frame(octets))).toBe(octets.toString('latin1'));
      }),
    );
  });
});

describe('a block', () => {
  test('of literals only', () => {
    expect(read(frame(packed(0x30, 'abc')))).toBe('abc');
  });

  test('of more than 14 literals has their length in further octets', () => {
    const text = 'x'.repeat(15 + 255 + 4);
    expect(read(frame(packed(0xf0, 255, 4, text)))).toBe(text);
  });

  test('with a match repeats what lies before it', () => {
    // Three literals, then four octets from three back: the match reaches into itself.
    expect(read(frame(packed(0x30, 'abc', 3, 0, 0x10, '!')))).toBe('abcabca!');
  });

  test('with a long match has its length in further octets', () => {
    expect(read(frame(packed(0x1f, 'a', 1, 0, 255, 1, 0x10, '!')))).toBe(`${'a'.repeat(276)}!`);
    const text = 'abcdefghijklmnopqrstuvwxyz0123456789ABCD';
    const match = packed(0xff, text.length - 15, text, 40, 0, 40 - 19, 0x10, '!');
    expect(read(frame(match))).toBe(`${text}${text}!`);
  });

  test('with a match reaches into the block before it', () => {
    expect(read(frame(stored('abcd'), packed(0x00, 4, 0, 0x10, '!')))).toBe('abcdabcd!');
  });
});

describe('what is broken is refused', () => {
  test.each([
    ['octets that are no frame', Buffer.from('not a frame')],
    ['an unknown version', Buffer.concat([head(0x80), uint32(0)])],
    ['a block size below 64 KiB', Buffer.concat([head(0x40, 0x30), uint32(0)])],
    ['a dictionary', Buffer.concat([head(0x41, 0x40, Buffer.alloc(4)), uint32(0)])],
    ['a frame without its end mark', Buffer.concat([head(), stored('abc')])],
    ['a block that is cut off', Buffer.concat([head(), uint32(9), Buffer.from('abc')])],
    ['literals that are cut off', frame(packed(0x40, 'abc'))],
    ['a length of literals that is cut off', frame(packed(0xf0, 255))],
    ['an offset that is cut off', frame(packed(0x30, 'abc', 3))],
    ['a length of a match that is cut off', frame(packed(0x1f, 'a', 1, 0, 255))],
    ['a match with the offset 0', frame(packed(0x30, 'abc', 0, 0, 0x10, '!'))],
    ['a match before the frame', frame(packed(0x30, 'abc', 4, 0, 0x10, '!'))],
  ])('%s', (_, frames) => {
    expect(() => read(frames)).toThrow();
  });

  test('a match that would reach into the frame before', () => {
    const second = frame(packed(0x10, 'a', 2, 0, 0x10, '!'));
    expect(() => read(Buffer.concat([frame(stored('abcd')), second]))).toThrow(/LZ4/);
  });
});

test.each([
  ['stored', frame(stored('a'.repeat(20)))],
  ['literals', frame(packed(0xf0, 5, 'a'.repeat(20)))],
  ['a match', frame(packed(0x1a, 'a', 1, 0, 0x50, 'a'.repeat(5)))],
  ['two frames', Buffer.concat([frame(stored('a'.repeat(12))), frame(stored('a'.repeat(8)))])],
])('20 octets as %s are read where 20 are allowed, and refused where 19 are', (_, frames) => {
  expect(read(frames, 20)).toBe('a'.repeat(20));
  expect(() => read(frames, 19)).toThrow(RangeError);
});

test('what was in the octets before counts neither as room nor as a place for a match', () => {
  const into = new GrowingOctets(16);
  into.append(Buffer.from('before'));
  readLz4Frames(frame(stored('abc')), into, 3);
  expect(into.octets.toString('latin1', 0, into.length)).toBe('beforeabc');
  expect(() => readLz4Frames(frame(packed(0x10, 'a', 2, 0, 0x10, '!')), into, 100)).toThrow(/LZ4/);
});
