// A seam into kafkajs's inside: a call before this member rejoins its group, and after.
//
// kafkajs reports a rebalance only once it has happened, when what is in flight can no longer be
// settled and committed under the old generation. Its ConsumerGroup is wrapped so that the rejoin
// waits for us; and what it gives us after the join commits only under that generation, so a late
// commit is refused by the broker instead of being taken for the new owner's.

import {
  type Assigner,
  AssignerProtocol,
  type PartitionAssigner,
  PartitionAssigners,
} from 'kafkajs';
import type { Logger } from 'pino';
import { kafkajsModule } from './kafkajs-inside.ts';
import { offsetsAt, type OffsetsCluster, type OffsetTime } from './kafkajs-offsets.ts';
import { asRecordSets, type RecordSetReader } from './kafkajs-record-sets.ts';
import { errorOf, type TopicMetadata, tolerating } from './kafkajs-requests.ts';

export interface TopicPartitions {
  readonly topic: string;
  readonly partitions: readonly number[];
}

export interface PartitionOffset {
  readonly partition: number;
  readonly offset: string;
  /** Text that is kept beside a committed offset; null or empty where there is none. */
  readonly metadata?: string | null | undefined;
}

export interface TopicOffsets {
  readonly topic: string;
  readonly partitions: readonly PartitionOffset[];
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** This member's place in the group, from one join to the next. */
export interface Membership {
  /** Our own count of joins: kafkajs does not give a generation id. */
  readonly generation: number;
  readonly memberId: string;
  readonly isLeader: boolean;
  readonly assignment: readonly TopicPartitions[];
  /**
   * Commits under this generation; rejects with kafkajs's error once it has ended. Resolves to those
   * partitions that the coordinator does not know: their topic was deleted, or is very new.
   */
  commit(topics: readonly TopicOffsets[]): Promise<readonly TopicPartition[]>;
  /** What the group has committed; an offset of -1 where it has nothing. */
  committed(topics: readonly TopicPartitions[]): Promise<readonly TopicOffsets[]>;
  /** The subscribed topics as the brokers have them now. */
  layout(): Promise<readonly TopicMetadata[]>;
  /** Offsets by `topic` and partition; partitions without a leader that answers are left out. */
  offsetsAt(
    topics: readonly TopicPartitions[],
    time: OffsetTime,
  ): Promise<ReadonlyMap<string, ReadonlyMap<number, string>>>;
  /** Where a partition is read from that was not read before in this generation. */
  begin(position: TopicPartition & { readonly offset: string }): void;
  /** The offset to fetch next, whatever was to be fetched. */
  seek(position: TopicPartition & { readonly offset: string }): void;
  /** Unlike the consumer's own, these throw at no time: while it has crashed, that one has no group. */
  pause(partitions: readonly TopicPartitions[]): void;
  resume(partitions: readonly TopicPartitions[]): void;
}

/** The offset to be read next, which its partition does not have. */
export interface OffsetOutOfRange {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

export interface MembershipHooks extends Omit<RecordSetReader, 'failed'> {
  /** A fault that is not Kafka's: no retry makes it better, so that the process has to end. */
  ended(error: unknown): void;
  /** What the brokers say of the subscribed topics has changed. */
  layoutSeen(topics: readonly TopicMetadata[]): void;
  /** Whether the partition is left out of fetches for now. */
  isAway(topic: string, partition: number): boolean;
  /** The broker gave an error for the partition instead of records. */
  failed(topic: string, partition: number, errorCode: number): void;
  /** The broker that leads these partitions does not answer. */
  brokerAway(partitions: readonly TopicPartitions[], error: Error): void;
  /** Only for the leader: the user data of each member, in no order. */
  membersTold(userData: readonly string[]): void;
  /** The group rebalances: what is in flight may still be settled and committed before the rejoin. */
  beforeJoin(): Promise<void>;
  /** Joined; nothing is fetched before this resolves. */
  afterJoin(membership: Membership): Promise<void>;
  /** kafkajs itself would commit its default offset in silence and go on there. */
  offsetOutOfRange(where: OffsetOutOfRange): Promise<void>;
}

// What is used of kafkajs/src/consumer/consumerGroup.js.
interface ConsumerGroup {
  readonly assigners: readonly object[];
  readonly memberId: string | null;
  readonly offsetManager: OffsetManager;
  readonly preferredReadReplicasPerTopicPartition: Record<string, object | undefined>;
  /** When it was last heard of, by the wall clock; and until when its metadata is good. */
  lastRequest: number;
  readonly cluster: Cluster;
  /** Seeks that no fetch took up yet. */
  readonly seekOffset: Map<string, string>;
  isLeader(): boolean | string | null;
  assigned(): TopicPartitions[];
  seek(position: { topic: string; partition: number; offset: string }): void;
  pause(partitions: readonly TopicPartitions[]): void;
  resume(partitions: readonly TopicPartitions[]): void;
  joinAndSync(): Promise<void>;
  fetch(nodeId: number): Promise<object[]>;
  heartbeat(options: { interval: number }): Promise<void>;
  recoverFromFetch(error: Error): Promise<void>;
  filterPartitionsByNode(
    nodeId: number,
    topicPartitions: readonly TopicPartitions[],
  ): TopicPartitions[];
}

// What is used of kafkajs/src/consumer/offsetManager/index.js.
interface OffsetManager {
  readonly groupId: string;
  readonly generationId: number;
  readonly memberId: string;
  readonly resolvedOffsets: Record<string, Record<number, string>>;
  committedOffsets(): Record<string, Record<number, string>>;
  nextOffset(topic: string, partition: number): { toString(): string };
  resolveOffsets(): Promise<void>;
  getCoordinator(): Promise<Coordinator>;
}

// What is used of kafkajs/src/broker/index.js.
interface Coordinator {
  offsetCommit(request: object): Promise<{
    readonly responses: readonly {
      readonly topic: string;
      readonly partitions: readonly { readonly partition: number; readonly errorCode: number }[];
    }[];
  }>;
  offsetFetch(request: object): Promise<{ readonly responses: readonly TopicOffsets[] }>;
}

// What is used of kafkajs/src/cluster/brokerPool.js.
interface BrokerPool {
  seedBroker: object | undefined;
  removeBroker(address: { host: string; port: number }): void;
}

// What is used of kafkajs/src/cluster/index.js, and of its brokerPool.
interface Cluster extends OffsetsCluster {
  readonly brokerPool: {
    metadataExpireAt: number | null;
    readonly metadataMaxAge: number;
    readonly metadata: { readonly topicMetadata: readonly TopicMetadata[] } | null;
  };
  refreshMetadata(): Promise<void>;
  removeBroker(address: { host: string; port: number }): void;
}

// What is used of kafkajs/src/consumer/runner.js.
interface Runner {
  readonly running: boolean;
  readonly fetchManager: { stop(): Promise<void> };
  fetch(nodeId: number): Promise<object[]>;
}

interface Hooked {
  readonly hooks: MembershipHooks;
  readonly log: Logger;
  generation: number;
  /** From the beginning of a rejoin until one has succeeded. */
  isOutside: boolean;
  /** The rejoin that is under way. */
  joining: Promise<void> | undefined;
  /** What the brokers said last of the topics. */
  metadata: object | null;
}

const hookedBy = new WeakMap<object, Hooked>();
const fetchedIn = new WeakMap<object, number>();

/**
 * The generation in which a batch was asked for. With several brokers, one that was fetched before
 * a rejoin can be handed over after it.
 */
export const generationOfBatch = (batch: object): number | undefined => fetchedIn.get(batch);

/**
 * kafkajs's own round robin, carrying the hooks of one consumer to its ConsumerGroup. At each join it
 * sends `userData` to the group's leader, and passes what the members sent to the leader's hooks.
 */
export function assignerWithHooks(
  hooks: MembershipHooks,
  userData: string,
  log: Logger,
): PartitionAssigner {
  const hooked: Hooked = {
    hooks,
    log,
    generation: 0,
    isOutside: false,
    joining: undefined,
    metadata: null,
  };
  return (config) => {
    const roundRobin = PartitionAssigners.roundRobin(config);
    const { name, version } = roundRobin;
    const assigner: Assigner = {
      name,
      version,
      protocol: ({ topics }) => {
        const metadata = { version, topics, userData: Buffer.from(userData) };
        return { name, metadata: AssignerProtocol.MemberMetadata.encode(metadata) };
      },
      assign: (group) => {
        hooks.membersTold(group.members.map(({ memberMetadata }) => userDataIn(memberMetadata)));
        return roundRobin.assign(group);
      },
    };
    hookedBy.set(assigner, hooked);
    return assigner;
  };
}

/** Another client in the group may send anything. */
function userDataIn(metadata: Buffer): string {
  try {
    return AssignerProtocol.MemberMetadata.decode(metadata)?.userData.toString('utf8') ?? '';
  } catch {
    return '';
  }
}

const consumerGroup = () =>
  (kafkajsModule('src/consumer/consumerGroup.js') as { prototype: ConsumerGroup }).prototype;

const hookedOf = (group: ConsumerGroup) =>
  group.assigners.map((assigner) => hookedBy.get(assigner)).find((found) => found !== undefined);

/** A patch of kafkajs: a group with hooks fetches record sets, and outlives a broker that does not answer. */
export function groupsFetchRecordSets(): void {
  const prototype = consumerGroup();
  const fetch = Reflect.get(prototype, 'fetch');
  prototype.fetch = async function fetchTagged(this: ConsumerGroup, nodeId) {
    const hooked = hookedOf(this);
    if (!hooked) return fetch.call(this, nodeId);
    await hooked.joining?.catch(() => undefined);
    if (hooked.isOutside) throw rejoinNeeded();
    notFooledByTheClock(this);
    const { generation, hooks } = hooked;
    try {
      const reader = readerFor(this, hooked);
      const batches = await asRecordSets(reader, () => fetch.call(this, nodeId));
      const { metadata } = this.cluster.brokerPool;
      if (metadata && metadata !== hooked.metadata) hooks.layoutSeen(metadata.topicMetadata);
      hooked.metadata = metadata;
      for (const batch of batches) fetchedIn.set(batch, generation);
      return batches;
    } catch (error) {
      if (!isBrokerFault(error)) throw error;
      const { host, port } = error;
      if (error.name === 'KafkaJSConnectionClosedError') this.cluster.removeBroker({ host, port });
      const led = this.filterPartitionsByNode(nodeId, this.assigned());
      hooks.brokerAway(led, error);
      return [];
    }
  };
}

/** A patch of kafkajs: what is away is not asked for, else the answer about the others would come at once. */
export function groupsLeaveOutTheAway(): void {
  const prototype = consumerGroup();
  const filter = Reflect.get(prototype, 'filterPartitionsByNode');
  prototype.filterPartitionsByNode = function present(this: ConsumerGroup, nodeId, assigned) {
    const led = filter.call(this, nodeId, assigned);
    const hooks = hookedOf(this)?.hooks;
    if (!hooks) return led;
    return led.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.filter((partition) => !hooks.isAway(topic, partition)),
    }));
  };
}

