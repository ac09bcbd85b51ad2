// A look at a topic's messages without a consumer group: nothing is joined, nothing is committed.
// kafkajs fetches for groups only, so its Cluster is asked directly; the version is pinned.

import type { Kafka, KafkaMessage } from 'kafkajs';
import type { Logger } from 'pino';
import { type KafkaConnection, kafkaClient } from '../kafkajs/kafka-client.ts';
import { MissingTopicError } from '../kafkajs/missing-topic.ts';
import { registerCodecs } from '../kafkajs/kafkajs-codecs.ts';
import {
  beginningTime,
  endTime,
  offsetsAt,
  type OffsetsCluster,
} from '../kafkajs/kafkajs-offsets.ts';
import { asMessages } from '../kafkajs/kafkajs-record-sets.ts';
import { tolerating } from '../kafkajs/kafkajs-requests.ts';
import { reachBrokers } from '../kafkajs/reach-brokers.ts';

export interface PeekOptions {
  readonly connection: KafkaConnection;
  readonly topic: string;
  /** Messages of each partition at most. */
  readonly count: number;
  readonly from: 'newest' | 'oldest';
  /** What a batch may hold, decompressed. */
  readonly batchOctetsMax: number;
  readonly log: Logger;
}

export interface PeekedPartition {
  readonly partition: number;
  readonly messages: readonly KafkaMessage[];
}

// What is used of kafkajs/src/cluster/index.js and src/broker/index.js.
interface Cluster extends OffsetsCluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  findTopicPartitionMetadata(topic: string): { partitionId: number; leader: number }[];
  findBroker(options: { nodeId: string }): Promise<Broker>;
}

type FetchedMessage = KafkaMessage & { readonly isControlRecord?: boolean };

interface Broker {
  fetch(request: object): Promise<{
    responses: { partitions: { partition: number; messages: FetchedMessage[] }[] }[];
  }>;
}

/** Nothing else goes on meanwhile: a slow broker gets its time. */
const waitMs = 10_000;
const fetchOctetsMax = 16 * 1024 * 1024;

/** The newest or oldest messages of each partition. Rejects with kafkajs's errors. */
export async function peek(options: PeekOptions): Promise<PeekedPartition[]> {
  const { connection, topic, count, from, log } = options;
  registerCodecs(options.batchOctetsMax);
  const kafka = kafkaClient(connection, log);
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
    const ids = all.map(({ partitionId }) => partitionId).sort((a, b) => a - b);
    const at = [{ topic, partitions: ids }];
    const [lows, ends] = [
      (await offsetsAt(cluster, at, beginningTime, waitMs)).get(topic),
      (await offsetsAt(cluster, at, endTime, waitMs)).get(topic),
    ];
    const peeked: PeekedPartition[] = [];
    for (const partition of ids) {
      const [low, high] = [lows?.get(partition), ends?.get(partition)];
      if (low === undefined || high === undefined) {
        log.warn(
          { topic, partition },
          `${topic}[${partition}] has no leader that answers, and is left out: start its broker`,
        );
        continue;
      }
      const [first, end] = [Number(low), Number(high)];
      const start = from === 'oldest' ? first : Math.max(first, end - count);
      if (start === end) continue;
      const broker = await cluster.findBroker({ nodeId: String(leaders.get(partition)) });
      const messages = await fetchFrom(broker, { topic, partition, start, end, count });
      peeked.push({ partition, messages });
    }
    return peeked;
  } finally {
    await Promise.allSettled([admin.disconnect(), cluster.disconnect()]);
  }
}

async function fetchFrom(
  broker: Broker,
  at: { topic: string; partition: number; start: number; end: number; count: number },
): Promise<KafkaMessage[]> {
  const messages: KafkaMessage[] = [];
  let offset = at.start;
  while (messages.length < at.count && offset < at.end) {
    const { responses } = await asMessages(() =>
      broker.fetch({
        maxWaitTime: 500,
        minBytes: 1,
        maxBytes: fetchOctetsMax,
        topics: [
          {
            topic: at.topic,
            partitions: [
              { partition: at.partition, fetchOffset: String(offset), maxBytes: fetchOctetsMax },
            ],
          },
        ],
      }),
    );
    const got = responses[0]?.partitions[0]?.messages ?? [];
    // Control records and compacted ends: nothing more comes.
    if (got.length === 0) break;
    for (const message of got) {
      if (Number(message.offset) >= offset && !message.isControlRecord) messages.push(message);
    }
    offset = Number(got.at(-1)!.offset) + 1;
  }
  return messages.slice(0, at.count);
}

function clusterOf(kafka: Kafka): Cluster {
  const create = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  );
  if (!create) throw new Error('kafkajs 2.2.4 is needed; run npm ci');
  return (kafka as unknown as Record<symbol, (options: object) => Cluster>)[create]!({
    metadataMaxAge: 60_000,
    allowAutoTopicCreation: false,
  });
}
