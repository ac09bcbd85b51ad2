// Where the partitions of a group are read from after a join: at the committed offset, where it is of the
// very topic that exists now. KAFKA_AUTO_OFFSET_RESET applies where the group has no offset for a topic;
// it is resolved once, by the group's leader for all partitions, and committed at once, so that
// members that join at the same time, or later, all begin at the same place.

import type { Logger } from 'pino';
import { logEvent } from '../../log/log-events.ts';
import type { AutoOffsetReset } from './auto-offset-reset.ts';
import { committedText, readCommittedText } from './committed-text.ts';
import {
  type Membership,
  type PartitionOffset,
  type TopicOffsets,
  type TopicPartition,
  type TopicPartitions,
} from '../kafkajs/kafkajs-membership.ts';
import { beginningTime, endTime } from '../kafkajs/kafkajs-offsets.ts';
import type { TopicLayout } from './topic-layout.ts';

export class StartOffsetError extends Error {
  readonly code = 'NO_START_OFFSET';
  override readonly name = 'StartOffsetError';
}

/** Where one assigned partition is read from. */
export interface PartitionStart extends TopicPartition {
  /** Undefined while it has no leader to ask: then `reset` says from where. */
  readonly offset: number | undefined;
  readonly reset: AutoOffsetReset;
  /** Where its log ends; undefined where its leader did not answer. */
  readonly end: number | undefined;
  /** The group's offset is of a topic that was deleted: the new log is read from its beginning. */
  readonly isRecreated: boolean;
}

export interface Starts {
  readonly partitions: readonly PartitionStart[];
  /** Records between the offsets and the ends of the partitions. */
  readonly lag: number;
  /** Records that retention removed before they were read. */
  readonly removed: number;
}

export interface StartOffsetsOptions {
  readonly membership: Membership;
  readonly layout: TopicLayout;
  readonly topics: readonly string[];
  readonly reset: AutoOffsetReset;
  /** Whether the topic was deleted and created again since this process began. */
  readonly isRecreated: (topic: string) => boolean;
  /** Partitions that go on where they are. */
  readonly goesOn: (partition: TopicPartition) => boolean;
  readonly log: Logger;
}

/** The leader answers sooner where it is one of ours; of another kind it never commits. */
const waitForLeaderMs = 5_000;
const waitForCoordinatorMs = 15_000;
const pollMs = 200;

/** Throws StartOffsetError with KAFKA_AUTO_OFFSET_RESET=error. */
export async function startOffsets(options: StartOffsetsOptions): Promise<Starts> {
  const { membership, layout, topics, goesOn } = options;
  const mine = membership.assignment
    .map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.filter((partition) => !goesOn({ topic, partition })),
    }))
    .filter(({ partitions }) => partitions.length > 0);
  // All partitions of a topic: whether the group knows the topic at all is of interest, too.
  const asked = new Set(membership.isLeader ? topics : mine.map(({ topic }) => topic));
  const wanted = Array.from(asked, (topic) => ({ topic, partitions: layout.partitionsOf(topic) }));
  const first = await fetchCommitted(membership, wanted);
  const known = new Set(first.filter(isKnown).map(({ topic }) => topic));
  const deadline = performance.now() + waitForLeaderMs;
  for (let committed = first; ; committed = await fetchCommitted(membership, wanted)) {
    const missing = membership.isLeader ? wanted : mine;
    const open = without(missing, committed);
    if (open.length === 0) return look(options, mine, committed);
    if (membership.isLeader || performance.now() > deadline) {
      const starts = await begin(options, open, known);
      return look(options, mine, [...committed, ...starts]);
    }
    await new Promise((wake) => setTimeout(wake, pollMs));
  }
}

const isKnown = ({ partitions }: TopicOffsets): boolean =>
  partitions.some(({ offset }) => Number(offset) >= 0);

/** A coordinator that is still loading says so, and kafkajs does not ask again. */
async function fetchCommitted(
  membership: Membership,
  topics: readonly TopicPartitions[],
): Promise<readonly TopicOffsets[]> {
  if (topics.length === 0) return [];
  const deadline = performance.now() + waitForCoordinatorMs;
  for (;;) {
    try {
      return await membership.committed(topics);
    } catch (error) {
      const { retriable } = error as { retriable?: boolean };
      if (retriable !== true || performance.now() > deadline) throw error;
      await new Promise((wake) => setTimeout(wake, pollMs));
    }
  }
}

/** Those partitions that the group has no offset for. */
function without(
  topics: readonly TopicPartitions[],
  committed: readonly TopicOffsets[],
): TopicPartitions[] {
  const has = ({ topic, partition }: TopicPartition) =>
    Number(find(committed, topic, partition)?.offset ?? -1) >= 0;
  return topics
    .map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.filter((partition) => !has({ topic, partition })),
    }))
    .filter(({ partitions }) => partitions.length > 0);
}

function find(
  committed: readonly TopicOffsets[],
  topic: string,
  partition: number,
): PartitionOffset | undefined {
  // The last one is the newest.
  return committed
    .filter((one) => one.topic === topic)
    .flatMap(({ partitions }) => partitions)
    .findLast((one) => one.partition === partition);
}

