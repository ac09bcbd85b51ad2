// Where a group begins. KAFKA_AUTO_OFFSET_RESET applies where the group has no offset for a topic;
// it is resolved once, by the group's leader for all partitions, and committed at once, so that
// members that join at the same time, or later, all begin at the same place.

import type { Admin } from 'kafkajs';
import type { Logger } from 'pino';
import type { Membership, TopicOffsets } from './kafkajs-membership.ts';

/** `latest`, `earliest`, `error`, or a time in milliseconds since 1970. */
export type AutoOffsetReset = 'latest' | 'earliest' | 'error' | number;

export class StartOffsetError extends Error {
  readonly code = 'NO_START_OFFSET';
  override readonly name = 'StartOffsetError';
}

/** How far behind a member begins: records between its offsets and the ends of its partitions. */
export interface Start {
  readonly lag: number;
  /** Records that retention took before they were read. */
  readonly removed: number;
  readonly partitions: readonly PartitionStart[];
}

/** Where one partition's committed offset and its end are. */
export interface PartitionStart {
  readonly topic: string;
  readonly partition: number;
  readonly committed: number;
  readonly end: number;
}

export interface StartOffsetsOptions {
  readonly admin: Admin;
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly reset: AutoOffsetReset;
  readonly membership: Membership;
  readonly log: Logger;
}

const waitForLeaderMs = 15_000;
const pollMs = 200;

/** Makes sure that every assigned partition has a committed offset. Throws StartOffsetError. */
export async function ensureStartOffsets(options: StartOffsetsOptions): Promise<Start> {
  const { admin, groupId, membership } = options;
  const topics = [...options.topics];
  const deadline = performance.now() + waitForLeaderMs;
  for (;;) {
    const committed = await fetchCommitted(admin, groupId, topics, deadline);
    const mine = new Map(membership.assignment.map((a) => [a.topic, new Set(a.partitions)]));
    if (membership.isLeader) {
      const starts = await resolve(options, committed);
      if (starts.length > 0) await membership.commit(starts);
      return look(options, [...committed, ...starts], mine);
    }
    const missing = committed.some(({ topic, partitions }) =>
      partitions.some(
        ({ partition, offset }) => offset === '-1' && mine.get(topic)?.has(partition),
      ),
    );
    if (!missing) return look(options, committed, mine);
    if (performance.now() > deadline) {
      throw new StartOffsetError("the group's leader committed no start offsets; joining again");
    }
    await new Promise((wake) => setTimeout(wake, pollMs));
  }
}

/** A coordinator that is still loading says so, and kafkajs's admin does not ask again. */
async function fetchCommitted(admin: Admin, groupId: string, topics: string[], deadline: number) {
  for (;;) {
    try {
      return await admin.fetchOffsets({ groupId, topics });
    } catch (error) {
      const { retriable } = error as { retriable?: boolean };
      if (retriable !== true || performance.now() > deadline) throw error;
      await new Promise((wake) => setTimeout(wake, pollMs));
    }
  }
}

async function resolve(
  options: StartOffsetsOptions,
  committed: readonly TopicOffsets[],
): Promise<TopicOffsets[]> {
  const starts: TopicOffsets[] = [];
  for (const { topic, partitions } of committed) {
    const missing = partitions.filter(({ offset }) => offset === '-1');
    if (missing.length === 0) continue;
    // A group that knows the topic meets a new partition: it begins where the partition does.
    const added = missing.length < partitions.length;
    const reset = added ? 'earliest' : options.reset;
    const offsets = await offsetsAt(options.admin, topic, reset);
    const start = missing.map(({ partition }) => ({
      partition,
      offset: offsets.get(partition) ?? '0',
    }));
    options.log.info({ topic, reset, start }, 'the group begins');
    starts.push({ topic, partitions: start });
  }
  return starts;
}

async function offsetsAt(
  admin: Admin,
  topic: string,
  reset: AutoOffsetReset,
): Promise<Map<number, string>> {
  if (reset === 'error') {
    throw new StartOffsetError(
      `the group has no offset for ${topic} and KAFKA_AUTO_OFFSET_RESET=error; ` +
        'set it to earliest, latest or a time, or commit offsets for the group first',
    );
  }
  if (typeof reset === 'number') {
    const found = await admin.fetchTopicOffsetsByTimestamp(topic, reset);
    return new Map(found.map(({ partition, offset }) => [partition, offset]));
  }
  const found = await admin.fetchTopicOffsets(topic);
  return new Map(found.map((p) => [p.partition, reset === 'earliest' ? p.low : p.high]));
}

// What lies ahead; and what retention took before it was read, which is said, never passed over.
async function look(
  options: StartOffsetsOptions,
  committed: readonly TopicOffsets[],
  mine: ReadonlyMap<string, ReadonlySet<number>>,
): Promise<Start> {
  const starts: PartitionStart[] = [];
  let lag = 0;
  let removedInAll = 0;
  for (const { topic, partitions } of committed) {
    const ends = await options.admin.fetchTopicOffsets(topic);
    for (const { partition, offset } of partitions) {
      if (Number(offset) < 0 || !mine.get(topic)?.has(partition)) continue;
      const { low, high } = ends.find((p) => p.partition === partition) ?? { low: 0, high: 0 };
      starts.push({ topic, partition, committed: Number(offset), end: Number(high) });
      lag += Math.max(0, Number(high) - Math.max(Number(offset), Number(low)));
      const removed = Number(low) - Number(offset);
      if (removed <= 0) continue;
      const where = { topic, partition, committed: offset, removed };
      if (options.reset === 'error') {
        throw new StartOffsetError(
          `${topic}[${partition}]: retention removed ${removed} records above the committed ` +
            `offset ${offset}, and KAFKA_AUTO_OFFSET_RESET=error`,
        );
      }
      options.log.error(where, 'retention removed records that were not exported; lost');
      removedInAll += removed;
    }
  }
  return { lag, removed: removedInAll, partitions: starts };
}
