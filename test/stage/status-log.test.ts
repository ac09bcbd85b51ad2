// The line that says now and then what the process does, and the reminder of a collector that stays away.

import pino from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ProcessView } from '../../src/http/process-view.ts';
import type { WorkerSnapshot } from '../../src/http/worker-snapshot.ts';
import { emptyAccount } from '../../src/pipeline/frames/ledger.ts';
import { StatusLog } from '../../src/stage/status-log.ts';
import {
  pipelineSnapshot,
  sourceSnapshot,
  workerSnapshot,
} from '../support/fakes/worker-snapshots.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

type Collector = NonNullable<WorkerSnapshot['pipeline']>['collector'];

const address = '192.0.2.1:4739';
const sending: Collector = { address, state: 'sending' };
const refusing: Collector = { address, state: 'refusing', code: 'ECONNREFUSED' };

function logging(intervalMs: number | undefined, retentionMs?: number) {
  const lines: Record<string, unknown>[] = [];
  const around = { collector: sending, exported: 0, lagSeconds: 0 };
  const log = pino({}, { write: (line: string) => lines.push(JSON.parse(line) as never) });
  const view = new ProcessView({
    facts: {
      ...{ version: '1', workerCount: 1, collector: address, input: undefined, host: 'edge-1' },
      kafka: { brokers: ['kafka:9092'], topics: ['flows'], group: 'soc' },
    },
    ask: () => view.note(snapshot()),
  });
  const snapshot = (): WorkerSnapshot => {
    const { exported, lagSeconds, collector } = around;
    const account = { ...emptyAccount(), consumed: exported + 5, exported, inFlight: 5 };
    const lag = { lagRecords: lagSeconds * 100, lagSeconds, lagIsLowerBound: false, retentionMs };
    const seen = { topic: 'flows', partition: 0, committed: 0, end: 10, ...lag };
    return workerSnapshot({
      pipeline: pipelineSnapshot({ account, collector }),
      source: sourceSnapshot({ partitions: [seen] }),
    });
  };
  const status = new StatusLog({ view, intervalMs, log });
  return { around, lines, status };
}

const seconds = (count: number) => vi.advanceTimersByTimeAsync(1_000 * count);

test('each interval has one line, with rates, lag and what is waited for', async () => {
  const { around, lines, status } = logging(60_000);
  around.exported = 600;
  await seconds(61);
  expect(lines).toMatchObject([
    { level: 30, msg: 'status', exportedPerSecond: 10, exported: 600, inFlight: 5, lagRecords: 0 },
  ]);
  expect(lines[0]).not.toHaveProperty('waitingFor');
  Object.assign(around, { exported: 1_800, collector: refusing, lagSeconds: 30 });
  await seconds(60);
  expect(lines[1]).toMatchObject({
    ...{ msg: 'status', exportedPerSecond: 20, lagRecords: 3_000, lagSeconds: 30 },
    waitingFor: [`the collector ${address} (refuses)`],
  });
  status.close();
  await seconds(600);
  expect(lines).toHaveLength(2);
});

test('with the interval off there is none', async () => {
  const { lines } = logging(undefined);
  await seconds(600);
  expect(lines).toEqual([]);
});

test('a collector that stays away is a warning each minute, with duration, lag and retention', async () => {
  const { around, lines, status } = logging(undefined, 7 * 86_400_000);
  await seconds(30);
  around.collector = refusing;
  for (let second = 0; second < 185; second += 1) {
    around.lagSeconds += 1;
    await seconds(1);
  }
  expect(lines.map(({ code }) => code)).toEqual(Array(3).fill('COLLECTOR_STILL_AWAY'));
  expect(lines[0]).toMatchObject({ level: 40, collector: address, error: 'ECONNREFUSED' });
  expect(lines.map((line) => line['seconds'])).toEqual([60, 120, 180]);
  expect(lines[2]).toMatchObject({ retentionLeft: '6d 23h' });
  around.collector = sending;
  await seconds(600);
  expect(lines).toHaveLength(3);
  status.close();
});

test.each([
  [undefined, 'unknown'],
  [Infinity, 'no limit'],
  [3_600_000, '58m 59s'],
  [30_000, '0s'],
])('with a retention of %s ms, %s is left', async (retentionMs, left) => {
  const { around, lines, status } = logging(undefined, retentionMs);
  Object.assign(around, { collector: refusing, lagSeconds: 61 });
  await seconds(70);
  expect(lines).toMatchObject([{ retentionLeft: left }]);
  status.close();
});