/** Decides where these partitions begin, and commits that. */
async function begin(
  options: StartOffsetsOptions,
  open: readonly TopicPartitions[],
  known: ReadonlySet<string>,
): Promise<TopicOffsets[]> {
  const { membership, layout, log } = options;
  const starts: TopicOffsets[] = [];
  for (const { topic, partitions } of open) {
    // A group that knows the topic meets a new partition: it begins where the partition does.
    const isAdded = known.has(topic) || options.isRecreated(topic);
    const reset = isAdded ? 'earliest' : options.reset;
    const offsets = await offsetsFrom(membership, { topic, partitions }, reset);
    const topicId = layout.idOf(topic);
    const start = partitions.map((partition) => {
      const offset = offsets.get(partition);
      return offset === undefined
        ? { partition, offset: '0', metadata: committedText({ topicId, start: reset }) }
        : { partition, offset, metadata: committedText({ topicId }) };
    });
    log.info({ topic, reset, start }, 'the group begins');
    starts.push({ topic, partitions: start });
  }
  await membership.commit(starts);
  return starts;
}

/** Offsets by partition; those whose leader does not answer are left out. Throws StartOffsetError. */
export async function offsetsFrom(
  membership: Pick<Membership, 'offsetsAt'>,
  at: TopicPartitions,
  reset: AutoOffsetReset,
): Promise<ReadonlyMap<number, string>> {
  const none = new Map<number, string>();
  if (reset === 'error') {
    throw new StartOffsetError(
      `the group has no offset for ${at.topic} and KAFKA_AUTO_OFFSET_RESET=error; ` +
        'set it to earliest, latest or a time, or commit offsets for the group first',
    );
  }
  const ask = async (time: number) =>
    (await membership.offsetsAt([at], time)).get(at.topic) ?? none;
  if (reset === 'earliest') return ask(beginningTime);
  if (reset === 'latest') return ask(endTime);
  const found = await ask(reset);
  if ([...found.values()].every((offset) => Number(offset) >= 0)) return found;
  // Nothing is as young as that: the end.
  const ends = await ask(endTime);
  const resolved = Array.from(found, ([partition, offset]) => {
    const end = Number(offset) < 0 ? ends.get(partition) : offset;
    return end === undefined ? [] : [[partition, end] as const];
  });
  return new Map(resolved.flat());
}

// What lies ahead; and what retention removed before it was read, which is said, never passed over.
async function look(
  options: StartOffsetsOptions,
  mine: readonly TopicPartitions[],
  committed: readonly TopicOffsets[],
): Promise<Starts> {
  const { membership } = options;
  const [lows, ends] = await Promise.all([
    membership.offsetsAt(mine, beginningTime),
    membership.offsetsAt(mine, endTime),
  ]);
  const partitions: PartitionStart[] = [];
  let lag = 0;
  let removedInAll = 0;
  for (const { topic, partitions: ids } of mine) {
    for (const partition of ids) {
      const found = find(committed, topic, partition);
      const start = startOf(options, { topic, partition }, found);
      const end = numberOf(ends.get(topic)?.get(partition));
      const low = numberOf(lows.get(topic)?.get(partition));
      partitions.push({ ...start, end });
      if (start.offset === undefined || end === undefined) continue;
      const removed = start.isRecreated ? 0 : Math.max(0, (low ?? 0) - start.offset);
      lag += Math.max(0, end - start.offset - removed);
      if (removed > 0) warnOfRemoved(options, { topic, partition }, start.offset, removed);
      removedInAll += removed;
    }
  }
  return { lag, removed: removedInAll, partitions };
}

function startOf(
  { layout, reset }: StartOffsetsOptions,
  { topic, partition }: TopicPartition,
  found: PartitionOffset | undefined,
): Omit<PartitionStart, 'end'> {
  const { topicId, start } = readCommittedText(found?.metadata);
  const present = layout.idOf(topic);
  // An offset without an id is somebody else's, an operator's say, and is believed.
  const isRecreated = topicId !== undefined && present !== undefined && topicId !== present;
  if (isRecreated && reset === 'error') throw recreatedError({ topic, partition });
  const offset = isRecreated ? 0 : start === undefined ? Number(found?.offset ?? -1) : undefined;
  // A topic that does not exist now is a new one when it does: it is read from its start.
  const isNew = layout.topicProblem(topic) !== undefined;
  return {
    topic,
    partition,
    isRecreated,
    reset: start ?? (isNew ? 'earliest' : reset),
    offset: offset === -1 ? undefined : offset,
  };
}

/** What KAFKA_AUTO_OFFSET_RESET=error says of a topic that was deleted and created again. */
export const recreatedError = ({ topic, partition }: TopicPartition): StartOffsetError =>
  new StartOffsetError(
    `${topic}[${partition}]: the topic was deleted and created again, so the committed offset is ` +
      "not from this log, and KAFKA_AUTO_OFFSET_RESET=error; move the group's offsets, or set " +
      'earliest to read the new log from its beginning',
  );

function warnOfRemoved(
  { reset, log }: StartOffsetsOptions,
  { topic, partition }: TopicPartition,
  committed: number,
  removed: number,
): void {
  if (reset === 'error') {
    throw new StartOffsetError(
      `${topic}[${partition}]: retention removed ${removed} records above the committed ` +
        `offset ${committed}, and KAFKA_AUTO_OFFSET_RESET=error`,
    );
  }
  const low = committed + removed;
  logEvent(log, 'RETENTION_REMOVED_RECORDS', { topic, partition, offset: committed, low, removed });
}

const numberOf = (offset: string | undefined): number | undefined =>
  offset === undefined ? undefined : Number(offset);
