// How long an event takes from the producer's send to its datagram, at 1,000 events a second, for
// short and long flush intervals. One partition and one Template: records come in the order of sending.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { flowSchema, flowType, randomFlows } from '../flows.ts';
import { Arrivals, stageFor, Topic } from './stage-run.ts';

const eventsPerSecond = 1_000;
const seconds = 20;
const warmUpSeconds = 5;
const flushIntervalsMs = [10, 100, 1_000];
const allowedBeyondMs = 10;

const quantile = (sorted: readonly number[], share: number): number =>
  Number(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!.toFixed(1));

async function delaysMs(brokers: readonly string[], schemaFile: string, flushIntervalMs: number) {
  const topic = await Topic.create(brokers, 1);
  const arrivals = new Arrivals();
  await arrivals.listen();
  const stage = await stageFor(brokers, topic, arrivals.port, {
    AVRO_SCHEMA_FILE: schemaFile,
    FLUSH_INTERVAL: `${flushIntervalMs}ms`,
  });
  await stage.waitForLine('joined the group');
  const next = randomFlows(7);
  const sentAtMs: number[] = [];
  const sends: Promise<unknown>[] = [];
  const startMs = performance.now();
  while (sentAtMs.length < (warmUpSeconds + seconds) * eventsPerSecond) {
    const due = ((performance.now() - startMs) / 1_000) * eventsPerSecond;
    while (sentAtMs.length < due) {
      sentAtMs.push(performance.now());
      sends.push(topic.send(flowType.toBuffer(next(Date.now()))));
    }
    await sleep(1);
  }
  await Promise.all(sends);
  await arrivals.until(sentAtMs.length);
  await stage.stop();
  await arrivals.close();
  await topic.close();
  const { marks } = arrivals;
  let mark = 0;
  const delays = sentAtMs.map((atMs, i) => {
    while (marks[mark]!.records <= i) mark += 1;
    return marks[mark]!.atMs - atMs;
  });
  return delays.slice(warmUpSeconds * eventsPerSecond).toSorted((a, b) => a - b);
}

export async function latency(brokers: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-latency-'));
  const schemaFile = join(folder, 'flow.avsc');
  writeFileSync(schemaFile, JSON.stringify(flowSchema));
  const rows = [];
  for (const flushIntervalMs of flushIntervalsMs) {
    const delays = await delaysMs(brokers, schemaFile, flushIntervalMs);
    rows.push({
      flushIntervalMs,
      events: delays.length,
      p50Ms: quantile(delays, 0.5),
      p99Ms: quantile(delays, 0.99),
      maxMs: quantile(delays, 1),
    });
  }
  rmSync(folder, { recursive: true });
  return {
    name: 'at 1,000 events a second 99 of 100 leave within FLUSH_INTERVAL + 10 ms of their sending',
    rows,
    holds: rows.every(({ flushIntervalMs, p99Ms }) => p99Ms <= flushIntervalMs + allowedBeyondMs),
  };
}
