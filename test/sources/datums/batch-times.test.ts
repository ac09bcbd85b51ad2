// Times of datums by the batches they came in.

import { expect, test } from 'vitest';
import { BatchTimes } from '../../../src/sources/datums/batch-times.ts';

test('a datum has the time of its batch and its own difference to it', () => {
  const times = new BatchTimes(4);
  times.note(0, 1_000);
  times.note(3, 2_000);
  times.note(4, 3_000);
  expect([0, 2, 3, 4, 99].map((datum) => times.timestampOf(datum, 7))).toEqual([
    1_007, 1_007, 2_007, 3_007, 3_007,
  ]);
});

test('a datum of a batch with the time of the broker has that time, whatever its own', () => {
  const times = new BatchTimes(2);
  times.note(0, 1_000, 5_000);
  times.note(2, 2_000);
  expect(times.timestampOf(1, 7)).toBe(5_000);
  expect(times.timestampOf(2, 7)).toBe(2_007);
});

test('batches that are noted for the same datum: the last one counts', () => {
  const times = new BatchTimes(3);
  times.note(0, 1_000);
  times.note(5, 2_000);
  times.note(5, 3_000);
  expect(times.timestampOf(5, 0)).toBe(3_000);
});

test('grown has more room and the same times', () => {
  const times = new BatchTimes(2);
  times.note(0, 1_000, 5_000);
  times.note(2, 2_000);
  const larger = times.grown(4);
  larger.note(3, 3_000);
  expect([1, 2, 3].map((datum) => larger.timestampOf(datum, 7))).toEqual([5_000, 2_007, 3_007]);
  expect(times.count).toBe(2);
});
