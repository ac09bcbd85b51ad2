// `npm run bench`: this stage beside others on a real Kafka, in one run.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { format } from 'prettier';
import { startKafka } from '../demo/broker/kafka-broker.ts';
import { startFakeRegistry } from '../test/support/fakes/fake-registry.ts';
import { chart } from './chart.ts';
import { compare, type Comparison, sizes } from './comparison.ts';
import { layouts } from './flows.ts';
import { regressions } from './guard.ts';
import { NativePrograms } from './native-program.ts';
import { type Circumstances, performancePage } from './report.ts';

interface Options {
  readonly quick?: true;
  readonly json?: string;
  readonly guard?: true;
}

const docs = join(import.meta.dirname, '..', 'docs');
const say = (line: string): void => void process.stderr.write(`bench: ${line}\n`);

const program = new Command('npm run bench --')
  .description(
    'Measure the CPU time per record of this stage beside librdkafka, kafkajs and the obvious ' +
      'bridge, on a real Kafka (KAFKA_BROKERS, else one of its own). A whole run writes ' +
      'docs/performance.md.',
  )
  .option('--quick', 'a small topic and no tables, in under 2 minutes; docs stay as they are')
  .option('--json <file>', 'write rows and ratios there')
  .option('--guard', 'exit 1 where a ratio is above its limit')
  .addHelpText(
    'after',
    `
Examples:
  $ npm run bench
  $ npm run bench -- --quick --json /tmp/bench.json
  $ npm run bench -- --quick --guard`,
  )
  .action(bench);
await program.parseAsync();

async function bench({ quick, json, guard }: Options): Promise<void> {
  const startMs = performance.now();
  const size = quick ? sizes.quick : sizes.full;
  const native = new NativePrograms();
  const registry = await startFakeRegistry();
  for (const { schemaId, schema } of layouts) registry.schemas.set(schemaId, { schema });
  const given = process.env['KAFKA_BROKERS']?.split(',');
  const kafka = await startKafka({ throughput: true, ...(given && { brokers: given }) });
  try {
    if (!('brokers' in kafka)) throw new Error(`no Kafka: ${kafka.unavailable.join('; ')}`);
    const place = { native, brokers: kafka.brokers, registryUrl: registry.url };
    const result = await compare(place, size, say);
    const seconds = Math.round((performance.now() - startMs) / 1_000);
    const where = { ...circumstances(), kafka: kafka.kind, records: size.records, seconds };
    if (json) writeFileSync(json, `${JSON.stringify({ ...result, ...where }, null, 2)}\n`);
    if (!quick) await writeDocs(result, where);
    process.stdout.write(`${JSON.stringify(result.ratios, null, 2)}\n`);
    const problems = guard ? regressions(result.ratios, quick === true) : [];
    for (const problem of problems) say(problem);
    if (problems.length > 0) process.exitCode = 1;
  } finally {
    if ('brokers' in kafka) await kafka.stop();
    await registry.close();
    native.close();
  }
}

async function writeDocs(result: Comparison, where: Circumstances): Promise<void> {
  const page = await format(performancePage(result, where), {
    parser: 'markdown',
    printWidth: 100,
  });
  writeFileSync(join(docs, 'performance.md'), page);
  writeFileSync(join(docs, 'performance.svg'), chart(result.rows));
}

function circumstances() {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();
  return {
    commit: git('rev-parse', '--short', 'HEAD'),
    clean: git('status', '--porcelain', 'src') === '',
    node: process.version,
    cpu: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    kernel: release(),
  };
}
