// What one group has committed of one topic. Knows no test runner: the long checks use it too.

import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Admin } from 'kafkajs';
import { makeTopic } from '../../../src/generator/make-topic.ts';
import { untilAnswered } from '../../../src/sources/kafkajs/until-answered.ts';

/** Partition → committed offset; 0 where the group has none, which is the same here. */
export type Committed = ReadonlyMap<number, bigint>;

const { Kafka, logLevel } = kafkajs;

export interface GroupOffsetsOptions {
  readonly brokers: readonly string[];
  readonly group: string;
  readonly topic: string;
  /** Creates the topic with so many partitions. */
  readonly partitions: number;
}

export class GroupOffsets {
  readonly #admin: Admin;
  readonly #options: GroupOffsetsOptions;

  private constructor(admin: Admin, options: GroupOffsetsOptions) {
    this.#admin = admin;
    this.#options = options;
  }

  static async open(options: GroupOffsetsOptions): Promise<GroupOffsets> {
    const kafka = new Kafka({
      clientId: 'kafka2ipfix-test-offsets',
      brokers: [...options.brokers],
      logLevel: logLevel.NOTHING,
    });
    const admin = kafka.admin();
    await admin.connect();
    const { topic, partitions: numPartitions } = options;
    await makeTopic(admin, { topic, numPartitions });
    return new GroupOffsets(admin, options);
  }

  async committed(): Promise<Committed> {
    const { group: groupId, topic } = this.#options;
    const asking = () => this.#admin.fetchOffsets({ groupId, topics: [topic] });
    const [found] = await untilAnswered(asking);
    return new Map(
      found?.partitions.map(({ partition, offset }) => [
        partition,
        BigInt(Math.max(0, Number(offset))),
      ]),
    );
  }

  /** Records that the group has not committed. */
  async lag(): Promise<bigint> {
    const { topic } = this.#options;
    const committed = await this.committed();
    const ends = await untilAnswered(() => this.#admin.fetchTopicOffsets(topic));
    return ends.reduce(
      (lag, { partition, high }) => lag + BigInt(high) - (committed.get(partition) ?? 0n),
      0n,
    );
  }

  /** Resolves when the group has committed everything; rejects when time is up. */
  async untilNoLag(timeoutMs = 60_000): Promise<void> {
    const giveUpAt = performance.now() + timeoutMs;
    for (;;) {
      const lag = await this.lag();
      if (lag === 0n) return;
      if (performance.now() > giveUpAt) throw new Error(`a lag of ${lag} after ${timeoutMs} ms`);
      await sleep(100);
    }
  }

  close(): Promise<void> {
    return this.#admin.disconnect();
  }
}

export function sumOf(committed: Committed): bigint {
  return Array.from(committed.values()).reduce((sum, offset) => sum + offset, 0n);
}
