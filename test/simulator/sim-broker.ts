// Takes the place of kafkajs's Broker: the same calls, answered by the simulated Kafka of the world that
// the calling process lives in.

import { type FetchRequest, type Link, type SimKafka, topicName } from './sim-kafka.ts';
import type { CommitRequest, HeartbeatRequest, JoinRequest, SyncRequest } from './sim-group.ts';

let present: SimKafka | undefined;

/** The Kafka of the world that runs now. */
export function enter(kafka: SimKafka): void {
  present = kafka;
}

interface TopicPartitions {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number; readonly timestamp: number }[];
}

export class SimBroker {
  readonly connectionPool: { readonly host: string; readonly port: number };
  readonly versions = {};
  nodeId: string | number | undefined;
  #link: Link | undefined;

  constructor(options: { connectionPool: SimBroker['connectionPool']; nodeId?: string }) {
    this.connectionPool = options.connectionPool;
    this.nodeId = options.nodeId;
  }

  get #kafka(): SimKafka {
    return present!;
  }

  isConnected(): boolean {
    return this.#link !== undefined && this.#kafka.isLinked(this.#link);
  }

  async connect(): Promise<void> {
    if (this.isConnected()) return;
    this.#link = await this.#kafka.connect(this.#kafka.nodeIdOf(this.connectionPool.host));
  }

  disconnect(): Promise<void> {
    this.#link = undefined;
    return Promise.resolve();
  }

  metadata(): Promise<object> {
    return this.#call('metadata', (kafka) => kafka.metadata());
  }

  findGroupCoordinator(): Promise<object> {
    return this.#call('findCoordinator', (kafka) => kafka.findCoordinator());
  }

  joinGroup(request: JoinRequest): Promise<object> {
    return this.#call('join', (kafka, id) => kafka.asCoordinator(id).join(request));
  }

  syncGroup(request: SyncRequest): Promise<object> {
    return this.#call('sync', (kafka, id) => kafka.asCoordinator(id).sync(request));
  }

  heartbeat(request: HeartbeatRequest): Promise<object> {
    return this.#call('heartbeat', (kafka, id) => kafka.asCoordinator(id).heartbeat(request));
  }

  leaveGroup({ memberId }: { memberId: string }): Promise<object> {
    return this.#call('leave', (kafka, id) => kafka.asCoordinator(id).leave(memberId));
  }

  offsetCommit(request: CommitRequest): Promise<object> {
    return this.#call('commit', (kafka, id) => kafka.asCoordinator(id).commit(request));
  }

  offsetFetch({ topics }: { topics: readonly TopicPartitions[] }): Promise<object> {
    return this.#call('offsetFetch', (kafka, id) => ({
      responses: topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition }) => ({
          ...{ partition, errorCode: 0 },
          metadata: kafka.asCoordinator(id).committed.get(partition)?.metadata ?? null,
          offset: String(kafka.asCoordinator(id).committed.get(partition)?.offset ?? -1),
        })),
      })),
    }));
  }

  listOffsets({ topics }: { topics: readonly TopicPartitions[] }): Promise<object> {
    return this.#call('listOffsets', (kafka, id) => ({
      responses: topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition, timestamp }) => ({
          ...{ partition, errorCode: 0 },
          offset: kafka.offset(id, partition, timestamp),
        })),
      })),
    }));
  }

  fetch(request: FetchRequest): Promise<object> {
    return this.#call('fetch', (kafka, id) => kafka.fetch(id, request));
  }

  async #call<T>(api: string, answer: (kafka: SimKafka, id: number) => T | Promise<T>): Promise<T> {
    const kafka = this.#kafka;
    if (!this.isConnected()) await this.connect();
    const link = this.#link!;
    return kafka.call(link, api, () => answer(kafka, link.nodeId));
  }
}

export { topicName };
