// The time of the oldest record in flight, from samples.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecordTimes } from '../../../src/sources/kafka/record-times.ts';

test('the time between two samples is interpolated, and known no further than the newest record', () => {
  const times = new RecordTimes();
  expect(times.at(0)).toBeUndefined();
  times.add(10, 1_000, 0);
  times.end(19, 1_900);
  times.add(20, 3_000, 0);
  times.end(29, 3_900);
  expect([5, 10, 15, 20, 29].map((offset) => times.at(offset))).toEqual([
    1_000, 1_000, 2_000, 3_000, 3_900,
  ]);
  expect(times.at(30)).toBeUndefined();
});

test('what is read again replaces what was read before', () => {
  const times = new RecordTimes();
  times.add(10, 1_000, 0);
  times.add(20, 2_000, 0);
  times.end(29, 2_900);
  times.add(15, 9_000, 0);
  times.end(15, 9_000);
  expect(times.at(10)).toBe(1_000);
  expect(times.at(15)).toBe(9_000);
  expect(times.at(20)).toBeUndefined();
});

test('of a steady partition every time is right within the distance of two samples', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 2_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (counts, part) => {
        const times = new RecordTimes();
        let next = 0;
        for (const count of counts) {
          times.add(next, next * 10, 0);
          next += count;
          times.end(next - 1, (next - 1) * 10);
        }
        const offset = Math.floor(part * (next - 1));
        expect(times.at(offset)).toBeCloseTo(offset * 10, 3);
      },
    ),
  );
});

test('what is committed is forgotten, and the samples stay few', () => {
  const times = new RecordTimes();
  for (let offset = 0; offset < 1_000_000; offset += 10) {
    times.add(offset, offset, Math.max(0, offset - 500));
    times.end(offset + 9, offset + 9);
    if (offset > 1_000) expect(times.at(offset - 300)).toBeCloseTo(offset - 300, 3);
  }
});
