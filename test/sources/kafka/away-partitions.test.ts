// Partitions that cannot be read: which are left out of fetches, when they are tried again, and what is
// logged of them, once for all that have one reason.

import pino from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AwayPartitions, wholeTopic } from '../../../src/sources/kafka/away-partitions.ts';
import { originOf } from '../../support/events/flow-events.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Line {
  readonly level: number;
  readonly partitions: readonly string[];
  readonly reason?: string;
  readonly seconds: number;
  readonly msg: string;
}

function watching(lookAgain: () => Promise<void> = () => Promise.resolve(), isQuiet = false) {
  const lines: Line[] = [];
  const looks: number[] = [];
  const log = pino({}, { write: (line: string) => lines.push(JSON.parse(line) as Line) });
  const away = new AwayPartitions({
    log,
    nowMs: () => Date.now(),
    isQuiet: () => isQuiet,
    lookAgain: () => {
      looks.push(Date.now());
      return lookAgain();
    },
  });
  return { away, lines, looks };
}

const [first, second, third] = [originOf(0), originOf(1), originOf(2)];
const advance = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test('a partition is left out of fetches until it is tried, and is back when it answers', () => {
  const { away } = watching();
  away.add(first, 'no leader');
  expect([away.has(first), away.has(second)]).toEqual([true, false]);
  away.try(first);
  expect(away.has(first)).toBe(false);
  expect(away.all()).toEqual([first]);
  away.back(first);
  expect(away.all()).toEqual([]);
  away.close();
});

test('a partition that fails when it is tried is left out again, under its new reason', async () => {
  const { away } = watching();
  away.add(first, 'no leader');
  await advance(1_500);
  away.try(first);
  away.add(first, 'no topic');
  expect(away.has(first)).toBe(true);
  expect(away.seen()).toEqual([{ topic: 'flows', partition: 0, reason: 'no topic', seconds: 1 }]);
  away.close();
});

test('looks again after 250 ms, then later each time, up to every 2 s', async () => {
  const { away, looks } = watching();
  const startMs = Date.now();
  away.add(first, 'no leader');
  await advance(8_000);
  expect(looks.map((ms) => ms - startMs)).toEqual([250, 750, 1_750, 3_750, 5_750, 7_750]);
  away.close();
});

test('looks no more once all are back, and soon again when another one goes', async () => {
  const { away, looks } = watching();
  away.add(first, 'no leader');
  await advance(4_000);
  away.back(first);
  await advance(10_000);
  const before = looks.length;
  away.add(second, 'no leader');
  await advance(250);
  expect(looks.length).toBe(before + 1);
  away.close();
});

test('goes on looking where a look fails', async () => {
  const { away, looks } = watching(() => Promise.reject(new Error('no broker answers')));
  away.add(first, 'no leader');
  await advance(1_000);
  expect(looks).toHaveLength(2);
  away.close();
});

test('looks no more after close', async () => {
  const { away, looks } = watching();
  away.add(first, 'no leader');
  away.close();
  await advance(10_000);
  expect(looks).toEqual([]);
});

test('logs one line for each reason after 2 s, and again after a minute', async () => {
  const { away, lines } = watching();
  away.add(second, 'no leader');
  away.add(first, 'no leader');
  away.add(originOf(7), 'no topic');
  await advance(1_900);
  expect(lines).toEqual([]);
  await advance(2_000);
  expect(lines.map(({ level, reason, partitions }) => ({ level, reason, partitions }))).toEqual([
    { level: 40, reason: 'no leader', partitions: ['flows[0]', 'flows[1]'] },
    { level: 40, reason: 'no topic', partitions: ['flows[7]'] },
  ]);
  await advance(56_000);
  expect(lines).toHaveLength(2);
  await advance(6_000);
  expect(lines).toHaveLength(4);
  away.close();
});

test('logs all partitions that share a reason in one line', async () => {
  const { away, lines } = watching();
  for (let i = 0; i < 23; i += 1) away.add(originOf(i), 'no leader');
  await advance(4_000);
  expect(lines).toHaveLength(1);
  expect(lines[0]!.partitions).toHaveLength(23);
  away.close();
});

test('logs those that came back in one line, and none that were never logged as away', async () => {
  const { away, lines } = watching();
  for (const origin of [first, second]) away.add(origin, 'no leader');
  await advance(4_000);
  away.add(third, 'no leader');
  for (const origin of [second, first, third]) away.back(origin);
  await advance(1);
  expect(lines).toHaveLength(2);
  expect(lines[1]).toMatchObject({ level: 30, partitions: ['flows[0]', 'flows[1]'], seconds: 4 });
  away.close();
});

test('forgets one partition, or all that this member does not hold', () => {
  const { away } = watching();
  for (const origin of [first, second]) away.add(origin, 'no leader');
  away.forget(first);
  expect(away.all()).toEqual([second]);
  away.add(first, 'no leader');
  away.keepOnly((origin) => origin === first);
  expect(away.all()).toEqual([first]);
  away.close();
});

test('a whole topic is logged by its name alone', async () => {
  const { away, lines } = watching();
  away.add(originOf(wholeTopic), 'no topic');
  await advance(4_000);
  expect(lines[0]!.partitions).toEqual(['flows']);
  away.close();
});

test('while all brokers are away, which has a line of its own, no partition is named', async () => {
  const { away, lines } = watching(undefined, true);
  away.add(first, 'no leader');
  await advance(120_000);
  expect(lines).toEqual([]);
  expect(away.seen()).toMatchObject([{ reason: 'no leader', seconds: 120 }]);
  away.close();
});
