// How far behind a member's partitions are, in records and in time.

import type { Consumer } from 'kafkajs';
import { afterEach, expect, test, vi } from 'vitest';
import type { Origin } from '../../../src/sources/delivery.ts';
import type { Contact } from '../../../src/sources/kafka/broker-contact.ts';
import { KafkaWatch, type PartitionEnd } from '../../../src/sources/kafka/kafka-watch.ts';
import { steadyContact } from '../../support/fakes/broker-contact.ts';

afterEach(() => vi.useRealTimers());

const origin: Origin = { topic: 'flows', partition: 2, generation: 1 };

function watched() {
  const time = { nowMs: 0, wallMs: 10_000 };
  const committed = new Map<Origin, number>();
  const around: { contact: Pick<Contact, 'away' | 'silentMs'> } = { contact: steadyContact };
  const watch = new KafkaWatch({
    origins: () => [origin],
    committed: (of) => committed.get(of),
    ends: () => Promise.resolve([]),
    retentionMs: () => Promise.resolve(604_800_000),
    contact: {
      get away() {
        return around.contact.away;
      },
      get silentMs() {
        return around.contact.silentMs;
      },
    },
    nowMs: () => time.nowMs,
    wallMs: () => time.wallMs,
  });
  const partition = () => watch.partitions()[0];
  return { watch, time, committed, partition, around };
}

const startAt40 = {
  ...{ topic: 'flows', partition: 2, offset: 40, end: 100 },
  ...{ reset: 'latest' as const, isRecreated: false },
};

test('nothing is said of a partition before anything is known', () => {
  expect(watched().partition()).toMatchObject({ lagRecords: undefined, lagSeconds: undefined });
});

test('after the join the lag is that of the committed offset, and its time a lower bound', () => {
  const { watch, time, partition } = watched();
  watch.joined([startAt40]);
  time.nowMs = 3_000;
  expect(partition()).toMatchObject({ committed: 40, end: 100, lagRecords: 60 });
  expect(partition()).toMatchObject({ lagSeconds: 3, lagIsLowerBound: true });
});

/** Records 100 to 119, one each 100 ms, handed on in two Deliveries. */
function inFlight() {
  const all = watched();
  all.watch.fetched(origin, 120);
  all.watch.delivered(origin, { offset: 100, nextOffset: 110, timeMs: 0, lastTimeMs: 900 });
  all.watch.delivered(origin, { offset: 110, nextOffset: 120, timeMs: 1_000, lastTimeMs: 1_900 });
  all.committed.set(origin, 100);
  return all;
}

test('the lag in time is the age of the oldest record that is not committed', () => {
  const { committed, partition } = inFlight();
  expect(partition()).toMatchObject({ lagRecords: 20, lagSeconds: 10, lagIsLowerBound: false });
  committed.set(origin, 105);
  expect(partition()).toMatchObject({ lagRecords: 15, lagSeconds: 9.5 });
  committed.set(origin, 115);
  expect(partition()).toMatchObject({ lagRecords: 5, lagSeconds: 8.5 });
  committed.set(origin, 119);
  expect(partition()).toMatchObject({ lagRecords: 1, lagSeconds: 8.1 });
});

test('under a collector that takes nothing it grows by one second a second', () => {
  const { watch, time, partition } = inFlight();
  for (let second = 0; second < 100; second += 1) {
    time.nowMs += 1_000;
    time.wallMs += 1_000;
    watch.fetched(origin, 120 + second);
    expect(partition()).toMatchObject({ lagSeconds: 11 + second, lagIsLowerBound: false });
  }
});

test.each([
  ['no broker answers', { away: { reason: 'refused', sinceMs: 0 }, silentMs: 900 }],
  ['nothing was heard for 6 s', { away: undefined, silentMs: 6_000 }],
])('while %s it goes on growing, as a lower bound', (_, contact) => {
  const { time, partition, around } = inFlight();
  around.contact = contact;
  time.wallMs += 30_000;
  expect(partition()).toMatchObject({ lagSeconds: 40, lagIsLowerBound: true });
});

test('without a lag there is none in seconds either, however old the last record is', () => {
  const { committed, time, partition, around } = inFlight();
  committed.set(origin, 120);
  time.wallMs = 1_000_000;
  const none = { lagRecords: 0, lagSeconds: 0, lagIsLowerBound: false };
  expect(partition()).toMatchObject(none);
  around.contact = { away: undefined, silentMs: 10_000 };
  expect(partition()).toMatchObject({ ...none, lagIsLowerBound: true });
});

test('records that were not fetched yet are as old as the knowledge of them', () => {
  const { watch, committed, time, partition } = inFlight();
  committed.set(origin, 120);
  watch.fetched(origin, 150);
  time.nowMs += 4_000;
  watch.fetched(origin, 170);
  expect(partition()).toMatchObject({ lagRecords: 50, lagSeconds: 4, lagIsLowerBound: true });
});

test('records without a timestamp are at least as old as their delivery', () => {
  const { watch, committed, time, partition } = watched();
  watch.fetched(origin, 120);
  const noTimes = { timeMs: undefined, lastTimeMs: undefined };
  watch.delivered(origin, { offset: 0, nextOffset: 120, ...noTimes });
  committed.set(origin, 1);
  time.wallMs += 2_000;
  expect(partition()).toMatchObject({ lagRecords: 119, lagSeconds: 2, lagIsLowerBound: true });
});

test('the end of a partition of which nothing is fetched is asked for, one question at a time', async () => {
  vi.useFakeTimers();
  const asked: string[] = [];
  let answer: (ends: readonly PartitionEnd[]) => void = () => undefined;
  const watch = new KafkaWatch({
    origins: () => [origin],
    committed: () => 40,
    contact: steadyContact,
    retentionMs: () => Promise.resolve(Infinity),
    ends: (topic) => {
      asked.push(topic);
      return new Promise((resolve) => (answer = resolve));
    },
  });
  const events = { HEARTBEAT: 'h', FETCH: 'f', GROUP_JOIN: 'j', CRASH: 'c' };
  watch.begin({ events, on: () => () => undefined } as unknown as Consumer);
  for (let second = 0; second < 25; second += 1) {
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect(asked).toEqual(['flows']);
  answer([{ partition: 2, high: '90' }]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(watch.partitions()[0]).toMatchObject({ end: 90, lagRecords: 50 });
  watch.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveLength(1);
});

test('how long Kafka keeps records is asked for where some wait, and once in ten minutes', async () => {
  vi.useFakeTimers();
  const asked: string[] = [];
  const watch = new KafkaWatch({
    ...{ origins: () => [origin], committed: () => 40, contact: steadyContact },
    ends: () => Promise.resolve([]),
    retentionMs: (topic) => {
      asked.push(topic);
      return asked.length === 2 ? Promise.reject(new Error('not allowed')) : Promise.resolve(7);
    },
  });
  const events = { HEARTBEAT: 'h', FETCH: 'f', GROUP_JOIN: 'j', CRASH: 'c' };
  watch.begin({ events, on: () => () => undefined } as unknown as Consumer);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toEqual([]);
  watch.fetched(origin, 50);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toEqual(['flows']);
  expect(watch.partitions()[0]).toMatchObject({ retentionMs: 7 });
  await vi.advanceTimersByTimeAsync(620_000);
  // An answer that is refused leaves what was known.
  expect(asked).toHaveLength(2);
  expect(watch.partitions()[0]).toMatchObject({ retentionMs: 7 });
  watch.close();
});
