// Kafka's variable-length integers, as its protocol guide has them: zigzag, 7 bits in each octet.

import { expect, test } from 'vitest';
import { CorruptBatchError } from '../../../src/sources/records/corrupt-batch.ts';
import { VarintReader } from '../../../src/sources/records/varint-reader.ts';

function readerOf(hex: string): VarintReader {
  const reader = new VarintReader();
  reader.octets = Buffer.from(hex, 'hex');
  return reader;
}

const ints = [
  ['00', 0],
  ['01', -1],
  ['02', 1],
  ['7e', 63],
  ['7f', -64],
  ['8001', 64],
  ['8101', -65],
  ['ac02', 150],
  ['feffffff0f', 2 ** 31 - 1],
  ['ffffffff0f', -(2 ** 31)],
] as const;

test.each(ints)('the varint %s is %d', (hex, value) => {
  const reader = readerOf(`${hex}aa`);
  expect(reader.int()).toBe(value);
  expect(reader.at).toBe(hex.length / 2);
});

test.each([
  ...ints,
  ['8080808010', 2 ** 31],
  ['feffffffffffff0f', 2 ** 52 - 1],
  ['ffffffffffffff0f', -(2 ** 52)],
] as const)('the varlong %s is %d', (hex, value) => {
  const reader = readerOf(`${hex}aa`);
  expect(reader.long()).toBe(value);
  expect(reader.at).toBe(hex.length / 2);
});

test('a varint of more than 5 octets is refused', () => {
  expect(() => readerOf('808080808001').int()).toThrow(CorruptBatchError);
});

test('a varlong of more than 10 octets is refused', () => {
  expect(() => readerOf('8080808080808080808001').long()).toThrow(CorruptBatchError);
});

test.each(['', '80', '8080'])('a number that the octets “%s” cut off is refused', (hex) => {
  expect(() => readerOf(hex).int()).toThrow(CorruptBatchError);
  expect(() => readerOf(hex).long()).toThrow(CorruptBatchError);
});

test('bytes are as many as their length says, and none with the length -1', () => {
  const reader = readerOf('06616263' + '01' + '00' + '02ff');
  expect(reader.bytes()).toEqual(Buffer.from('abc'));
  expect(reader.bytes()).toBeNull();
  expect(reader.bytes()).toEqual(Buffer.alloc(0));
  expect(reader.bytes()).toEqual(Buffer.from([0xff]));
});

test('pass goes past octets and past null, and refuses a length below -1', () => {
  const reader = readerOf('06616263' + '01' + '02ff' + '03');
  reader.pass();
  expect(reader.at).toBe(4);
  reader.pass();
  expect(reader.at).toBe(5);
  reader.pass();
  expect(reader.at).toBe(7);
  expect(() => reader.pass()).toThrow(CorruptBatchError);
});
