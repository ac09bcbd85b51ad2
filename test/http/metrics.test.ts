// /metrics: what is told of snapshots, in Prometheus' text format and by its naming rules.

import { describe, expect, test } from 'vitest';
import { metricDefinitions } from '../../src/http/metric-definitions.ts';
import { metricsRegistry } from '../../src/http/metrics.ts';
import { emptyAccount } from '../../src/pipeline/frames/ledger.ts';
import {
  pipelineSnapshot,
  sourceSnapshot,
  viewOf,
  workerSnapshot,
} from '../support/fakes/worker-snapshots.ts';

const account = {
  ...emptyAccount(),
  ...{ consumed: 20, exported: 11, deadLettered: 2, discarded: 3, returned: 1, inFlight: 3 },
  discardedByReason: { 'bad event': 1, 'a "rule"\n': 2 },
};
const losses = [
  {
    topic: 'flows',
    deadLettered: { UNREADABLE: 2 },
    discarded: { 'bad event': 1, 'a "rule"\n': 2 },
  },
];
const partition = { topic: 'flows', partition: 3, lagIsLowerBound: false };
const pipeline = pipelineSnapshot({
  account,
  losses,
  sendErrors: { ENOBUFS: 4 },
  exportDelay: { bounds: [0.1, 1], counts: [1, 2, 3], sum: 12.5 },
  refusals: { count: 1, ms: 1_500, waiting: 0 },
});
const source = sourceSnapshot({
  joins: 3,
  partitions: [
    { ...partition, committed: 5, end: 9, lagRecords: 4, lagSeconds: 1.5 },
    {
      ...partition,
      partition: 4,
      committed: undefined,
      end: 9,
      lagRecords: undefined,
      lagSeconds: undefined,
    },
  ],
  registryRequests: { answered: 1, unknown: 0, unavailable: 2 },
});
const view = viewOf([
  workerSnapshot({ pipeline, source }),
  workerSnapshot({ worker: 1, pipeline: undefined, source: undefined }),
]);
const registry = metricsRegistry(view);
const lines = (await registry.metrics()).split('\n');

test.each([
  'kafka2ipfix_records_consumed_total{worker="0"} 20',
  'kafka2ipfix_records_dead_lettered_total{worker="0",topic="flows",reason="UNREADABLE"} 2',
  'kafka2ipfix_records_dead_lettered_total{worker="0",topic="flows",reason="BAD_EVENT"} 0',
  'kafka2ipfix_records_discarded_total{worker="0",topic="flows",reason="bad event"} 1',
  'kafka2ipfix_records_discarded_total{worker="0",topic="flows",reason="tombstone"} 0',
  'kafka2ipfix_records_discarded_total{worker="0",topic="flows",reason="a \\"rule\\"\\n"} 2',
  'kafka2ipfix_records_in_flight{worker="0"} 3',
  'kafka2ipfix_send_errors_total{worker="0",code="ENOBUFS"} 4',
  'kafka2ipfix_export_delay_seconds_bucket{worker="0",le="0.1"} 1',
  'kafka2ipfix_export_delay_seconds_bucket{worker="0",le="1"} 3',
  'kafka2ipfix_export_delay_seconds_bucket{worker="0",le="+Inf"} 6',
  'kafka2ipfix_export_delay_seconds_sum{worker="0"} 12.5',
  'kafka2ipfix_export_delay_seconds_count{worker="0"} 6',
  'kafka2ipfix_kafka_lag_records{worker="0",topic="flows",partition="3"} 4',
  'kafka2ipfix_kafka_lag_seconds{worker="0",topic="flows",partition="3"} 1.5',
  'kafka2ipfix_rebalances_total{worker="0"} 2',
  'kafka2ipfix_registry_requests_total{worker="0",result="unavailable"} 2',
  'kafka2ipfix_pause_seconds_total{worker="0",reason="collector"} 1.5',
  'kafka2ipfix_worker_alive{worker="1"} 1',
  'kafka2ipfix_ready 0',
])('tells %s', (line) => {
  expect(lines).toContain(line);
});

test('tells nothing of what is not known', () => {
  expect(lines.filter((line) => line.includes('partition="4"'))).toEqual([]);
  expect(
    lines.filter((line) => line.startsWith('kafka2ipfix_records_') && line.includes('worker="1"')),
  ).toEqual([]);
});

test('tells the same again when nothing has happened', async () => {
  const own = (line: string) => line.startsWith('kafka2ipfix_');
  expect((await registry.metrics()).split('\n').filter(own)).toEqual(lines.filter(own));
});

test('has the metrics of the process and of Node.js beside its own', () => {
  for (const name of ['process_resident_memory_bytes', 'nodejs_eventloop_lag_seconds']) {
    expect(lines.some((line) => line.startsWith(`${name} `))).toBe(true);
  }
});

describe.each(metricDefinitions)('$name', ({ name, type, help, labels }) => {
  test('keeps to the naming rules of Prometheus', () => {
    expect(name).toMatch(/^kafka2ipfix_[a-z_]+[a-z]$/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    expect(name).not.toMatch(/_(ms|milliseconds|octets|percent)(_|$)/);
    for (const label of labels) expect(label).toMatch(/^[a-z_]+$/);
    expect(help).toMatch(/^[A-Z0-9].*\.$/);
  });

  test('is reported under its labels', () => {
    const samples = lines.filter((line) =>
      new RegExp(`^${name}(_bucket|_sum|_count)?[{ ]`).test(line),
    );
    expect(samples.length).toBeGreaterThan(0);
    for (const sample of samples) {
      const told = Array.from(sample.matchAll(/[{,]([a-z_]+)="/g), ([, label]) => label);
      expect(told.filter((label) => label !== 'le')).toEqual(labels);
    }
  });
});
