// The values that `validate` looks at: the first events of INPUT_FILE, or the oldest and newest messages
// of each partition. What cannot be looked at is said, and is not a fault: a configuration is often checked elsewhere.

import type { MappedField } from '../pipeline/mapping/mapped-field.ts';
import type { Preparation, TopicPlan } from '../config/preparation.ts';
import { tryBrokers } from '../sources/kafkajs/reach-brokers.ts';
import { feedFromFile, feedFromKafka, type Taker } from './event-feed.ts';
import { kafkaConnection } from '../stage/kafka-connection.ts';
import { ReadingCheck } from './reading-check.ts';

export interface Sampled {
  readonly topic: string;
  readonly events: number;
  readonly bad: number;
  /** How many different Templates the good ones have. */
  readonly templates: number;
  /** Why there are none, or no more; undefined where nothing stood in the way. */
  readonly problem: string | undefined;
  readonly warnings: readonly string[];
  /** What is wrong where none of the events can be exported. */
  readonly faults: readonly string[];
}

const fileEventsMax = 1_000;
/** The maximum number of messages of each partition. */
const messagesMax = 20;
/** A topic with many partitions, or of long messages, is looked at in part. */
export const sampleBounds = { timeoutMs: 20_000, fetchOctetsMax: 1_048_576 } as const;

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
  const look = async (topic: string, feed: (taker: Taker) => Promise<void>) => {
    const check = new ReadingCheck(fieldsOf(topic));
    let problem: string | undefined;
    const skipped: string[] = [];
    const failed = (place: string, error: Error) => {
      const text = `${place}: ${error.message}`;
      if (!skipped.includes(text)) skipped.push(text);
    };
    try {
      await feed({ take: (event) => check.add(event), failed });
    } catch (error) {
      problem = (error as Error).message;
      skipped.push(problem);
    }
    const { events, bad } = check;
    const isFault = events > 0 && bad === events;
    return {
      ...{ topic, events, bad, templates: check.templates.size, problem },
      warnings: isFault ? skipped : [...check.warnings(), ...skipped],
      faults: isFault ? check.refusals() : [],
    };
  };
  if (path !== undefined) {
    if (path === '-')
      return [unread(path, 'standard input can be read only once; it is left to run')];
    return [await look(path, (taker) => feedFromFile(preparation, path, fileEventsMax, taker))];
  }
  if (offline) return topics.map(({ topic }) => unread(topic, '--offline'));
  const finding = await tryBrokers(kafkaConnection(config, files.kafkaTls));
  if (finding) {
    const problem = 'no broker answers';
    const warnings = [`${problem}: ${finding.problem}`];
    return topics.map(({ topic }) => ({ ...unread(topic, problem), warnings }));
  }
  const sampled: Sampled[] = [];
  for (const plan of topics) sampled.push(await look(plan.topic, (taker) => fed(plan, taker)));
  return sampled;

  function fed(plan: TopicPlan, taker: Taker): Promise<void> {
    const look = { ...sampleBounds, count: messagesMax, from: 'both' } as const;
    return feedFromKafka(preparation, [plan], look, taker);
  }
}

const unread = (topic: string, problem: string): Sampled => ({
  topic,
  events: 0,
  bad: 0,
  templates: 0,
  problem,
  warnings: [],
  faults: [],
});
