// The view of the Workers asks them for fresh snapshots and waits no longer than they need.

import { expect, test } from 'vitest';
import { ProcessView } from '../../src/http/process-view.ts';
import { facts, workerSnapshot } from '../support/fakes/worker-snapshots.ts';

const two = { ...facts, workerCount: 2 };

test('resolves when all Workers have answered, and not before', async () => {
  const view = new ProcessView({ facts: two, ask: () => undefined });
  let isFresh = false;
  const fresh = view.fresh().then(() => (isFresh = true));
  view.note(workerSnapshot({ worker: 1 }));
  await Promise.resolve();
  expect(isFresh).toBe(false);
  view.note(workerSnapshot({ worker: 0 }));
  await fresh;
});

test('asks once for those who come at the same time', async () => {
  let asked = 0;
  const view = new ProcessView({ facts, ask: () => (asked += 1) });
  const both = Promise.all([view.fresh(), view.fresh()]);
  view.note(workerSnapshot());
  await both;
  expect(asked).toBe(1);
});

test('goes on with the last snapshot where a Worker does not answer', async () => {
  const view = new ProcessView({ facts: two, ask: () => view.note(workerSnapshot({ worker: 1 })) });
  view.note(workerSnapshot({ worker: 0, busyMs: 5 }));
  await view.fresh();
  expect(view.workers[0]?.snapshot?.busyMs).toBe(5);
});

test('does not wait for a Worker that has ended', async () => {
  const view = new ProcessView({ facts, ask: () => undefined });
  view.ended(0);
  await view.fresh();
  const other = new ProcessView({ facts, ask: () => other.ended(0) });
  await other.fresh();
});
