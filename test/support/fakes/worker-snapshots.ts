// Snapshots of Workers as their threads tell them, for tests of what is made of them.

import { emptyAccount } from '../../../src/pipeline/frames/ledger.ts';
import type { PipelineSnapshot } from '../../../src/pipeline/pipeline-snapshot.ts';
import { type ProcessFacts, ProcessView } from '../../../src/http/process-view.ts';
import type { SourceSnapshot } from '../../../src/sources/source-snapshot.ts';
import type { WorkerSnapshot } from '../../../src/http/worker-snapshot.ts';

const noPause = { count: 0, ms: 0, waiting: 0 };

export const facts: ProcessFacts = {
  version: '1.2.3',
  host: 'export-1',
  workerCount: 1,
  collector: '192.0.2.1:4739',
  kafka: { brokers: ['kafka-1:9092'], topics: ['flows'], group: 'g' },
  input: undefined,
};

export const pipelineSnapshot = (told: Partial<PipelineSnapshot> = {}): PipelineSnapshot => ({
  observationDomainId: 1,
  account: emptyAccount(),
  losses: [],
  badEvents: [],
  sent: {
    ...{ messages: 0, records: 0, optionsRecords: 0, octets: 0 },
    ...{ templateMessages: 0, splitMessages: 0, refusals: 0, resentMessages: 0 },
  },
  receivedOctets: 0,
  sendErrors: {},
  collector: { address: '192.0.2.1:4739', state: 'sending' },
  isRateLimited: false,
  refusals: noPause,
  templates: [],
  messageAge: { bounds: [0.1, 1], counts: [0, 0, 0], sum: 0 },
  exportDelay: { bounds: [0.1, 1], counts: [0, 0, 0], sum: 0 },
  ...told,
});

export const sourceSnapshot = (told: Partial<SourceSnapshot> = {}): SourceSnapshot => ({
  joined: true,
  joins: 1,
  silentMs: 0,
  problem: undefined,
  partitions: [],
  waits: [],
  away: [],
  recreated: 0,
  commits: { succeeded: 0, failed: 0 },
  registryRequests: { answered: 0, unknown: 0, unavailable: 0 },
  pauses: { in_flight: noPause, schema: noPause },
  ...told,
});

export const workerSnapshot = (told: Partial<WorkerSnapshot> = {}): WorkerSnapshot => ({
  worker: 0,
  pipeline: pipelineSnapshot(),
  source: sourceSnapshot(),
  domainConflicts: 0,
  troubles: [],
  busyMs: 0,
  heapOctets: 0,
  ...told,
});

/** A view of Workers that have told this, at a time that the test moves. */
export function viewOf(
  snapshots: readonly WorkerSnapshot[],
  time: { nowMs: number } = { nowMs: 0 },
): ProcessView {
  const view: ProcessView = new ProcessView({
    facts: { ...facts, workerCount: snapshots.length },
    ask: () => snapshots.forEach((snapshot) => view.note(snapshot)),
    nowMs: () => time.nowMs,
  });
  for (const snapshot of snapshots) view.note(snapshot);
  return view;
}
