// A look at a topic's messages without a consumer group: nothing is joined, nothing is committed.
// kafkajs fetches for groups only, so its Cluster is asked directly; the version is pinned.

import type { Kafka, KafkaMessage } from 'kafkajs';
import type { Logger } from 'pino';
import type { Framing } from '../../framing.ts';
import { Deliveries } from '../datums/deliveries.ts';
import { Unframer } from '../datums/unframe.ts';
import type { Delivery } from '../delivery.ts';
import { logEvent } from '../../log/log-events.ts';
import { impatient, type KafkaConnection, kafkaClient } from '../kafkajs/kafka-client.ts';
import { MissingTopicError } from '../kafkajs/missing-topic.ts';
import {
  beginningTime,
  endTime,
  offsetsAt,
  type OffsetsCluster,
} from '../kafkajs/kafkajs-offsets.ts';
import { asRecordSets, recordSetIn } from '../kafkajs/kafkajs-record-sets.ts';
import { errorOf, tolerating } from '../kafkajs/kafkajs-requests.ts';
import { reachBrokers } from '../kafkajs/reach-brokers.ts';
import type { RecordSet } from '../records/record-set.ts';
import type { BatchLimits } from '../records/record-set-walk.ts';
import type { SchemaStore } from '../schemas/schema-store.ts';

export interface PeekOptions extends BatchLimits {
  readonly connection: KafkaConnection;
  readonly topic: string;
  readonly framing: Framing;
  readonly schemas: SchemaStore;
  readonly messageOctetsMax: number;
  /** At most this many messages of each partition. */
  readonly count: number;
  readonly from: 'newest' | 'oldest';
  readonly log: Logger;
}

// What is used of kafkajs/src/cluster/index.js and src/broker/index.js.
interface Cluster extends OffsetsCluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  findTopicPartitionMetadata(topic: string): { partitionId: number; leader: number }[];
  findBroker(options: { nodeId: string }): Promise<Broker>;
}

interface Broker {
  fetch(request: object): Promise<{
    responses: { partitions: { messages: KafkaMessage[] }[] }[];
  }>;
}

/** Where reading begins in a partition, and the offset after its last message. */
interface Span {
  readonly partition: number;
  readonly start: number;
  readonly end: number;
}

/** Nothing else goes on meanwhile: a slow broker gets its time. */
const waitMs = 10_000;
const fetchOctetsMax = 16 * 1024 * 1024;

/**
 * The newest or oldest messages of each partition: each Delivery holds one message, and is good until the
 * next one is asked for. Rejects with kafkajs's errors, MissingTopicError, CorruptRecordSetError, and with
 * what a schema cannot be fetched for.
 */
export async function* peek(options: PeekOptions): AsyncGenerator<Delivery> {
  const { connection, topic, log } = options;
  const kafka = kafkaClient(connection, { log, ...impatient });
  await reachBrokers(connection);
  const admin = kafka.admin();
  await admin.connect();
  const cluster = clusterOf(kafka);
  try {
    const topics = await admin.listTopics();
    if (!topics.includes(topic)) throw new MissingTopicError([topic], connection.brokers);
    await cluster.connect();
    await tolerating(() => cluster.addTargetTopic(topic));
    const all = cluster.findTopicPartitionMetadata(topic);
    const leaders = new Map(all.map(({ partitionId, leader }) => [partitionId, leader]));
    for (const span of await spansOf(cluster, [...leaders.keys()], options)) {
      const broker = await cluster.findBroker({ nodeId: String(leaders.get(span.partition)) });
      yield* messagesIn(broker, span, options);
    }
  } finally {
    await Promise.allSettled([admin.disconnect(), cluster.disconnect()]);
  }
}

async function spansOf(
  cluster: Cluster,
  partitions: readonly number[],
  { topic, count, from, log }: PeekOptions,
): Promise<Span[]> {
  const at = [{ topic, partitions }];
  const lows = (await offsetsAt(cluster, at, beginningTime, waitMs)).get(topic);
  const ends = (await offsetsAt(cluster, at, endTime, waitMs)).get(topic);
  const spans: Span[] = [];
  for (const partition of partitions.toSorted((a, b) => a - b)) {
    const [low, high] = [lows?.get(partition), ends?.get(partition)];
    if (low === undefined || high === undefined) {
      logEvent(log, 'PARTITION_SKIPPED', { topic, partition });
      continue;
    }
    const [first, end] = [Number(low), Number(high)];
    spans.push({ partition, end, start: from === 'oldest' ? first : Math.max(first, end - count) });
  }
  return spans;
}

async function* messagesIn(
  broker: Broker,
  { partition, start, end }: Span,
  options: PeekOptions,
): AsyncGenerator<Delivery> {
  const { topic, schemas } = options;
  const deliveries = new Deliveries(options);
  const unframer = new Unframer(options);
  const origin = { topic, partition, generation: 0 };
  let left = options.count;
  for (let offset = start; offset < end;) {
    const set = await fetchFrom(broker, { topic, partition, offset });
    const before = offset;
    if (!set) return;
    for (const step of deliveries.of({ set, origin, datumsMax: 1 }, unframer)) {
      if ('schemaId' in step) {
        await schemas.fetch(step.schemaId);
        continue;
      }
      offset = step.nextOffset;
      if (step.count === 0) continue;
      if (left === 0 || step.offsets[0]! >= end) return;
      left -= 1;
      yield step;
    }
    if (offset === before) return;
  }
}

async function fetchFrom(
  broker: Broker,
  { topic, partition, offset }: { topic: string; partition: number; offset: number },
): Promise<RecordSet | undefined> {
  const reader = {
    topicIdOf: () => undefined,
    answered: () => {},
    failed: (_topic: string, _partition: number, code: number) => Promise.reject(errorOf(code)),
  };
  const { responses } = await asRecordSets(reader, () =>
    broker.fetch({
      maxWaitTime: 500,
      minBytes: 1,
      maxBytes: fetchOctetsMax,
      topics: [
        {
          topic,
          partitions: [{ partition, fetchOffset: String(offset), maxBytes: fetchOctetsMax }],
        },
      ],
    }),
  );
  return recordSetIn(responses[0]?.partitions[0]?.messages ?? []);
}

function clusterOf(kafka: Kafka): Cluster {
  const create = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  )!;
  return (kafka as unknown as Record<symbol, (options: object) => Cluster>)[create]!({
    metadataMaxAge: 60_000,
    allowAutoTopicCreation: false,
  });
}
