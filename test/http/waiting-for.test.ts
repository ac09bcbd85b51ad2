// What a Worker waits for, in words.

import { expect, test } from 'vitest';
import type { WorkerView } from '../../src/http/process-view.ts';
import { waitingFor } from '../../src/http/waiting-for.ts';
import {
  pipelineSnapshot,
  sourceSnapshot,
  workerSnapshot,
} from '../support/fakes/worker-snapshots.ts';

const viewed = (told: Parameters<typeof workerSnapshot>[0]): WorkerView => ({
  ...{ worker: 0, silentMs: 0, hasEnded: false },
  snapshot: workerSnapshot(told),
});
const noPause = { count: 0, ms: 0, waiting: 0 };
const full = { pauses: { in_flight: { count: 1, ms: 5, waiting: 1 }, schema: noPause } };
const waits = [{ id: 7, reason: 'no answer', partitions: ['flows[2]'] }];
const away = (partition: number) => ({ topic: 'flows', partition, reason: 'none', seconds: 9 });
const refusing = { address: '10.0.0.1:4739', state: 'refusing', code: 'ECONNREFUSED' } as const;

test('a Worker that reads and sends waits for nothing', () => {
  expect(waitingFor(viewed({}))).toBeUndefined();
  expect(waitingFor(viewed({ source: undefined }))).toBeUndefined();
});

test('a Worker that starts or has ended waits for nothing', () => {
  expect(waitingFor(viewed({ pipeline: undefined }))).toBeUndefined();
  const source = sourceSnapshot({ joined: false });
  expect(waitingFor({ ...viewed({ source }), hasEnded: true })).toBeUndefined();
});

test.each([
  ['the brokers', { silentMs: 3_500 }],
  ['the group', { joined: false }],
  ['schema id 7', { waits }],
  ['schema id 7, 9', { waits: [...waits, { ...waits[0]!, id: 9 }] }],
  ['room in flight', full],
  ['flows[3]', { away: [away(3)] }],
  ['flows and 1 more', { away: [away(-1), away(4)] }],
])('a Worker can wait for %s', (words, told) => {
  expect(waitingFor(viewed({ source: sourceSnapshot(told) }))).toBe(words);
});

test.each([
  ['the collector 10.0.0.1:4739 (refuses)', { collector: refusing }],
  [
    'the collector 10.0.0.1:4739 (nothing can be sent)',
    { collector: { ...refusing, state: 'stalled' as const } },
  ],
  ['the export rate limit', { isRateLimited: true }],
])('sending can wait for %s, and that is named before the full memory', (words, told) => {
  const pipeline = pipelineSnapshot(told);
  expect(waitingFor(viewed({ pipeline, source: sourceSnapshot(full) }))).toBe(words);
});

test('dead letters are waited for when they cannot be written, or fill the room in flight', () => {
  const problem = 'no answer';
  const source = sourceSnapshot(full);
  expect(waitingFor(viewed({ deadLetters: { waiting: 3, problem } }))).toBe('dead letters');
  expect(waitingFor(viewed({ deadLetters: { waiting: 3, problem: undefined } }))).toBeUndefined();
  expect(waitingFor(viewed({ source, deadLetters: { waiting: 3, problem: undefined } }))).toBe(
    'dead letters',
  );
  expect(waitingFor(viewed({ source, deadLetters: { waiting: 0, problem: undefined } }))).toBe(
    'room in flight',
  );
});
