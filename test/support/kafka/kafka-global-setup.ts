// One Kafka for all broker suites of a run, started before the first and stopped after the last. More
// than one project has such suites: the first of them starts it, for all.

import type { TestProject } from 'vitest/node';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type KafkaBroker, startKafka } from '../../../demo/broker/kafka-broker.ts';
import { kafkaJars } from '../../../demo/broker/kafka-jars.ts';
import { archiveClasses } from '../../../demo/broker/kafka-jvm.ts';

const defaultCache = join(homedir(), '.cache');

export type ProvidedKafka =
  | { readonly brokers: string[]; readonly kind: KafkaBroker['kind'] }
  | { readonly unavailable: string[] };

declare module 'vitest' {
  interface ProvidedContext {
    kafka: ProvidedKafka;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const run = project.vitest.getRootProject();
  if ('kafka' in run.getProvidedContext()) return () => Promise.resolve();
  const given = process.env['KAFKA_BROKERS']?.split(',').map((broker) => broker.trim());
  const cacheFolder = process.env['XDG_CACHE_HOME'];
  const kafka = await startKafka({
    log: (line) => console.log(line),
    ...(given && { brokers: given.filter((broker) => broker !== '') }),
    ...(cacheFolder && { cacheFolder }),
  });
  if ('unavailable' in kafka) {
    console.log(`no Kafka: ${kafka.unavailable.join('; ')}`);
    run.provide('kafka', { unavailable: kafka.unavailable });
    return () => Promise.resolve();
  }
  console.log(kafka.description);
  // Many suites start brokers of their own.
  if (kafka.kind === 'jars') await archiveClasses(await kafkaJars(cacheFolder ?? defaultCache));
  run.provide('kafka', { brokers: kafka.brokers, kind: kafka.kind });
  return () => kafka.stop();
}
