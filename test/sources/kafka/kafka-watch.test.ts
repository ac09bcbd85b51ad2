// How far behind a member's partitions are, and whether a broker is heard of.

import type { Consumer } from 'kafkajs';
import { afterEach, expect, test, vi } from 'vitest';
import type { Origin } from '../../../src/sources/delivery.ts';
import { KafkaWatch, type PartitionEnd } from '../../../src/sources/kafka/kafka-watch.ts';

afterEach(() => vi.useRealTimers());

const origin: Origin = { topic: 'flows', partition: 2, generation: 1 };

function watched() {
  const time = { nowMs: 0, wallMs: 10_000 };
  const committed = new Map<Origin, number>();
  const watch = new KafkaWatch({
    origins: () => [origin],
    committed: (of) => committed.get(of),
    ends: () => Promise.resolve([]),
    nowMs: () => time.nowMs,
    wallMs: () => time.wallMs,
  });
  const partition = () => watch.partitions()[0];
  return { watch, time, committed, partition };
}

const startAt40 = {
  ...{ topic: 'flows', partition: 2, offset: 40, end: 100 },
  ...{ reset: 'latest' as const, isRecreated: false },
};

test('nothing is said of a partition before anything is known', () => {
  expect(watched().partition()).toMatchObject({ lagRecords: undefined, lagSeconds: undefined });
});

test('after the join the lag is that of the committed offset, its time not known yet', () => {
  const { watch, partition } = watched();
  watch.joined([startAt40]);
  expect(partition()).toMatchObject({ committed: 40, end: 100, lagRecords: 60 });
  expect(partition()?.lagSeconds).toBeUndefined();
});

test('a batch brings the end, a Delivery how old what is read is', () => {
  const { watch, committed, partition } = watched();
  watch.joined([startAt40]);
  watch.fetched(origin, 120);
  watch.delivered(origin, 7_500);
  committed.set(origin, 110);
  expect(partition()).toMatchObject({ committed: 110, end: 120, lagRecords: 10, lagSeconds: 2.5 });
});

test('without a lag there is none in seconds either, however old the last record is', () => {
  const { watch, committed, time, partition } = watched();
  watch.fetched(origin, 120);
  watch.delivered(origin, 7_500);
  committed.set(origin, 120);
  time.wallMs = 1_000_000;
  expect(partition()).toMatchObject({ lagRecords: 0, lagSeconds: 0 });
});

test('records without a timestamp have no age', () => {
  const { watch, committed, partition } = watched();
  watch.fetched(origin, 120);
  watch.delivered(origin, undefined);
  committed.set(origin, 1);
  expect(partition()).toMatchObject({ lagRecords: 119, lagSeconds: undefined });
});

test('a broker that is heard of ends the silence and the problem', () => {
  const { watch, time } = watched();
  watch.problem = 'the consumer crashed';
  time.nowMs = 30_000;
  expect(watch.silentMs).toBe(30_000);
  watch.heard();
  expect(watch.silentMs).toBe(0);
  expect(watch.problem).toBeUndefined();
});

test('the end of a partition of which nothing is fetched is asked for, one question at a time', async () => {
  vi.useFakeTimers();
  const asked: string[] = [];
  let answer: (ends: readonly PartitionEnd[]) => void = () => undefined;
  const watch = new KafkaWatch({
    origins: () => [origin],
    committed: () => 40,
    ends: (topic) => {
      asked.push(topic);
      return new Promise((resolve) => (answer = resolve));
    },
  });
  const events = { HEARTBEAT: 'h', FETCH: 'f', GROUP_JOIN: 'j', CRASH: 'c' };
  watch.begin({ events, on: () => () => undefined } as unknown as Consumer);
  for (let second = 0; second < 25; second += 1) {
    watch.heard();
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