/** A patch of kafkajs, which would end the fetchers of all brokers, and try again later and later. */
export function groupsKeepTheirFetchers(): void {
  const prototype = consumerGroup();
  const recover = Reflect.get(prototype, 'recoverFromFetch');
  prototype.recoverFromFetch = function recoverFromFetch(this: ConsumerGroup, error) {
    if (hookedOf(this) && isBrokerFault(error)) return Promise.reject(error);
    return recover.call(this, error);
  };
}

/** A patch of kafkajs: see `notFooledByTheClock`. */
export function heartbeatsInTime(): void {
  const prototype = consumerGroup();
  const heartbeat = Reflect.get(prototype, 'heartbeat');
  prototype.heartbeat = function inTime(this: ConsumerGroup, options) {
    notFooledByTheClock(this);
    return heartbeat.call(this, options);
  };
}

/** A patch of kafkajs: hooks run before and after a join, and a member has one join at a time. */
export function hookedJoins(): void {
  const prototype = consumerGroup();
  const join = Reflect.get(prototype, 'joinAndSync');
  prototype.joinAndSync = function joinAndSync(this: ConsumerGroup) {
    const hooked = hookedOf(this);
    if (!hooked) return join.call(this);
    // With several brokers, several fetchers want to rejoin at once. Of two syncs of one member the broker
    // answers only the later one; the other would wait for its time-out, and the partitions with it.
    hooked.joining ??= joinHooked(this, hooked, () => join.call(this)).finally(() => {
      hooked.joining = undefined;
    });
    return hooked.joining;
  };
}

