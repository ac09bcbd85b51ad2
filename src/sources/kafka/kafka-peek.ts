// A look at a topic's messages without a consumer group: nothing is joined, nothing is committed.
// kafkajs fetches for groups only, so its Cluster is asked directly; the version is pinned.

import type { Kafka, KafkaMessage } from 'kafkajs';
import type { Logger } from 'pino';
import type { Framing } from '../../framing.ts';
import { Deliveries } from '../datums/deliveries.ts';
import { Unframer } from '../datums/unframe.ts';
import type { Delivery } from '../delivery.ts';
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
  /** `both`: a quarter of them are the oldest ones, the others the newest. */
  readonly from: 'newest' | 'oldest' | 'both';
  /** After this time no further partition is begun. */
  readonly timeoutMs?: number;
  /** Of one response for one partition; a single batch that is larger comes nevertheless. */
  readonly fetchOctetsMax?: number;
  /**
   * A partition cannot be read, or not to its end; the others are read all the same. Where it is not given,
   * the first such partition ends all.
   */
  readonly onFault?: (partition: number, error: Error) => void;
  readonly log: Logger;
}

/** A partition of which nothing was asked: why, and what to do. */
export class PartitionSkippedError extends Error {
  readonly code = 'PARTITION_SKIPPED';
  override readonly name = 'PartitionSkippedError';
}

// What is used of kafkajs/src/cluster/index.js and src/broker/index.js.
export interface Cluster extends OffsetsCluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  findTopicPartitionMetadata(topic: string): { partitionId: number; leader: number }[];
  findBroker(options: { nodeId: string }): Promise<Broker>;
}

export interface Broker {
  fetch(request: object): Promise<{
    responses: { partitions: { messages: KafkaMessage[] }[] }[];
  }>;
}

/** Where reading begins in a partition, and the offset after its last message. */
interface Span {
  readonly partition: number;
  readonly start: number;
  readonly end: number;
  /** At most this many messages. */
  readonly count: number;
}

/** Nothing else goes on meanwhile: a slow broker gets its time. */
const waitMs = 10_000;
const usualFetchOctetsMax = 16 * 1024 * 1024;

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
    yield* messagesOf(cluster, options);
  } finally {
    await Promise.allSettled([admin.disconnect(), cluster.disconnect()]);
  }
}

/** The same of a cluster that is connected and knows the topic. */
export async function* messagesOf(
  cluster: Cluster,
  options: Omit<PeekOptions, 'connection' | 'log'>,
): AsyncGenerator<Delivery> {
  const { topic, timeoutMs = Infinity } = options;
  const faultOf = (partition: number, error: Error): void => {
    if (!options.onFault) throw error;
    options.onFault(partition, error);
  };
  const startedMs = performance.now();
  const all = cluster.findTopicPartitionMetadata(topic);
  const leaders = new Map(all.map(({ partitionId, leader }) => [partitionId, leader]));
  for (const span of await spansOf(cluster, [...leaders.keys()], { ...options, faultOf })) {
    const { partition } = span;
    if (performance.now() - startedMs > timeoutMs) {
      faultOf(partition, new PartitionSkippedError(`not looked at within ${timeoutMs} ms`));
      continue;
    }
    const messages = messagesIn(
      () => cluster.findBroker({ nodeId: String(leaders.get(partition)) }),
      span,
      options,
    );
    yield* orFault(messages, (error) => faultOf(partition, error));
  }
}

/** What fails ends only these messages. What the taker throws is not caught here. */
async function* orFault(
  messages: AsyncGenerator<Delivery>,
  onFault: (error: Error) => void,
): AsyncGenerator<Delivery> {
  try {
    for (;;) {
      let step: IteratorResult<Delivery>;
      try {
        step = await messages.next();
      } catch (error) {
        onFault(error as Error);
        return;
      }
      if (step.done) return;
      yield step.value;
    }
  } finally {
    await messages.return(undefined);
  }
}

async function spansOf(
  cluster: Cluster,
  partitions: readonly number[],
  {
    topic,
    count,
    from,
    faultOf,
  }: Pick<PeekOptions, 'topic' | 'count' | 'from'> & {
    readonly faultOf: (partition: number, error: Error) => void;
  },
): Promise<Span[]> {
  const at = [{ topic, partitions }];
  const lows = (await offsetsAt(cluster, at, beginningTime, waitMs)).get(topic);
  const ends = (await offsetsAt(cluster, at, endTime, waitMs)).get(topic);
  const spans: Span[] = [];
  for (const partition of partitions.toSorted((a, b) => a - b)) {
    const [low, high] = [lows?.get(partition), ends?.get(partition)];
    if (low === undefined || high === undefined) {
      const problem = 'no leader of it answers; start the broker that leads it';
      faultOf(partition, new PartitionSkippedError(problem));
      continue;
    }
    const [first, end] = [Number(low), Number(high)];
    if (from === 'oldest') {
      spans.push({ partition, start: first, end, count });
      continue;
    }
    const oldest = from === 'both' ? Math.ceil(count / 4) : 0;
    const start = Math.max(first, end - count + oldest);
    if (start > first && oldest > 0) {
      spans.push({ partition, start: first, end: start, count: oldest });
    }
    spans.push({ partition, start, end, count: count - oldest });
  }
  return spans;
}

async function* messagesIn(
  findBroker: () => Promise<Broker>,
  { partition, start, end, count }: Span,
  options: Omit<PeekOptions, 'connection' | 'log'>,
): AsyncGenerator<Delivery> {
  const { topic, schemas, fetchOctetsMax = usualFetchOctetsMax } = options;
  if (start >= end) return;
  const broker = await findBroker();
  const deliveries = new Deliveries(options);
  const unframer = new Unframer(options);
  const origin = { topic, partition, generation: 0 };
  let left = count;
  for (let offset = start; offset < end;) {
    const set = await fetchFrom(broker, { topic, partition, offset, fetchOctetsMax });
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
  {
    topic,
    partition,
    offset,
    fetchOctetsMax,
  }: { topic: string; partition: number; offset: number; fetchOctetsMax: number },
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
