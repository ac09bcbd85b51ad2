// Which schemas the events of a topic have now: the newest of a subject, or those that the newest
// messages of each partition name.

import { ConfigError } from '../config/config.ts';
import type { Fault } from '../fault.ts';
import type { Preparation, TopicPlan } from '../config/preparation.ts';
import type { Delivery, WriterSchema } from '../sources/delivery.ts';
import { PartitionSkippedError } from '../sources/kafka/kafka-peek.ts';
import { messagesOf } from './event-feed.ts';
import { sampleBounds } from './samples.ts';
import { someOf } from './some-of.ts';
import { registryOf, schemaStore } from '../stage/schema-sources.ts';

/** Of each partition. */
const peekedMessages = 8;

/**
 * By topic, for those whose schemas are not known from files. Throws ConfigError with all faults; `fix` is
 * what to do instead of asking.
 */
export async function schemasInUse(
  preparation: Preparation,
  fix = '--offline skips this check',
): Promise<Map<string, WriterSchema[]>> {
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
        faults.push({ where: plan.topic, problem: `${(error as Error).message}; ${fix}` });
      }
    }
  } finally {
    registry?.close();
  }
  if (faults.length > 0) throw new ConfigError(faults, preparation.warnings);
  return found;
}

async function peekedSchemas(preparation: Preparation, plan: TopicPlan): Promise<WriterSchema[]> {
  const { config, files, topics } = preparation;
  const schemas = schemaStore(config, files, topics);
  const found = new Set<WriterSchema>();
  const problems: string[] = [];
  const onFault = (partition: number, error: Error): void => {
    if (error instanceof PartitionSkippedError) return;
    problems.push(`${plan.topic}[${partition}]: ${error.message}`);
  };
  try {
    // A schema that only old messages have need not be mapped, unless no newer message can be read.
    for (const from of ['newest', 'oldest'] as const) {
      const asked = { ...sampleBounds, schemas, count: peekedMessages, from, onFault };
      for await (const message of messagesOf(preparation, plan, asked)) {
        for (const schema of message.schemas) found.add(schema);
        problems.push(...problemsIn(message));
      }
      if (found.size > 0) break;
    }
  } finally {
    schemas.close();
  }
  // The others say what is read; these are named with the samples.
  if (found.size === 0 && problems.length > 0)
    throw new Error(someOf([...new Set(problems)], '; '));
  return [...found];
}

const problemsIn = ({ origin, offsets, unreadable }: Delivery): string[] =>
  Array.from(
    unreadable ?? [],
    ([i, { problem }]) => `${origin.topic}[${origin.partition}] offset ${offsets[i]}: ${problem}`,
  );
