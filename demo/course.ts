// The demo's course on one screen: Kafka, events, collector, stage, account. Whatever it started it
// ends in the opposite order, however it goes.

import { styleText } from 'node:util';
import type { Environment } from '../src/config/config.ts';
import { exitCode } from '../src/exit-code.ts';
import { DemoCollector } from './collector.ts';
import { type Export, untilCommitted, untilReceived, untilStageEnded } from './export.ts';
import { temporaryFolder } from './guard.ts';
import { DemoError } from './process.ts';
import { figure, startProgress } from '../src/progress.ts';
import { type DemoSource, fileSource, topicSource } from './source.ts';
import { type DemoStage, gentleRate, startStage, withoutSettings } from './stage.ts';
import { type DemoOutcome, faultsOf, summaryTable } from './summary.ts';
import { startKafka } from './broker/kafka-broker.ts';

interface DemoSetup {
  readonly events: number;
  readonly seed: number;
  /** Undefined for a Kafka of the demo's own. */
  readonly brokers: string[] | undefined;
  readonly environment: Environment;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
  readonly stream: NodeJS.WriteStream;
}

/** For a stage that is no longer needed. */
const abortPatienceMs = 5000;

export async function demonstrate(setup: DemoSetup): Promise<number> {
  await using cleanup = new AsyncDisposableStack();
  const { events, say, signal, stream } = setup;
  const environment = withoutSettings(setup.environment);
  const { path: folder, remove } = await temporaryFolder();
  cleanup.defer(remove);

  const source = await openSource(setup, folder, cleanup);
  await generate(setup, source);

  const collector = await DemoCollector.start({ folder, environment, events });
  cleanup.defer(() => collector.close());
  const { address, bufferOctets } = collector.listening;
  say(
    `Collector: kafka2ipfix collect on ${address}, receive buffer ${figure(bufferOctets)} octets`,
  );
  const recordsPerSecond = gentleRate(bufferOctets);
  const stage = await startStage({
    folder,
    environment,
    recordsPerSecond,
    input: source.input,
    collector: address,
  });
  cleanup.defer(async () => {
    await stage.process.stop(abortPatienceMs);
  });
  say(`Stage: kafka2ipfix run, with EXPORT_RATE_LIMIT=${recordsPerSecond} to suit that buffer`);

  const run: Export = { source, collector, stage, signal, stream };
  await untilReceived(run);
  await untilCommitted(run);
  const ending = await untilStageEnded(run);
  // Asked again: what the stage does while it drains belongs to the account.
  const lag = await source.lag?.().catch(() => 'unknown' as const);
  const figures = await collector.finish();

  const { received, lost, duplicated, foreign } = collector.tally;
  return await conclude(setup, run, {
    events,
    received,
    lost,
    duplicated,
    foreign,
    lag: lag ?? 'none',
    seconds: collector.seconds,
    recordsPerSecondMax: recordsPerSecond,
    collector: figures,
    stage: ending,
  });
}

async function openSource(
  { brokers, environment, say, signal }: DemoSetup,
  folder: string,
  cleanup: AsyncDisposableStack,
): Promise<DemoSource> {
  const caches = environment['XDG_CACHE_HOME'];
  say(
    brokers === undefined
      ? 'Kafka: starting one (a container, or the jars of Apache Kafka, downloaded the first time)'
      : `Kafka: waiting for ${brokers.join(', ')}, from KAFKA_BROKERS`,
  );
  const kafka = await startKafka({
    log: (line) => say(`  ${line}`),
    ...(brokers && { brokers }),
    ...(caches && { cacheFolder: caches }),
  });
  if (!('unavailable' in kafka)) cleanup.defer(kafka.stop);
  // Ctrl-C reaches java and mvn too, so that "unavailable" would not be the truth.
  signal.throwIfAborted();
  if ('unavailable' in kafka) {
    const why = kafka.unavailable.join('\n  ');
    // A demo without the Kafka that was asked for would show something else than was asked for.
    if (brokers !== undefined) {
      throw new DemoError(`${why}\n  unset KAFKA_BROKERS to let the demo start a Kafka itself`);
    }
    say(`No Kafka on this machine:\n  ${why}`);
    say('The events come from an Avro container file instead: no group, no offsets, no lag.');
    return fileSource(folder);
  }
  say(`  ${kafka.description}`);
  const source = topicSource(kafka);
  cleanup.defer(() => source.close());
  return source;
}

async function generate({ events, seed, say, signal, stream }: DemoSetup, source: DemoSource) {
  say(`Events: generating ${figure(events)} into ${source.place}`);
  const progress = startProgress({ done: 'generated', total: events, stream, signal });
  const onProgress = (made: number): void => {
    // The generators have no other way to be stopped.
    signal.throwIfAborted();
    progress.update(made);
  };
  const { seconds } = await source.generate({ events, seed, onProgress }).finally(progress.stop);
  say(`  generated in ${seconds.toFixed(1)} s`);
}

async function conclude(
  { say, stream }: DemoSetup,
  { collector, stage }: { collector: DemoCollector; stage: DemoStage },
  outcome: DemoOutcome,
): Promise<number> {
  const dim = (text: string): string => styleText('dim', text, { stream });
  const samples = collector.samples.texts(stream.isTTY ? stream.columns : 100, dim);
  if (samples.length > 0) say(`\nAs the collector decoded some of them:\n${samples.join('\n')}`);
  say(`\n${summaryTable(outcome)}`);
  const faults = faultsOf(outcome);
  if (faults.length === 0) {
    const committed = outcome.lag === 'none' ? '' : ', and the group has committed it';
    say(`\nEvery event arrived exactly once${committed}.`);
    return exitCode.ok;
  }
  say(`\nSomething is wrong:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
  say(`\nLast lines of the stage's log:\n${(await stage.logTail()).join('\n')}`);
  return exitCode.software;
}
