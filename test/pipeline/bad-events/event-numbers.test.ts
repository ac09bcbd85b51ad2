// Numbers of events as a header's text, and back.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  eventNumbersFrom,
  eventNumbersText,
} from '../../../src/pipeline/bad-events/event-numbers.ts';

test('neighbours are a range', () => {
  expect(eventNumbersText([3, 7, 8, 9, 11])).toBe('3,7-9,11');
  expect(eventNumbersText([0, 1])).toBe('0-1');
});

test('any numbers come back as they were', () => {
  const numbers = fc.uniqueArray(fc.nat({ max: 5_000 }), { minLength: 1 });
  fc.assert(
    fc.property(numbers, (some) => {
      const rising = some.sort((a, b) => a - b);
      expect([...eventNumbersFrom(eventNumbersText(rising)!)!]).toEqual(rising);
    }),
  );
});

test('a list too long for a header is no list: all events of the message are meant', () => {
  const odd = Array.from({ length: 100_000 }, (_, i) => 2 * i);
  expect(eventNumbersText(odd)).toBeUndefined();
});

test.each(['', 'all', '1,', '3-1', '-1', '1-2-3', '0-999999999', '1e3', '9999999999'])(
  '%j is no list',
  (text) => expect(eventNumbersFrom(text)).toBeUndefined(),
);
