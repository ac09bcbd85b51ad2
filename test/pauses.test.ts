// How long something waited, as it is told while it still waits.

import { expect, test } from 'vitest';
import { Histogram } from '../src/pipeline/sending/histogram.ts';
import { Pauses } from '../src/pauses.ts';

test('a pause under way counts, up to now', () => {
  const pauses = new Pauses();
  pauses.begin(100);
  expect(pauses.seen(150)).toEqual({ count: 1, ms: 50, waiting: 1 });
  pauses.end(180);
  expect(pauses.seen(500)).toEqual({ count: 1, ms: 80, waiting: 0 });
});

test('pauses at the same time each count', () => {
  const pauses = new Pauses();
  pauses.begin(0);
  pauses.begin(10);
  pauses.end(30);
  expect(pauses.seen(40)).toEqual({ count: 2, ms: 60, waiting: 1 });
});

test('a histogram puts a value on a bound into the bucket below, and what is above all into the last', () => {
  const histogram = new Histogram([1, 2]);
  for (const value of [0.5, 1, 1.5, 2, 7]) histogram.observe(value);
  expect(histogram.seen).toEqual({ bounds: [1, 2], counts: [2, 2, 1], sum: 12 });
});