/**
 * A patch of kafkajs, which forgets its last broker when the connection to it closes, and then throws a TypeError where a
 * request for metadata is under way. The one it has is as good as any to connect to again.
 */
export function keepsASeedBroker(): void {
  const { prototype } = kafkajsModule('src/cluster/brokerPool.js') as { prototype: BrokerPool };
  const remove = Reflect.get(prototype, 'removeBroker');
  prototype.removeBroker = function removeBroker(this: BrokerPool, address) {
    const { seedBroker } = this;
    remove.call(this, address);
    this.seedBroker ??= seedBroker;
  };
}

/**
 * A patch of kafkajs: where the brokers are other ones just when a consumer stops, it makes new fetchers.
 * They get nothing, at once, again and again, and no timer and no socket has a turn any more.
 */
export function fetchersEndWithTheirRunner(): void {
  const { prototype } = kafkajsModule('src/consumer/runner.js') as { prototype: Runner };
  const fetch = Reflect.get(prototype, 'fetch');
  prototype.fetch = function fetchWhileRunning(this: Runner, nodeId) {
    if (this.running) return fetch.call(this, nodeId);
    void this.fetchManager.stop();
    return Promise.resolve([]);
  };
}

const offsetOutOfRange = 1;

/** Brings what a fetch meets to the hooks. */
function readerFor(group: ConsumerGroup, hooked: Hooked): RecordSetReader {
  const { hooks } = hooked;
  return {
    topicIdOf: (topic, partition) => hooks.topicIdOf(topic, partition),
    answered: (topic, partition) => hooks.answered(topic, partition),
    failed: async (topic, partition, errorCode) => {
      // A follower may only be behind: the leader is asked next.
      const follower = group.preferredReadReplicasPerTopicPartition[topic];
      if (follower && partition in follower) {
        Reflect.deleteProperty(follower, partition);
        return;
      }
      if (errorCode !== offsetOutOfRange) {
        hooks.failed(topic, partition, errorCode);
        return;
      }
      const offset = String(group.offsetManager.nextOffset(topic, partition));
      await orEnd(hooked, () => hooks.offsetOutOfRange({ topic, partition, offset }));
    },
  };
}

