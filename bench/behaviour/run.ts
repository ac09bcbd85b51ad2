// `npm run bench:behaviour`: timings with a real Kafka, as ratios of one run where they compare. Writes
// docs/evidence/bench.json; exits 1 when a row does not hold.

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { startKafka } from '../../src/broker/kafka-broker.ts';
import { flushInterval } from './flush-interval.ts';
import { latency } from './latency.ts';
import { rareShape } from './rare-shape.ts';
import { rateLimit } from './rate-limit.ts';
import { registryAway } from './registry-away.ts';

const benches = { flushInterval, latency, rareShape, rateLimit, registryAway };
const evidenceFile = join(import.meta.dirname, '..', '..', 'docs', 'evidence', 'bench.json');

const given = process.env['KAFKA_BROKERS']?.split(',');
const kafka = await startKafka(given ? { brokers: given } : {});
if (!('brokers' in kafka)) throw new Error(`no Kafka: ${kafka.unavailable.join('; ')}`);
const startMs = performance.now();
const rows: { name: string; holds: boolean }[] = [];
try {
  const wanted = process.argv.slice(2);
  for (const [name, bench] of Object.entries(benches)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const row = await bench(kafka.brokers);
    process.stdout.write(`${JSON.stringify(row, null, 2)}\n`);
    rows.push(row);
  }
} finally {
  await kafka.stop();
}
const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();
const evidence = {
  commit: git('rev-parse', 'HEAD'),
  clean: git('status', '--porcelain', 'src') === '',
  node: process.version,
  cpu: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
  kafka: kafka.kind,
  seconds: Math.round((performance.now() - startMs) / 1000),
  rows,
};
mkdirSync(join(evidenceFile, '..'), { recursive: true });
writeFileSync(evidenceFile, `${JSON.stringify(evidence, null, 2)}\n`);
process.exitCode = rows.every(({ holds }) => holds) ? 0 : 1;
