import { expect, test } from 'vitest';
import { doneWith, lend, ResponseMemory } from '../../../src/sources/kafkajs/response-memory.ts';

const long = 3_000_000;

test('a long response lies where the last one lay, once all parts of that were done with', () => {
  const memory = new ResponseMemory();
  const first = memory.take(long);
  const parts = [{}, {}];
  lend(first.subarray(10, 20), parts[0]!);
  lend(first.subarray(20, 30), parts[1]!);
  doneWith(parts[0]!);
  expect(memory.take(long).buffer).not.toBe(first.buffer);
  doneWith(parts[1]!);
  expect(memory.take(long - 1_000).buffer).toBe(first.buffer);
});

test('a part that says twice that it is done counts once', () => {
  const memory = new ResponseMemory();
  const first = memory.take(long);
  const parts = [{}, {}];
  for (const part of parts) lend(first, part);
  doneWith(parts[0]!);
  doneWith(parts[0]!);
  expect(memory.take(long).buffer).not.toBe(first.buffer);
});

test('memory of which no part was lent is not used again', () => {
  const memory = new ResponseMemory();
  const first = memory.take(long);
  expect(memory.take(long).buffer).not.toBe(first.buffer);
});

test('a longer response gets memory of its own, and so does a short one', () => {
  const memory = new ResponseMemory();
  const first = memory.take(long);
  const part = {};
  lend(first, part);
  doneWith(part);
  expect(memory.take(1_000).buffer).not.toBe(first.buffer);
  const longer = memory.take(2 * long);
  expect(longer.buffer).not.toBe(first.buffer);
  expect(longer).toHaveLength(2 * long);
});
