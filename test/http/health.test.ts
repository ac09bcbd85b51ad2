// /livez and /readyz: what they say of which state, and with which words.

import { describe, expect, test } from 'vitest';
import { notLive, notReady } from '../../src/http/health.ts';
import {
  facts,
  pipelineSnapshot,
  sourceSnapshot,
  viewOf,
  workerSnapshot,
} from '../support/fakes/worker-snapshots.ts';
import { ProcessView } from '../../src/http/process-view.ts';

const codesOf = (view: ProcessView) => notReady(view).map(({ code }) => code);

test('a joined Worker that sends is alive and ready', () => {
  const view = viewOf([workerSnapshot(), workerSnapshot({ worker: 1 })]);
  expect(notLive(view)).toEqual([]);
  expect(notReady(view)).toEqual([]);
});

test('a Worker that was not heard of for ten seconds is not alive, and is named', () => {
  const time = { nowMs: 0 };
  const view = viewOf([workerSnapshot(), workerSnapshot({ worker: 1 })], time);
  time.nowMs = 9_000;
  view.note(workerSnapshot());
  expect(notLive(view)).toEqual([]);
  time.nowMs = 12_500;
  expect(notLive(view)).toEqual([
    {
      code: 'worker_silent',
      worker: 1,
      text: 'Worker 1 has not reported for 12 s; its event loop hangs',
    },
  ]);
  expect(codesOf(view)).toEqual(['worker_silent']);
});

test('a Worker that has ended is waited for no more, but the process is no longer ready', () => {
  const time = { nowMs: 0 };
  const view = viewOf([workerSnapshot()], time);
  view.ended(0);
  time.nowMs = 60_000;
  expect(notLive(view)).toEqual([]);
  expect(codesOf(view)).toEqual(['draining']);
});

test('a Worker that is starting has a minute until it is given up', () => {
  const time = { nowMs: 0 };
  const view = viewOf([workerSnapshot({ pipeline: undefined })], time);
  time.nowMs = 59_000;
  expect(notLive(view)).toEqual([]);
  expect(codesOf(view)).toEqual(['starting']);
  time.nowMs = 61_000;
  expect(notLive(view)).toHaveLength(1);
});

test('before a Worker has reported anything it is starting', () => {
  const view = new ProcessView({ facts, ask: () => undefined });
  expect(notLive(view)).toEqual([]);
  expect(codesOf(view)).toEqual(['starting']);
});

describe('not ready', () => {
  test.each([
    ['group_not_joined', { joined: false, problem: 'no answer' }, 'not in the group g: no answer'],
    ['broker_silent', { silentMs: 11_000 }, 'no broker (kafka-1:9092) has answered for 11 s'],
    [
      'schema_unavailable',
      { waits: [{ id: 7, reason: 'no answer', partitions: ['flows[2]'] }] },
      'flows[2] waits for schema id 7: no answer',
    ],
  ] as const)('%s, with what it waits for', (code, told, text) => {
    const view = viewOf([workerSnapshot({ source: sourceSnapshot(told) })]);
    expect(notReady(view)).toEqual([{ code, worker: 0, text }]);
  });

  test.each([
    [
      'refusing',
      'ECONNREFUSED',
      'collector_refuses',
      'the collector 192.0.2.1:4739 refuses (ECONNREFUSED); start it, or correct COLLECTORS',
    ],
    [
      'stalled',
      'ENOSPC',
      'collector_stalled',
      'nothing can be sent to 192.0.2.1:4739 now (ENOSPC)',
    ],
  ] as const)('a collector that is %s', (state, socketCode, code, text) => {
    const collector = { address: '192.0.2.1:4739', state, code: socketCode };
    const view = viewOf([workerSnapshot({ pipeline: pipelineSnapshot({ collector }) })]);
    expect(notReady(view)).toEqual([{ code, worker: 0, text }]);
    expect(notLive(view)).toEqual([]);
  });

  test('brokers that are away are one reason, also at the start, and not one for each partition', () => {
    const brokersAway = { reason: 'connect ECONNREFUSED', seconds: 25.4 };
    const text = 'no broker (kafka-1:9092) has answered for 25 s: connect ECONNREFUSED';
    const silent = { code: 'broker_silent', worker: 0, text };
    const away = [{ topic: 'flows', partition: 1, reason: 'no answer', seconds: 20 }];
    const source = sourceSnapshot({ silentMs: 25_400, away });
    expect(notReady(viewOf([workerSnapshot({ source, brokersAway })]))).toEqual([silent]);
    const starting = workerSnapshot({ pipeline: undefined, source: undefined, brokersAway });
    expect(notReady(viewOf([starting]))).toMatchObject([silent, { code: 'starting' }]);
  });

  test('dead letters that cannot be written', () => {
    const deadLetters = { waiting: 3, problem: 'not enough replicas' };
    expect(notReady(viewOf([workerSnapshot({ deadLetters })]))).toEqual([
      {
        code: 'dead_letters_unwritable',
        worker: 0,
        text: 'dead letters cannot be written: not enough replicas; check DLQ_TOPIC',
      },
    ]);
    const written = { waiting: 0, problem: undefined };
    expect(notReady(viewOf([workerSnapshot({ deadLetters: written })]))).toEqual([]);
  });

  test('all reasons are reported at once', () => {
    const source = sourceSnapshot({ joined: false, silentMs: 60_000 });
    const view = viewOf([workerSnapshot({ source })]);
    view.isDraining = true;
    expect(codesOf(view)).toEqual(['draining', 'group_not_joined', 'broker_silent']);
  });
});
