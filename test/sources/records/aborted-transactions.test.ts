// Which batches belong to aborted transactions, as Kafka's consumer decides it.

import { expect, test } from 'vitest';
import {
  type AbortedTransaction,
  AbortedTransactions,
  type Produced,
} from '../../../src/sources/records/aborted-transactions.ts';

const aborted = (producerId: number, firstOffset: number): AbortedTransaction => ({
  producerId: String(producerId),
  firstOffset: String(firstOffset),
});

const batch = (producerId: number, lastOffset: number, rest: Partial<Produced> = {}): Produced => ({
  ...{ producerId, lastOffset, isTransactional: true, isAbortMarker: false, ...rest },
});
const abortOf = (producerId: number, lastOffset: number) =>
  batch(producerId, lastOffset, { isAbortMarker: true });

test('a batch of an aborted transaction is included from its first offset up to its abort marker', () => {
  const transactions = new AbortedTransactions([aborted(1, 10)]);
  expect(transactions.includes(batch(1, 9))).toBe(false);
  expect(transactions.includes(batch(1, 10))).toBe(true);
  expect(transactions.includes(batch(1, 14))).toBe(true);
  expect(transactions.includes(abortOf(1, 15))).toBe(false);
  expect(transactions.includes(batch(1, 16))).toBe(false);
});

test('a batch of another producer, or outside any transaction, is not included', () => {
  const transactions = new AbortedTransactions([aborted(1, 10)]);
  expect(transactions.includes(batch(2, 11))).toBe(false);
  expect(transactions.includes(batch(1, 12, { isTransactional: false }))).toBe(false);
  expect(transactions.includes(batch(1, 13))).toBe(true);
});

test('transactions that are open at the same time end each at their own marker', () => {
  const transactions = new AbortedTransactions([aborted(1, 10), aborted(2, 11)]);
  expect(transactions.includes(batch(1, 10))).toBe(true);
  expect(transactions.includes(batch(2, 11))).toBe(true);
  expect(transactions.includes(abortOf(1, 12))).toBe(false);
  expect(transactions.includes(batch(1, 13))).toBe(false);
  expect(transactions.includes(batch(2, 14))).toBe(true);
});

test('the order of the list does not matter', () => {
  const transactions = new AbortedTransactions([aborted(2, 30), aborted(1, 10)]);
  expect(transactions.includes(batch(1, 10))).toBe(true);
  expect(transactions.includes(batch(2, 20))).toBe(false);
  expect(transactions.includes(batch(2, 30))).toBe(true);
});

test('a producer can abort twice in one fetch', () => {
  const transactions = new AbortedTransactions([aborted(1, 10), aborted(1, 20)]);
  expect(transactions.includes(batch(1, 10))).toBe(true);
  expect(transactions.includes(abortOf(1, 11))).toBe(false);
  expect(transactions.includes(batch(1, 15))).toBe(false);
  expect(transactions.includes(batch(1, 20))).toBe(true);
});
