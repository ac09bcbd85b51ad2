// The values that `validate` looks at: the first events of INPUT_FILE, or the newest messages of each
// topic. What cannot be looked at is said, and is not a fault: a configuration is often checked elsewhere.

import type { MappedField } from '../pipeline/mapping/mapped-field.ts';
import type { Preparation, TopicPlan } from '../config/preparation.ts';
import { isAnyReachable } from '../sources/kafkajs/broker-probe.ts';
import { feedFromFile, feedFromKafka } from './event-feed.ts';
import { kafkaConnection } from '../stage/kafka-connection.ts';
import { ReadingCheck } from './reading-check.ts';

export interface Sampled {
  readonly topic: string;
  readonly events: number;
  readonly bad: number;
  /** Why there are none, or no more; undefined where nothing stood in the way. */
  readonly problem: string | undefined;
  readonly warnings: readonly string[];
}

const fileEventsMax = 1_000;
/** The maximum number of events of each partition. */
const messagesMax = 20;
const probeMs = 2_000;

interface SampleOptions {
  readonly offline: boolean;
  /** The mapped fields of a topic, of all its schemas. */
  readonly fieldsOf: (topic: string) => readonly MappedField[];
}

export async function sampledValues(
  preparation: Preparation,
  { offline, fieldsOf }: SampleOptions,
): Promise<Sampled[]> {
  const { config, files, topics } = preparation;
  const { INPUT_FILE: path } = config;
  const look = async (topic: string, feed: (check: ReadingCheck) => Promise<void>) => {
    const check = new ReadingCheck(fieldsOf(topic));
    let problem: string | undefined;
    try {
      await feed(check);
    } catch (error) {
      problem = (error as Error).message;
    }
    const { events, bad } = check;
    return { topic, events, bad, problem, warnings: check.warnings() };
  };
  if (path !== undefined) {
    if (path === '-')
      return [unread(path, 'standard input can be read only once; it is left to run')];
    return [
      await look(path, (check) =>
        feedFromFile(preparation, path, fileEventsMax, { take: (event) => check.add(event) }),
      ),
    ];
  }
  if (offline) return topics.map(({ topic }) => unread(topic, '--offline'));
  const { brokers } = kafkaConnection(config, files.kafkaTls);
  if (!(await isAnyReachable(brokers, probeMs))) {
    return topics.map(({ topic }) => unread(topic, 'no broker answers'));
  }
  const sampled: Sampled[] = [];
  for (const plan of topics) sampled.push(await look(plan.topic, (check) => fed(plan, check)));
  return sampled;

  function fed(plan: TopicPlan, check: ReadingCheck): Promise<void> {
    const options = { count: messagesMax, from: 'newest' } as const;
    return feedFromKafka(preparation, [plan], options, { take: (event) => check.add(event) });
  }
}

const unread = (topic: string, problem: string): Sampled => ({
  topic,
  events: 0,
  bad: 0,
  problem,
  warnings: [],
});
