// Octets and numbers out of chunks of any size, and where errors say that they are.

import { describe, expect, test } from 'vitest';
import { AvroContainerError, OctetReader } from '../../../src/sources/file/octet-reader.ts';

/** The octets in chunks of this size; then the error, where there is one. */
async function* chunksOf(octets: Buffer, size: number, error?: Error): AsyncGenerator<Buffer> {
  for (let at = 0; at < octets.length; at += size) {
    yield await Promise.resolve(octets.subarray(at, at + size));
  }
  if (error) throw error;
}

const readerOf = (text: string, size: number, error?: Error) =>
  new OctetReader(chunksOf(Buffer.from(text, 'latin1'), size, error), 'flows.avro');

describe.each([1, 2, 3, 100])('in chunks of %i', (size) => {
  test('octets come in their order, as many as were asked for', async () => {
    const reader = readerOf('abcdefgh', size);
    expect(String(await reader.octets(3))).toBe('abc');
    expect(String(await reader.octets(0))).toBe('');
    expect(await reader.atEnd()).toBe(false);
    expect(String(await reader.octets(5))).toBe('defgh');
    expect(await reader.atEnd()).toBe(true);
  });

  test('octets that were read keep their contents while others are read', async () => {
    const reader = readerOf('abcdefgh', size);
    const first = await reader.octets(4);
    reader.mark();
    await reader.octets(4);
    expect(String(first)).toBe('abcd');
  });

  test('peek leaves the octets unread, and gives fewer at the end', async () => {
    const reader = readerOf('abc', size);
    expect(String(await reader.peek(2))).toBe('ab');
    expect(String(await reader.peek(9))).toBe('abc');
    expect(String(await reader.octets(3))).toBe('abc');
  });

  test('rewind goes back to the mark', async () => {
    const reader = readerOf('abcdef', size);
    await reader.octets(2);
    reader.mark();
    await reader.octets(3);
    reader.rewind();
    expect(String(await reader.octets(4))).toBe('cdef');
  });

  test('numbers are Avro longs', async () => {
    const reader = readerOf('\x00\x01\x02\x7f\x80\x01\xac\x02', size);
    const numbers: number[] = [];
    while (!(await reader.atEnd())) numbers.push(await reader.long());
    expect(numbers).toEqual([0, -1, 1, -64, 64, 150]);
  });

  test('seek finds what lies across two chunks, behind the mark only', async () => {
    const reader = readerOf('##ab##cd', size);
    const found = (octets: Buffer) => octets.indexOf('##');
    expect(await reader.seek(found, 2)).toBe(true);
    expect(String(await reader.octets(3))).toBe('##c');
    reader.rewind();
    expect(await reader.seek(found, 2)).toBe(false);
  });
});

test('the file may not end in the middle of what was asked for', async () => {
  const reader = readerOf('abcdef', 4);
  await reader.octets(2);
  reader.block = 3;
  reader.mark();
  const error = await reader.octets(9).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(AvroContainerError);
  expect(error).toMatchObject({ code: 'AVRO_CONTAINER', path: 'flows.avro', block: 3, octet: 2 });
  expect((error as Error).message).toMatch(/^in flows\.avro: in block 3, .*\b2\b/);
});

test('a number of more than 64 bits is refused, in the header where no block has begun', async () => {
  const error = await readerOf('\xff'.repeat(11), 100)
    .long()
    .catch((caught: unknown) => caught);
  expect(error).toMatchObject({ block: 0, octet: 0 });
  expect((error as Error).message).toMatch(/^in flows\.avro: in the header: /);
});

test('a file that cannot be read says why', async () => {
  const reader = readerOf('ab', 2, new Error('EIO: i/o error'));
  await reader.octets(2);
  await expect(reader.octets(1)).rejects.toThrow('EIO: i/o error');
});
