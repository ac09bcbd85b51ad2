// Which schemas the events of a topic have now: the newest of a subject, or those that the newest
// messages of each partition name.

import { ConfigError } from '../config/config.ts';
import type { Fault } from '../fault.ts';
import type { Preparation, TopicPlan } from '../config/preparation.ts';
import type { WriterSchema } from '../sources/delivery.ts';
import { messagesOf } from './event-feed.ts';
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
        faults.push({ where: plan.topic, problem: fixed((error as Error).message) });
      }
    }
  } finally {
    registry?.close();
  }
  if (faults.length > 0) throw new ConfigError(faults, preparation.warnings);
  return found;
}

const fixed = (problem: string): string => `${problem}; --offline skips this check`;

async function peekedSchemas(preparation: Preparation, plan: TopicPlan): Promise<WriterSchema[]> {
  const { config, files, topics } = preparation;
  const schemas = schemaStore(config, files, topics);
  const found = new Set<WriterSchema>();
  let problem: string | undefined;
  try {
    const asked = { schemas, count: peekedMessages, from: 'newest' } as const;
    for await (const message of messagesOf(preparation, plan, asked)) {
      for (const schema of message.schemas) found.add(schema);
      for (const unreadable of message.unreadable?.values() ?? []) problem ??= unreadable.problem;
    }
  } finally {
    schemas.close();
  }
  if (found.size === 0 && problem !== undefined) throw new Error(problem);
  return [...found];
}
