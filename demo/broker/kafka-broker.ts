// A real Apache Kafka for tests and the demo: the one that is named, else a container, else a JVM
// with Kafka's own jars, else the reasons why there is none.

import { homedir } from 'node:os';
import { join } from 'node:path';
import { startKafkaContainer } from './kafka-container.ts';
import { kafkaJars } from './kafka-jars.ts';
import { startKafkaNode } from './kafka-jvm.ts';
import { kafkaVersion, type ServerProperties } from './kafka-properties.ts';
import { untilKafkaAnswers } from './kafka-ready.ts';

export interface KafkaBroker {
  readonly brokers: string[];
  readonly kind: 'given' | 'container' | 'jars';
  /** A description: what it is and where. */
  readonly description: string;
  /** The process id of the JVM, where it is ours. */
  readonly pid?: number;
  /** Ends what was started here and removes its data; leaves brokers alone that were given. */
  readonly stop: () => Promise<void>;
}

interface KafkaUnavailable {
  /** What was tried and why it did not do, one sentence each. */
  readonly unavailable: string[];
}

interface StartKafkaOptions {
  brokers?: string[];
  log?: (line: string) => void;
  /** The user's folder for caches; `~/.cache` where none is given. */
  cacheFolder?: string;
  /** For a benchmark; else what Kafka runs in starts quickly. */
  throughput?: boolean;
  /** Server properties over the built-in ones; brokers that are given have their own. */
  properties?: ServerProperties;
}

export async function startKafka(
  options: StartKafkaOptions = {},
): Promise<KafkaBroker | KafkaUnavailable> {
  // Someone who names brokers means those: another one in their place would be a surprise.
  const given = options.brokers !== undefined && options.brokers.length > 0;
  const unavailable: string[] = [];
  for (const [name, start] of given ? [givenWay] : ownWays) {
    try {
      return await start(options);
    } catch (error) {
      unavailable.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { unavailable };
}

async function useGiven({ brokers = [] }: StartKafkaOptions): Promise<KafkaBroker> {
  await untilKafkaAnswers(brokers);
  const description = `Kafka at ${brokers.join(', ')}`;
  return { brokers, kind: 'given', description, stop: () => Promise.resolve() };
}

async function startContainer(options: StartKafkaOptions): Promise<KafkaBroker> {
  const { broker, stop } = await startKafkaContainer(options);
  const description = `Apache Kafka ${kafkaVersion} in a container at ${broker}`;
  return { brokers: [broker], kind: 'container', description, stop };
}

async function startJars(options: StartKafkaOptions): Promise<KafkaBroker> {
  const cacheFolder = options.cacheFolder ?? join(homedir(), '.cache');
  const jars = await kafkaJars(cacheFolder, options.log);
  const { properties, throughput = false } = options;
  const node = await startKafkaNode({ jars, throughput, ...(properties && { properties }) });
  const description = `Apache Kafka ${kafkaVersion} as process ${node.pid} at ${node.broker}`;
  return { brokers: [node.broker], kind: 'jars', description, pid: node.pid, stop: node.stop };
}

type Way = readonly [name: string, start: (options: StartKafkaOptions) => Promise<KafkaBroker>];
const givenWay: Way = ['the brokers given', useGiven];
const ownWays: Way[] = [
  ['a container', startContainer],
  ["Apache Kafka's jars", startJars],
];
