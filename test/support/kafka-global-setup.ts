// One Kafka for all broker suites of a run, started before the first and stopped after the last.

import type { TestProject } from 'vitest/node';
import { type KafkaBroker, startKafka } from '../../src/broker/kafka-broker.ts';

export type ProvidedKafka =
  | { readonly brokers: string[]; readonly kind: KafkaBroker['kind'] }
  | { readonly unavailable: string[] };

declare module 'vitest' {
  interface ProvidedContext {
    kafka: ProvidedKafka;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['KAFKA_BROKERS']?.split(',').map((broker) => broker.trim());
  const cacheFolder = process.env['XDG_CACHE_HOME'];
  const kafka = await startKafka({
    log: (line) => console.log(line),
    ...(given && { brokers: given.filter((broker) => broker !== '') }),
    ...(cacheFolder && { cacheFolder }),
  });
  if ('unavailable' in kafka) {
    console.log(`no Kafka: ${kafka.unavailable.join('; ')}`);
    project.provide('kafka', { unavailable: kafka.unavailable });
    return () => Promise.resolve();
  }
  console.log(kafka.description);
  project.provide('kafka', { brokers: kafka.brokers, kind: kafka.kind });
  return () => kafka.stop();
}
