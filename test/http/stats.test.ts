// /stats and the ten minutes' history: what is summed over the Workers, and how.

import { expect, test } from 'vitest';
import { History } from '../../src/http/history.ts';
import { routesOf } from '../../src/http/routes.ts';
import { statsOf } from '../../src/http/stats.ts';
import { emptyAccount } from '../../src/pipeline/frames/ledger.ts';
import type { BadEventSeen } from '../../src/pipeline/bad-events/recent-bad-events.ts';
import type { Trouble } from '../../src/log/recent-troubles.ts';
import {
  pipelineSnapshot,
  sourceSnapshot,
  viewOf,
  workerSnapshot,
} from '../support/fakes/worker-snapshots.ts';

const template = {
  id: 300,
  topics: ['flows'],
  elements: ['flowId', 'octetDeltaCount'],
  records: 5,
};
const trouble = (message: string, atMs: number): Trouble => ({
  ...{ message, atMs, count: 1 },
  ...{ level: 'warn', code: 'BAD_EVENT', place: 'flows[1] offset 2' },
});
const seen = (partition: number, lagRecords: number | undefined) => ({
  ...{
    topic: 'flows',
    partition,
    committed: 1,
    end: 2,
    lagRecords,
    lagSeconds: 0,
    lagIsLowerBound: false,
  },
});
const workers = [0, 1].map((worker) =>
  workerSnapshot({
    worker,
    pipeline: pipelineSnapshot({
      observationDomainId: worker + 1,
      account: {
        ...emptyAccount(),
        ...{ consumed: 10, exported: 8, discarded: 2 },
        discardedByReason: { tombstone: 2 },
      },
      templates: [template],
    }),
    source: sourceSnapshot({ partitions: [seen(3 - worker, 4), seen(worker, undefined)] }),
    troubles: [trouble(`of ${worker}`, worker * 10)],
  }),
);

test('sums the account, and what is known of the lag', () => {
  const stats = statsOf(viewOf(workers));
  expect(stats.account).toMatchObject({ consumed: 20, exported: 16, discarded: 4, inFlight: 0 });
  expect(stats.account.discardedByReason).toEqual({ tombstone: 4 });
  expect(stats.lagRecords).toBe(8);
});

test('lists partitions in their order, with the Worker that has them', () => {
  const { partitions } = statsOf(viewOf(workers));
  expect(partitions.map(({ partition, worker }) => [partition, worker])).toEqual([
    [0, 0],
    [1, 1],
    [2, 1],
    [3, 0],
  ]);
});

test('counts a Template of several Workers once, with all its records', () => {
  expect(statsOf(viewOf(workers)).templates).toEqual([{ ...template, records: 10 }]);
});

test('has the newest trouble first, with its place', () => {
  const { troubles } = statsOf(viewOf(workers));
  expect(troubles.map(({ message, place }) => [message, place])).toEqual([
    ['of 1', 'flows[1] offset 2'],
    ['of 0', 'flows[1] offset 2'],
  ]);
});

test('counts the events that could not be exported, not those that nobody wanted', () => {
  const discardedByReason = { 'bad event': 2, 'too long': 1, tombstone: 5, 'a rule': 7 };
  const account = { ...emptyAccount(), deadLettered: 4, discarded: 15, discardedByReason };
  const view = viewOf([workerSnapshot({ pipeline: pipelineSnapshot({ account }) })]);
  expect(statsOf(view).badEventCount).toBe(7);
});

test('has one bad event of each kind, the newest first, and sums the losses of a topic', () => {
  const bad = (told: Partial<BadEventSeen>): BadEventSeen => ({
    ...{ atMs: 1, topic: 'flows', partition: 0, offset: 4, event: undefined, count: 2 },
    ...{ reason: 'BAD_EVENT', path: 'port', problem: 'too large', done: 'discarded' },
    ...told,
  });
  const lost = { topic: 'flows', deadLettered: {}, discarded: { 'bad event': 2 } };
  const view = viewOf(
    [
      [bad({ atMs: 5, offset: 9 }), bad({ atMs: 6, path: 'octets' })],
      [bad({ atMs: 3 }), bad({ atMs: 4, path: 'flags' })],
    ].map((badEvents, worker) =>
      workerSnapshot({ worker, pipeline: pipelineSnapshot({ badEvents, losses: [lost] }) }),
    ),
  );
  const { badEvents, losses } = statsOf(view);
  expect(badEvents.map(({ path, offset, count }) => [path, offset, count])).toEqual([
    ['octets', 4, 2],
    ['port', 9, 4],
    ['flags', 4, 2],
  ]);
  expect(losses).toEqual([{ topic: 'flows', deadLettered: {}, discarded: { 'bad event': 4 } }]);
});

test('says what a Worker waits for, and how long it worked', () => {
  const source = sourceSnapshot({ joined: false });
  const [stats] = statsOf(viewOf([workerSnapshot({ source, busyMs: 12 })])).workers;
  expect(stats).toMatchObject({ waitingFor: 'the group', busyMs: 12 });
});

test('says of each Worker how it is', () => {
  const time = { nowMs: 0 };
  const view = viewOf([...workers, workerSnapshot({ worker: 2, pipeline: undefined })], time);
  view.ended(0);
  const states = () => statsOf(view).workers.map(({ state }) => state);
  expect(states()).toEqual(['ended', 'running', 'starting']);
  time.nowMs = 20_000;
  expect(states()).toEqual(['ended', 'silent', 'starting']);
});

test('keeps ten minutes of samples', () => {
  const history = new History();
  const stats = statsOf(viewOf(workers), 0);
  for (let s = 0; s <= 700; s += 1) history.note({ ...stats, atMs: s * 1000 });
  expect(history.samples).toHaveLength(601);
  expect(history.samples.at(0)).toMatchObject({ atMs: 100_000, consumed: 20, lagRecords: 8 });
});

test('each path answers: JSON where it says so, and the states as the Workers reported them', async () => {
  const routes = routesOf(viewOf(workers), new History());
  expect(await routes('/livez')).toMatchObject({ status: 200, body: 'alive\n' });
  expect(await routes('/readyz')).toMatchObject({ status: 200 });
  for (const path of ['/readyz', '/stats', '/history', '/version']) {
    const { type, body } = (await routes(path))!;
    expect(type).toBe('application/json; charset=utf-8');
    expect(() => JSON.parse(body) as unknown).not.toThrow();
  }
  expect((await routes('/metrics'))?.body).toContain('kafka2ipfix_ready 1');
  expect(routes('/toString')).toBeUndefined();
});
