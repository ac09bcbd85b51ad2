// `npm run bench:behaviour`: timings with a real Kafka, as ratios of one run where they compare. Writes
// docs/evidence/bench.json, in which benches that were not asked for keep their last row; exits 1 when a
// row does not hold.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { commitThatRan, today } from '../../scripts/evidence.ts';
import { startKafka } from '../../demo/broker/kafka-broker.ts';
import { flushInterval } from './flush-interval.ts';
import { latency } from './latency.ts';
import { memory } from './memory.ts';
import { metricsCpu, metricsLatency } from './metrics.ts';
import { rareShape } from './rare-shape.ts';
import { rateLimit } from './rate-limit.ts';
import { registryAway } from './registry-away.ts';
import { workers } from './workers.ts';

const benches = {
  flushInterval,
  latency,
  memory,
  metricsCpu,
  metricsLatency,
  rareShape,
  rateLimit,
  registryAway,
  workers,
};
const evidenceFile = join(import.meta.dirname, '..', '..', 'docs', 'evidence', 'bench.json');

const given = process.env['KAFKA_BROKERS']?.split(',');
const kafka = await startKafka({ throughput: true, ...(given && { brokers: given }) });
if (!('brokers' in kafka)) throw new Error(`no Kafka: ${kafka.unavailable.join('; ')}`);
interface Row {
  readonly name: string;
  readonly holds: boolean;
}

const circumstances = {
  ...commitThatRan(),
  node: process.version,
  date: today(),
  cpu: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
  kafka: kafka.kind,
};
const rows: Record<string, Row> = existsSync(evidenceFile)
  ? (JSON.parse(readFileSync(evidenceFile, 'utf8')) as Record<string, Row>)
  : {};
const asked = process.argv.slice(2);
try {
  for (const [name, bench] of Object.entries(benches)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    const startMs = performance.now();
    const row: Row = await bench(kafka.brokers);
    const seconds = Math.round((performance.now() - startMs) / 1000);
    rows[name] = { ...row, ...{ measured: { ...circumstances, seconds } } };
    process.stdout.write(`${JSON.stringify(row, null, 2)}\n`);
    if (!row.holds) process.exitCode = 1;
  }
} finally {
  await kafka.stop();
}
mkdirSync(join(evidenceFile, '..'), { recursive: true });
writeFileSync(evidenceFile, `${JSON.stringify(rows, null, 2)}\n`);
