// What a broker suite needs: the run's Kafka, topics and groups of its own, and what the group
// has committed. Without a broker the suite is skipped by name, or fails where one is required.

import { randomUUID } from 'node:crypto';
import { type Admin, Kafka, logLevel, Partitioners } from 'kafkajs';
import { afterAll, describe, inject, test } from 'vitest';
import type {} from './kafka-global-setup.ts';
import { makeTopic } from '../../../src/generator/make-topic.ts';
import { untilAnswered } from '../../../src/sources/kafkajs/until-answered.ts';

export const kafka = inject('kafka');

/** Like `describe`; `suite` is given the addresses of the brokers. */
export function describeWithKafka(name: string, suite: (brokers: string[]) => void): void {
  if ('brokers' in kafka) {
    describe(name, () => {
      afterAll(disconnectAdmin);
      suite(kafka.brokers);
    });
    return;
  }
  const tried = kafka.unavailable.join('; ');
  if (process.env['REQUIRE_KAFKA'] === '1') {
    test(`${name}: needs a Kafka broker`, () => {
      throw new Error(`REQUIRE_KAFKA is set, but there is no broker: ${tried}`);
    });
    return;
  }
  describe.skip(`${name} (no Kafka: ${tried})`, () => suite([]));
}

/** A client that says nothing of itself: what goes wrong, the test must see by its own means. */
export function kafkaClient(): Kafka {
  if (!('brokers' in kafka)) throw new Error('only a suite of describeWithKafka has a broker');
  return new Kafka({
    clientId: 'kafka2ipfix-test',
    brokers: kafka.brokers,
    logLevel: logLevel.NOTHING,
  });
}

export async function createTopic(
  numPartitions = 1,
  topic = `flows-${randomUUID()}`,
): Promise<string> {
  const admin = await connectedAdmin();
  await makeTopic(admin, { topic, numPartitions });
  return topic;
}

export async function deleteTopic(topic: string): Promise<void> {
  await (await connectedAdmin()).deleteTopics({ topics: [topic] });
}

export function uniqueGroup(): string {
  return `group-${randomUUID()}`;
}

/** Partition → committed offset, -1 where the group has none. */
export async function committedOffsets(group: string, topic: string): Promise<Map<number, bigint>> {
  const admin = await connectedAdmin();
  const asking = () => admin.fetchOffsets({ groupId: group, topics: [topic] });
  const [found] = await untilAnswered(asking);
  const offsets = found?.partitions ?? [];
  return new Map(offsets.map(({ partition, offset }) => [partition, BigInt(offset)]));
}

/** Records of the topic that the group has not committed, from the first one still kept. */
export async function groupLag(group: string, topic: string): Promise<bigint> {
  const admin = await connectedAdmin();
  const committed = await committedOffsets(group, topic);
  let lag = 0n;
  for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
    const offset = committed.get(partition) ?? -1n;
    lag += BigInt(high) - (offset < BigInt(low) ? BigInt(low) : offset);
  }
  return lag;
}

let admin: Promise<Admin> | undefined;

function connectedAdmin(): Promise<Admin> {
  admin ??= connectAdmin();
  return admin;
}

async function connectAdmin(): Promise<Admin> {
  const connecting = kafkaClient().admin();
  await connecting.connect();
  return connecting;
}

async function disconnectAdmin(): Promise<void> {
  const connected = admin;
  admin = undefined;
  await (await connected)?.disconnect();
}

export interface TestMessage {
  readonly value: Buffer | null;
  readonly partition?: number;
  readonly key?: Buffer | string | null;
  readonly headers?: Record<string, string>;
  /** Milliseconds since 1970. */
  readonly timestamp?: string;
}

const sentAtOnce = 2_000;

/** Writes messages to a topic, in their order within each partition. */
export async function produceMessages(
  topic: string,
  messages: readonly TestMessage[],
): Promise<void> {
  const producer = kafkaClient().producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  try {
    for (let first = 0; first < messages.length; first += sentAtOnce) {
      await producer.send({ topic, messages: messages.slice(first, first + sentAtOnce) });
    }
  } finally {
    await producer.disconnect();
  }
}
