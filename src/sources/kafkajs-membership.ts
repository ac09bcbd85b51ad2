// A seam into kafkajs's inside: being told before this member rejoins its group, and after.
//
// kafkajs reports a rebalance only once it has happened, when what is in flight can no longer be
// settled and committed under the old generation. Its ConsumerGroup is wrapped so that the rejoin
// waits for us; and what it gives us after the join commits under that generation alone, so a late
// commit is refused by the broker instead of being taken for the new owner's.

import {
  type Assigner,
  AssignerProtocol,
  type PartitionAssigner,
  PartitionAssigners,
} from 'kafkajs';
import type { Logger } from 'pino';
import { kafkajsModule } from './kafkajs-inside.ts';
import { asMessages, asRecordSets } from './kafkajs-record-sets.ts';

export interface TopicPartitions {
  readonly topic: string;
  readonly partitions: readonly number[];
}

export interface TopicOffsets {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
}

/** This member's place in the group, from one join to the next. */
export interface Membership {
  /** Our own count of joins: kafkajs tells no generation id. */
  readonly generation: number;
  readonly memberId: string;
  readonly isLeader: boolean;
  readonly assignment: readonly TopicPartitions[];
  /** Commits under this generation; rejects with kafkajs's error once it has ended. */
  commit(topics: readonly TopicOffsets[]): Promise<void>;
  /** The offset to fetch next. */
  seek(position: { topic: string; partition: number; offset: string }): void;
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

export interface MembershipHooks {
  /** Whether fetches give record sets, in place of kafkajs's own messages. */
  readonly rawBatches: boolean;
  /** To the leader alone: the user data of each member, in no order. */
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
  readonly offsetManager: {
    commitOffsets(offsets: { topics: readonly TopicOffsets[] }): Promise<void>;
    nextOffset(topic: string, partition: number): { toString(): string };
  };
  readonly preferredReadReplicasPerTopicPartition: Readonly<Record<string, object | undefined>>;
  /** When it was last heard of, by the wall clock; and until when its metadata is good. */
  lastRequest: number;
  readonly cluster: {
    readonly brokerPool: { metadataExpireAt: number | null; readonly metadataMaxAge: number };
  };
  /** Seeks that no fetch took up yet. */
  readonly seekOffset: Map<string, string>;
  isLeader(): boolean;
  assigned(): TopicPartitions[];
  seek(position: { topic: string; partition: number; offset: string }): void;
  pause(partitions: readonly TopicPartitions[]): void;
  resume(partitions: readonly TopicPartitions[]): void;
  joinAndSync(): Promise<void>;
  fetch(nodeId: number): Promise<object[]>;
  heartbeat(options: { interval: number }): Promise<void>;
  recoverFromOffsetOutOfRange(error: { topic: string; partition: number }): Promise<void>;
}

// What is used of kafkajs/src/consumer/runner.js.
interface Runner {
  readonly running: boolean;
  readonly fetchManager: { stop(): Promise<void> };
  fetch(nodeId: number): Promise<object[]>;
}

interface Hooked {
  readonly hooks: MembershipHooks;
  generation: number;
  /** From the beginning of a rejoin until one has succeeded. */
  isOutside: boolean;
  /** The rejoin that is under way. */
  joining: Promise<void> | undefined;
}

const hookedBy = new WeakMap<object, Hooked>();
const fetchedIn = new WeakMap<object, number>();

/**
 * The generation in which a batch was asked for. With several brokers, one that was fetched before
 * a rejoin can be handed over after it.
 */
export const generationOfBatch = (batch: object): number | undefined => fetchedIn.get(batch);
let installed = false;

/**
 * kafkajs's own round robin, carrying the hooks of one consumer to its ConsumerGroup. At each join it
 * tells the group's leader `userData`, and to the leader's hooks what the members told.
 */
export function assignerWithHooks(
  hooks: MembershipHooks,
  userData: string,
  log: Logger,
): PartitionAssigner {
  install(log);
  const hooked = { hooks, generation: 0, isOutside: false, joining: undefined };
  return (config) => {
    const roundRobin = PartitionAssigners.roundRobin(config);
    const { name, version } = roundRobin;
    const assigner: Assigner = {
      ...{ name, version },
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

/** Another client in the group may tell anything. */
function userDataIn(metadata: Buffer): string {
  try {
    return AssignerProtocol.MemberMetadata.decode(metadata)?.userData.toString('utf8') ?? '';
  } catch {
    return '';
  }
}

function install(log: Logger): void {
  if (installed) return;
  const { prototype } = kafkajsModule('src/consumer/consumerGroup.js') as {
    prototype: ConsumerGroup;
  };
  const join = Reflect.get(prototype, 'joinAndSync');
  const fetch = Reflect.get(prototype, 'fetch');
  const heartbeat = Reflect.get(prototype, 'heartbeat');
  const recover = Reflect.get(prototype, 'recoverFromOffsetOutOfRange');
  const hookedOf = (group: ConsumerGroup) =>
    group.assigners.map((assigner) => hookedBy.get(assigner)).find((found) => found !== undefined);

  prototype.fetch = async function fetchTagged(this: ConsumerGroup, nodeId) {
    const hooked = hookedOf(this);
    if (!hooked) return fetch.call(this, nodeId);
    await hooked.joining?.catch(() => undefined);
    if (hooked.isOutside) throw rejoinNeeded();
    notFooledByTheClock(this);
    const { generation } = hooked;
    const as = hooked.hooks.rawBatches ? asRecordSets : asMessages;
    const batches = await as(() => fetch.call(this, nodeId));
    for (const batch of batches) fetchedIn.set(batch, generation);
    return batches;
  };
  prototype.heartbeat = function inTime(this: ConsumerGroup, options) {
    notFooledByTheClock(this);
    return heartbeat.call(this, options);
  };
  prototype.recoverFromOffsetOutOfRange = async function outOfRange(this: ConsumerGroup, error) {
    const hooked = hookedOf(this);
    const { topic, partition } = error;
    // A follower may only be behind: kafkajs then asks the leader.
    const follower = this.preferredReadReplicasPerTopicPartition[topic];
    if (!hooked || (follower && partition in follower)) return recover.call(this, error);
    const offset = String(this.offsetManager.nextOffset(topic, partition));
    await hooked.hooks.offsetOutOfRange({ topic, partition, offset });
  };
  prototype.joinAndSync = function joinAndSync(this: ConsumerGroup) {
    const hooked = hookedOf(this);
    if (!hooked) return join.call(this);
    // With several brokers, several fetchers want to rejoin at once. Of two syncs of one member the broker
    // answers only the later one; the other would wait for its time-out, and the partitions with it.
    hooked.joining ??= joinHooked(this, hooked, () => join.call(this), log).finally(() => {
      hooked.joining = undefined;
    });
    return hooked.joining;
  };
  endsWithItsRunner();
  installed = true;
}

/**
 * Where the brokers are other ones just when a consumer stops, kafkajs makes new fetchers behind its back.
 * They get nothing, at once, again and again, and no timer and no socket has a turn any more.
 */
function endsWithItsRunner(): void {
  const { prototype } = kafkajsModule('src/consumer/runner.js') as { prototype: Runner };
  const fetch = Reflect.get(prototype, 'fetch');
  prototype.fetch = function fetchWhileRunning(this: Runner, nodeId) {
    if (this.running) return fetch.call(this, nodeId);
    void this.fetchManager.stop();
    return Promise.resolve([]);
  };
}

async function joinHooked(
  group: ConsumerGroup,
  hooked: Hooked,
  join: () => Promise<void>,
  log: Logger,
): Promise<void> {
  hooked.isOutside = true;
  for (;;) {
    await hooked.hooks.beforeJoin();
    await join();
    hooked.generation += 1;
    // One from before the join would hold when its partition comes back, and take its offset back.
    group.seekOffset.clear();
    try {
      await hooked.hooks.afterJoin(membershipOf(group, hooked.generation));
      hooked.isOutside = false;
      return;
    } catch (error) {
      if (!generationEnded(error)) throw error;
      log.info({ err: error }, 'the group rebalanced again while this member joined; rejoining');
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
  // Made anew at each join, with that generation's id inside.
  const { offsetManager, memberId } = group;
  return {
    generation,
    memberId: memberId ?? '',
    isLeader: group.isLeader(),
    assignment: group.assigned(),
    commit: (topics) => offsetManager.commitOffsets({ topics }),
    seek: (position) => group.seek(position),
    pause: (partitions) => group.pause(partitions),
    resume: (partitions) => group.resume(partitions),
  };
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
