// The topics of a group as the brokers have them at one moment: which exist, under which id, and which
// partitions have a leader. What is away has its reason here, in readable form.

import { errorName, type TopicMetadata } from '../kafkajs/kafkajs-requests.ts';

export class TopicLayout {
  readonly #topics: ReadonlyMap<string, TopicMetadata>;

  constructor(topics: readonly TopicMetadata[]) {
    this.#topics = new Map(topics.map((one) => [one.topic, one]));
  }

  idOf(topic: string): string | undefined {
    return this.#topics.get(topic)?.topicId;
  }

  partitionsOf(topic: string): number[] {
    return this.#topics.get(topic)?.partitionMetadata.map((one) => one.partitionId) ?? [];
  }

  /** Why nothing can be read of the partition now; undefined where it can. */
  problemOf(topic: string, partition: number): string | undefined {
    const problem = this.topicProblem(topic);
    if (problem !== undefined) return problem;
    const found = this.#topics
      .get(topic)!
      .partitionMetadata.find((one) => one.partitionId === partition);
    if (!found) return 'the topic has no such partition now';
    if (found.leader < 0) return 'it has no leader: start a broker that has a replica';
    return undefined;
  }

  /** Why nothing can be read of the topic now; undefined where it exists. */
  topicProblem(topic: string): string | undefined {
    const code = this.#topics.get(topic)?.topicErrorCode;
    if (code === 0) return undefined;
    const name = code === undefined ? 'UNKNOWN_TOPIC_OR_PARTITION' : errorName(code);
    return problemFor(name);
  }
}

/** What a broker's error means for a partition, and what to do about it. */
export function problemFor(name: string): string {
  switch (name) {
    case 'UNKNOWN_TOPIC_OR_PARTITION':
    case 'UNKNOWN_TOPIC_ID':
    case 'INCONSISTENT_TOPIC_ID':
      return 'the topic does not exist: create it, or remove it from KAFKA_TOPICS';
    case 'TOPIC_AUTHORIZATION_FAILED':
      return 'this client may not read the topic: grant it READ and DESCRIBE';
    case 'LEADER_NOT_AVAILABLE':
    case 'NOT_LEADER_FOR_PARTITION':
    case 'NOT_LEADER_OR_FOLLOWER':
      return 'it has no leader: start a broker that has a replica';
    default:
      return `the broker answers ${name}: check the broker's log`;
  }
}