interface BrokerFault extends Error {
  readonly host: string;
  readonly port: number;
}

const brokerFaults = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSBrokerNotFound',
  'KafkaJSLockTimeout',
]);

const isBrokerFault = (error: unknown): error is BrokerFault =>
  brokerFaults.has((error as Error).name);

/** The only one of kafkajs's faults that has no name: a connection that ended a moment ago is used. */
const notConnected = 'Broker not connected';

/** Whether kafkajs knows what to do about it. */
export const isKafkaFault = (error: unknown): boolean =>
  error instanceof Error && (error.name.startsWith('KafkaJS') || error.message === notConnected);

/** kafkajs takes what it does not know for something that passes: such a fault ends the process. */
async function orEnd<T>({ hooks }: Hooked, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!isKafkaFault(error)) hooks.ended(error);
    throw error;
  }
}

async function joinHooked(
  group: ConsumerGroup,
  hooked: Hooked,
  join: () => Promise<void>,
): Promise<void> {
  hooked.isOutside = true;
  for (;;) {
    await orEnd(hooked, () => hooked.hooks.beforeJoin());
    await join();
    hooked.generation += 1;
    // One from before the join would hold when its partition comes back, and take its offset back.
    group.seekOffset.clear();
    try {
      const membership = membershipOf(group, hooked.generation);
      await orEnd(hooked, () => hooked.hooks.afterJoin(membership));
      hooked.isOutside = false;
      return;
    } catch (error) {
      if (!generationEnded(error)) throw error;
      hooked.log.info(
        { err: error },
        'the group rebalanced again while this member joined; rejoining',
      );
    }
  }
}

