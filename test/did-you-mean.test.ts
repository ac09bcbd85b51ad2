// The nearest known name to a misspelt one.

import { expect, test } from 'vitest';
import { didYouMean } from '../src/did-you-mean.ts';

const names = ['COLLECTORS', 'KAFKA_BROKERS', 'KAFKA_TOPICS', 'WORKERS'];

test.each([
  ['COLLECTOR', 'COLLECTORS'],
  ['KAFKA_BORKERS', 'KAFKA_BROKERS'],
  ['kafka_topic', 'KAFKA_TOPICS'],
  ['WROKERS', 'WORKERS'],
])('%s means %s', (wrong, meant) => {
  expect(didYouMean(wrong, names)).toBe(meant);
});

test('a name that is far from all means none', () => {
  expect(didYouMean('FLUSH_INTERVAL', names)).toBeUndefined();
  expect(didYouMean('x', [])).toBeUndefined();
});

test('a short name may differ in two characters, not in three', () => {
  expect(didYouMean('abcd', ['abxy'])).toBe('abxy');
  expect(didYouMean('abcd', ['axyz'])).toBeUndefined();
});

test('the distance can be limited', () => {
  expect(didYouMean('WROKERS', names, 1)).toBeUndefined();
});

test('of two names that are equally near the first one is meant', () => {
  expect(didYouMean('ab', ['ac', 'ad'])).toBe('ac');
});
