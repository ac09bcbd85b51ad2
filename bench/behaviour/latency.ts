// How long an event takes from the producer's send to its datagram, at 1,000 events a second, for
// short and long flush intervals. One partition and one Template: records come in the order of sending.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { flowSchema, flowType, randomFlows } from '../flows.ts';
import { Arrivals, stageFor, Topic } from './stage-run.ts';

export const eventsPerSecond = 1_000;
const seconds = 20;
const warmUpSeconds = 5;
const flushIntervalsMs = [10, 100, 1_000];
const allowedBeyondMs = 10;

export const quantile = (sorted: readonly number[], share: number): number =>
  Number(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!.toFixed(1));

export interface Paced {
  readonly brokers: readonly string[];
  readonly settings: Readonly<Record<string, string>>;
  /** Without those to warm up. */
  readonly seconds: number;
  /** Called at the begin of each second but those. */
  readonly onSecond?: (second: number) => void;
}

/** In the order of sending, without those of the warm-up: as many for each second. */
export async function delaysMs({ brokers, settings, seconds, onSecond }: Paced): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-latency-'));
  const schemaFile = join(folder, 'flow.avsc');
  writeFileSync(schemaFile, JSON.stringify(flowSchema));
  const topic = await Topic.create(brokers, 1);
  const arrivals = new Arrivals();
  await arrivals.listen();
  const stage = await stageFor(brokers, topic, arrivals.port, {
    AVRO_SCHEMA_FILE: schemaFile,
    ...settings,
  });
  await stage.waitForLine('joined the group');
  const next = randomFlows(7);
  const sentAtMs: number[] = [];
  const sends: Promise<unknown>[] = [];
  const startMs = performance.now();
  while (sentAtMs.length < (warmUpSeconds + seconds) * eventsPerSecond) {
    const due = ((performance.now() - startMs) / 1_000) * eventsPerSecond;
    while (sentAtMs.length < due) {
      const event = sentAtMs.length - warmUpSeconds * eventsPerSecond;
      if (event >= 0 && event % eventsPerSecond === 0) onSecond?.(event / eventsPerSecond);
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
  rmSync(folder, { recursive: true });
  const { marks } = arrivals;
  let mark = 0;
  const delays = sentAtMs.map((atMs, i) => {
    while (marks[mark]!.records <= i) mark += 1;
    return marks[mark]!.atMs - atMs;
  });
  return delays.slice(warmUpSeconds * eventsPerSecond);
}

export async function latency(brokers: readonly string[]) {
  const rows = [];
  for (const flushIntervalMs of flushIntervalsMs) {
    const settings = { FLUSH_INTERVAL: `${flushIntervalMs}ms` };
    const delays = (await delaysMs({ brokers, settings, seconds })).toSorted((a, b) => a - b);
    rows.push({
      flushIntervalMs,
      events: delays.length,
      p50Ms: quantile(delays, 0.5),
      p99Ms: quantile(delays, 0.99),
      maxMs: quantile(delays, 1),
    });
  }
  return {
    name: 'at 1,000 events a second 99 of 100 leave within FLUSH_INTERVAL + 10 ms of their sending',
    rows,
    holds: rows.every(({ flushIntervalMs, p99Ms }) => p99Ms <= flushIntervalMs + allowedBeyondMs),
  };
}