/**
 * A rejoin that failed halfway, at a connection that closed say, leaves kafkajs with the generation from
 * before: it would fetch on and keep its place by heartbeats, and we would refuse each batch as stale.
 * This is the error it knows to rejoin by.
 */
const rejoinNeeded = (): Error =>
  Object.assign(new Error('the last rejoin failed'), { type: 'REBALANCE_IN_PROGRESS' });

/**
 * kafkajs waits by the wall clock. One that was set back would hush its heartbeats until the group gave it
 * up, and keep it from looking for new partitions.
 */
function notFooledByTheClock(group: ConsumerGroup): void {
  const nowMs = Date.now();
  const { brokerPool } = group.cluster;
  if (group.lastRequest > nowMs) group.lastRequest = 0;
  if ((brokerPool.metadataExpireAt ?? 0) > nowMs + brokerPool.metadataMaxAge) {
    brokerPool.metadataExpireAt = null;
  }
}

function membershipOf(group: ConsumerGroup, generation: number): Membership {
  // A new one at each join, with that generation's id inside.
  const { offsetManager, memberId, cluster } = group;
  // Where a partition begins is decided here; kafkajs would ask for all again where one is not known.
  offsetManager.resolveOffsets = () => Promise.resolve();
  return {
    generation,
    memberId: memberId ?? '',
    isLeader: Boolean(group.isLeader()),
    assignment: group.assigned(),
    commit: (topics) => commit(offsetManager, cluster, topics),
    committed: async (topics) => {
      const { groupId } = offsetManager;
      const coordinator = await offsetManager.getCoordinator();
      const { responses } = await coordinator.offsetFetch({
        groupId,
        topics: topics.map(({ topic, partitions }) => ({
          topic,
          partitions: partitions.map((partition) => ({ partition })),
        })),
      });
      return responses;
    },
    layout: async () => {
      await tolerating(() => cluster.refreshMetadata());
      return cluster.brokerPool.metadata?.topicMetadata ?? [];
    },
    offsetsAt: (topics, time) => offsetsAt(cluster, topics, time),
    begin: ({ topic, partition, offset }) => {
      // Not known to it: the partition is another member's by now.
      const committed = offsetManager.committedOffsets()[topic];
      if (!committed) return;
      committed[partition] = offset;
      offsetManager.resolvedOffsets[topic]![partition] = offset;
    },
    seek: (position) => group.seek(position),
    pause: (partitions) => group.pause(partitions),
    resume: (partitions) => group.resume(partitions),
  };
}

const unknownTopicOrPartition = 3;

async function commit(
  offsetManager: OffsetManager,
  cluster: Cluster,
  topics: readonly TopicOffsets[],
): Promise<readonly TopicPartition[]> {
  const { groupId, generationId: groupGenerationId, memberId } = offsetManager;
  try {
    const coordinator = await offsetManager.getCoordinator();
    const { responses } = await tolerating(() =>
      coordinator.offsetCommit({ groupId, memberId, groupGenerationId, topics }),
    );
    const refused = responses.flatMap(({ topic, partitions }) =>
      partitions
        .filter(({ errorCode }) => errorCode !== 0)
        .map(({ partition, errorCode }) => ({ topic, partition, errorCode })),
    );
    const fault = refused.find(({ errorCode }) => errorCode !== unknownTopicOrPartition);
    if (fault) throw errorOf(fault.errorCode);
    return refused;
  } catch (error) {
    // The coordinator has moved.
    const { type } = error as { type?: unknown };
    if (type === 'NOT_COORDINATOR_FOR_GROUP') await cluster.refreshMetadata();
    throw error;
  }
}

/** The broker's words for "this generation, or this member's part in it, is over". */
const generationErrors = new Set([
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'FENCED_INSTANCE_ID',
]);

export function generationEnded(error: unknown): boolean {
  const type = (error as { type?: unknown } | null)?.type;
  return typeof type === 'string' && generationErrors.has(type);
}
