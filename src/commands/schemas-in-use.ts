// Which schemas the events of a topic have now: the newest of a subject, or those that the newest
// messages of each partition name.

import { ConfigError } from '../config/config.ts';
import type { Fault } from '../fault.ts';
import { createLog } from '../log/log.ts';
import type { Preparation, TopicPlan } from '../config/preparation.ts';
import type { WriterSchema } from '../sources/delivery.ts';
import { peek } from '../sources/kafka/kafka-peek.ts';
import { Unframer } from '../sources/datums/unframe.ts';
import { kafkaConnection } from '../stage/kafka-connection.ts';
import { registryOf, schemaStore } from '../stage/schema-sources.ts';

const peekedMessages = 5;

/** By topic, for those whose schemas are not known from files. Throws ConfigError with all faults. */
export async function schemasInUse(preparation: Preparation): Promise<Map<string, WriterSchema[]>> {
  const { config, files, topics } = preparation;
  const found = new Map<string, WriterSchema[]>();
  const faults: Fault[] = [];
  const unknown = topics.filter(({ known }) => !known);
  if (config.INPUT_FILE !== undefined || unknown.length === 0) return found;
  const registry = registryOf(config, files);
  try {
    for (const plan of unknown) {
      const subjects = config.SCHEMA_SUBJECT ?? {};
      const subject = plan.section.subject ?? subjects[plan.topic] ?? subjects['*'];
      try {
        found.set(
          plan.topic,
          subject !== undefined && registry
            ? [await registry.latest(subject)]
            : await peekedSchemas(preparation, plan),
        );
      } catch (error) {
        faults.push({ where: plan.topic, problem: mended((error as Error).message) });
      }
    }
  } finally {
    registry?.close();
  }
  if (faults.length > 0) throw new ConfigError(faults, preparation.warnings);
  return found;
}

const mended = (problem: string): string => `${problem}; --offline checks without it`;

async function peekedSchemas(preparation: Preparation, plan: TopicPlan): Promise<WriterSchema[]> {
  const { config, files, topics } = preparation;
  const schemas = schemaStore(config, files, topics);
  const { topic, framing } = plan;
  const unframer = new Unframer({
    topic,
    framing,
    schemas,
    messageOctetsMax: config.AVRO_MESSAGE_BYTES,
  });
  const peeked = await peek({
    connection: kafkaConnection(config, files.kafkaTls),
    topic,
    count: peekedMessages,
    from: 'newest',
    batchOctetsMax: config.KAFKA_BATCH_BYTES,
    log: createLog({ level: 'error', format: config.LOG_FORMAT }),
  });
  const found = new Set<WriterSchema>();
  let problem: string | undefined;
  const taker = {
    datum: (_: Buffer, __: number, ___: number, schema: WriterSchema) => void found.add(schema),
    unreadable: (said: string) => (problem ??= said),
  };
  try {
    for (const { value, headers } of peeked.flatMap(({ messages }) => messages)) {
      if (value === null) continue;
      const needed = unframer.unframe(value, headers, taker);
      if (needed === undefined) continue;
      await schemas.fetch(needed);
      unframer.unframe(value, headers, taker);
    }
  } finally {
    schemas.close();
  }
  if (found.size === 0 && problem !== undefined) throw new Error(problem);
  return [...found];
}
