// The `demo` command: a real Kafka, generated events, the stage and a collector, all on this
// machine, and at the end whether every event arrived exactly once. Order and words only.

import type { Command } from 'commander';
import { processEnvironment } from '../src/config/config.ts';
import { demonstrate } from './course.ts';
import { listenForInterruption } from './interruption.ts';
import { brokerList, wholeNumber } from '../src/commands/option-values.ts';

interface DemoDefaults {
  readonly brokers?: string;
}

interface DemoOptions {
  readonly events: number;
  readonly seed: number;
}

/** Each record is about 900 octets of JSON in the temporary folder. */
const EVENTS_MAX = 1_000_000;

export function registerDemo(program: Command, defaults: DemoDefaults = {}): void {
  program
    .command('demo')
    .summary('try it: a real Kafka, generated events, a collector, and a check of the result')
    .description(
      'Generate flow events into a topic of a real Kafka, export them with `run` to a `collect` ' +
        'on this machine, and check that every event arrived exactly once. Everything that it starts ' +
        'is stopped at the end.',
    )
    .option('--events <n>', 'how many', wholeNumber('--events', 1, EVENTS_MAX), 200_000)
    .option('--seed <n>', 'which events', wholeNumber('--seed', 0, Number.MAX_SAFE_INTEGER), 1)
    .addHelpText(
      'after',
      `
It uses the Kafka of KAFKA_BROKERS, or a container, or the jars of Apache Kafka, for which java
(17 or newer) and mvn must be on the PATH: they are downloaded once, into the user's cache. Without
any of these, the events are read from a file. 100,000 events need 100 MB in the temporary folder.

Examples:
  $ kafka2ipfix demo
  $ kafka2ipfix demo --events 5000 --seed 7
  $ KAFKA_BROKERS=localhost:9092 kafka2ipfix demo

Exit codes: 0 every event arrived once and is committed, 70 otherwise.`,
    )
    .action(async (options: DemoOptions) => {
      process.exitCode = await demo(options, defaults);
    });
}

async function demo({ events, seed }: DemoOptions, defaults: DemoDefaults): Promise<number> {
  const brokers =
    defaults.brokers === undefined ? undefined : brokerList('KAFKA_BROKERS')(defaults.brokers);
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const interruption = listenForInterruption(say);
  try {
    return await demonstrate({
      events,
      seed,
      brokers,
      say,
      environment: processEnvironment(),
      signal: interruption.signal,
      stream: process.stdout,
    });
  } catch (error) {
    if (interruption.exitCode === undefined) throw error;
    return interruption.exitCode;
  } finally {
    interruption.end();
  }
}
