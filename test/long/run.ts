// The long checks, one after the other: `npm run test:long`, or with names to run only those, and
// --seed to repeat a run, --minutes to end it early. Each prints its rounds, and leaves its counts in
// docs/evidence/.

import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { writeEvidence } from '../../scripts/evidence.ts';
import { startKafka } from '../../demo/broker/kafka-broker.ts';
import type { LongCheck, LongResult } from './check.ts';
import { avroPairsCheck } from './avro-pairs.ts';
import { collectorCheck } from './collector.ts';
import { hostileCheck } from './hostile.ts';
import { killCheck } from './kill.ts';
import { leaderMovesCheck } from './leader-moves.ts';
import { decoderCheck } from './decoder.ts';
import { optionsCheck } from './options.ts';
import { paintersCheck } from './painters.ts';
import { recordBatchesCheck } from './record-batches.ts';
import { recreatedCheck } from './recreated-topic.ts';
import { slowLinkCheck } from './slow-link.ts';
import { soakCheck } from './soak.ts';
import { stormCheck } from './storm.ts';
import { terminateCheck } from './sigterm.ts';

const checks: readonly LongCheck[] = [
  ...[killCheck, terminateCheck, stormCheck, leaderMovesCheck, collectorCheck, slowLinkCheck],
  ...[hostileCheck, decoderCheck, paintersCheck, optionsCheck, recordBatchesCheck],
  ...[avroPairsCheck, recreatedCheck, soakCheck],
];

const log = (line: string) => void process.stdout.write(`${line}\n`);
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    minutes: { type: 'string', default: 'Infinity' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  log(
    'Usage: npm run test:long -- [--seed N] [--minutes N] [CHECK ...]\n\nAll of these, or those named:\n',
  );
  for (const { name, about } of checks) log(`  ${name.padEnd(15)} ${about}`);
  log('\nEach writes docs/evidence/CHECK.json.');
  process.exit(0);
}
const seed = Number(values.seed);
const unknown = positionals.find((name) => !checks.some((check) => check.name === name));
if (unknown !== undefined) {
  throw new Error(
    `no long check is named ${unknown}: ${checks.map(({ name }) => name).join(', ')}`,
  );
}

const asked = checks.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const kafka = asked.some(({ needsBroker }) => needsBroker) ? await startBroker() : undefined;

const ended: { check: LongCheck; result: LongResult; seconds: number }[] = [];
try {
  for (const check of asked) {
    log(`\n${check.name}: ${check.about}, seed ${seed}`);
    const startMs = performance.now();
    const untilMs = startMs + Number(values.minutes) * 60_000;
    const result = await check.run({ brokers: kafka?.brokers ?? [], seed, untilMs, log });
    const seconds = Math.round((performance.now() - startMs) / 100) / 10;
    ended.push({ check, result, seconds });
    const { counts, faults } = result;
    writeEvidence({ name: check.name, seed, seconds, counts, faults });
    if (result.rounds.length > 0) log(roundTable(result.rounds));
    for (const [name, count] of Object.entries(result.counts)) log(`${name}: ${count}`);
  }
} finally {
  await kafka?.stop();
}

const table = new Table({ head: ['check', 'seconds', 'outcome'], style: { head: [] } });
for (const { check, result, seconds } of ended) {
  const outcome = result.faults.length === 0 ? 'passed' : result.faults.join('\n');
  table.push([check.name, seconds, outcome]);
}
log(`\n${table.toString()}`);
process.exitCode = ended.every(({ result }) => result.faults.length === 0) ? 0 : 1;

async function startBroker() {
  const given = process.env['KAFKA_BROKERS']?.split(',');
  const cacheFolder = process.env['XDG_CACHE_HOME'];
  const started = await startKafka({
    log,
    ...(given && { brokers: given }),
    ...(cacheFolder && { cacheFolder }),
  });
  if ('unavailable' in started) throw new Error(`no Kafka: ${started.unavailable.join('; ')}`);
  log(started.description);
  return started;
}

function roundTable(rounds: readonly object[]): string {
  const rows = new Table({ head: Object.keys(rounds[0] ?? {}), style: { head: [] } });
  for (const round of rounds) rows.push(Object.values(round).map(String));
  return rows.toString();
}
