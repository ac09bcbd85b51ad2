// One member of a consumer group, without what it reads: which partitions are its own, where they begin,
// which of them cannot be read now, and what is committed. kafkajs calls it through its hooks.

import type { Logger } from 'pino';
import { within } from '../../clock.ts';
import { logEvent } from '../../log/log-events.ts';
import type { Intake, Origin } from '../delivery.ts';
import {
  generationEnded,
  isKafkaFault,
  type Membership,
  type MembershipHooks,
  type OffsetOutOfRange,
  type TopicPartitions,
} from '../kafkajs/kafkajs-membership.ts';
import { endTime } from '../kafkajs/kafkajs-offsets.ts';
import { errorName, type TopicMetadata } from '../kafkajs/kafkajs-requests.ts';
import type { SchemaStore } from '../schemas/schema-store.ts';
import type { SourceSnapshot } from '../source-snapshot.ts';
import { Assignment, isOtherTopic } from './assignment.ts';
import type { AutoOffsetReset } from './auto-offset-reset.ts';
import { AwayPartitions, wholeTopic } from './away-partitions.ts';
import type { Contact } from './broker-contact.ts';
import { committedText } from './committed-text.ts';
import { Committer } from './committer.ts';
import { KafkaWatch } from './kafka-watch.ts';
import { resumptionAfter } from './out-of-range.ts';
import { offsetsFrom, type PartitionStart, recreatedError, startOffsets } from './start-offsets.ts';
import { problemFor, TopicLayout } from './topic-layout.ts';
import { WaitingPartitions } from './waiting-partitions.ts';

export interface GroupMemberOptions {
  readonly contact: Contact;
  readonly topics: readonly string[];
  readonly autoOffsetReset: AutoOffsetReset;
  /** After how many milliseconds Kafka may remove a record of the topic. */
  readonly retentionMs: (topic: string) => Promise<number>;
  /** How long a rebalance waits for what is in flight. */
  readonly drainTimeoutMs: number;
  /** A backlog of more records than this is warned of when the group is joined. */
  readonly lagWarnedAbove: number;
  readonly schemas: SchemaStore;
  readonly intake: Intake;
  /** What the leader makes of what all members say of themselves. */
  readonly membersTold: (userData: readonly string[]) => void;
  /** A fault that no retry removes: the process has to end. */
  readonly ended: (error: unknown) => void;
  readonly log: Logger;
}

const lastCommitMs = 500;
/** No batch was fetched in this generation. */
const rejoining = -1;

export class GroupMember implements MembershipHooks {
  readonly committer: Committer;
  readonly watch: KafkaWatch;
  readonly membersTold: MembershipHooks['membersTold'];
  readonly ended: MembershipHooks['ended'];
  readonly #options: GroupMemberOptions;
  readonly #assignment = new Assignment();
  readonly #waiting: WaitingPartitions;
  readonly #away: AwayPartitions;
  /** Partitions whose start could not be found out yet, and from where they are read. */
  readonly #unresolved = new Map<Origin, AutoOffsetReset>();
  /** The ids of the topics, and those topics that were deleted and created again in this run. */
  readonly #topicIds = new Map<string, string>();
  readonly #recreatedTopics = new Set<string>();
  #recreated = 0;
  #generation = 0;
  /** The one of the last join, be it over or not: by it partitions are paused. */
  #lastMembership: Membership | undefined;
  #isStopped = false;

  constructor(options: GroupMemberOptions) {
    this.#options = options;
    this.membersTold = options.membersTold;
    this.ended = options.ended;
    this.committer = new Committer({ ...options, assignment: this.#assignment });
    this.#waiting = new WaitingPartitions({
      ...options,
      pause: (origin) => this.#lastMembership?.pause([partitionOf(origin)]),
      resume: (origin) => {
        if (!this.#isStopped) this.#lastMembership?.resume([partitionOf(origin)]);
      },
    });
    this.watch = new KafkaWatch({
      origins: () => this.#assignment.all(),
      committed: (origin) => this.committer.committedOf(origin),
      ends: (topic) => this.#ends(topic),
      contact: options.contact,
      retentionMs: options.retentionMs,
    });
    this.#away = new AwayPartitions({
      isQuiet: () => options.contact.isDisturbed,
      lookAgain: () => this.#lookAgain().catch((error: unknown) => this.#endIfOurs(error)),
      log: options.log,
    });
  }

  originOf(topic: string, partition: number): Origin | undefined {
    return this.#assignment.get(topic, partition);
  }

  /** Whether what was fetched of it in this generation may still be passed on. */
  reads(origin: Origin, generation: number | undefined): boolean {
    return generation === this.#generation && this.#assignment.holds(origin);
  }

  /** Pauses the partition until the schema of this id can be had. */
  waitForSchema(origin: Origin, schemaId: number, reason: string): void {
    this.#waiting.wait(origin, schemaId, reason);
  }

  topicIdOf(topic: string, partition: number): string | undefined {
    return this.originOf(topic, partition)?.topicId;
  }

  isAway(topic: string, partition: number): boolean {
    const origin = this.originOf(topic, partition);
    return origin !== undefined && this.#away.has(origin);
  }

  answered(topic: string, partition: number): void {
    const origin = this.originOf(topic, partition);
    if (origin) this.#away.back(origin);
  }

  failed(topic: string, partition: number, errorCode: number): void {
    const origin = this.originOf(topic, partition);
    if (origin) this.#away.add(origin, problemFor(errorName(errorCode)));
  }

  layoutSeen(topics: readonly TopicMetadata[]): void {
    this.#lookAt(new TopicLayout(topics));
  }

  #endIfOurs(error: unknown): void {
    if (!isKafkaFault(error)) this.ended(error);
  }

  /** A rebalance: what is in flight leaves, settles and is committed while it is still ours. */
  async beforeJoin(): Promise<void> {
    if (!this.committer.membership) return;
    const { intake, drainTimeoutMs, contact, log } = this.#options;
    // Of several brokers one may still hand batches over: they would never let the stage run empty.
    this.#generation = rejoining;
    const settledAndCommitted = async () => {
      await intake.drain();
      await this.committer.commit({ last: false });
    };
    const drained = await within(drainTimeoutMs, settledAndCommitted());
    if (!drained) {
      if (contact.isDisturbed)
        log.info('not everything could be committed while no broker answered');
      else logEvent(log, 'REBALANCE_DRAIN_INCOMPLETE', { drainTimeoutMs });
      // What did settle is committed, if the broker is quick.
      await within(lastCommitMs, this.committer.commit({ last: false }));
    }
    this.committer.membership = undefined;
  }

  async afterJoin(membership: Membership): Promise<void> {
    const { intake, log, topics, autoOffsetReset: reset } = this.#options;
    const layout = new TopicLayout(await membership.layout());
    this.#generation = membership.generation;
    this.#lastMembership = membership;
    this.#noteTopicIds(layout);
    const { lost, recreated } = this.#assignment.take(membership, (topic) => layout.idOf(topic));
    for (const origin of lost) {
      intake.drop(origin);
      this.committer.forget(origin);
    }
    for (const origin of recreated) this.#retire(origin);
    const holds = (origin: Origin) => this.#assignment.holds(origin);
    this.#waiting.rejoined(holds);
    this.#away.keepOnly(holds);
    this.#unresolved.clear();
    const { lag, removed, partitions } = await startOffsets({
      membership,
      layout,
      topics,
      reset,
      log,
      isRecreated: (topic) => this.#recreatedTopics.has(topic),
      goesOn: ({ topic, partition }) => {
        const origin = this.#assignment.get(topic, partition);
        return origin !== undefined && intake.nextOffset(origin) !== undefined;
      },
    });
    intake.removed(removed);
    this.watch.joined(partitions);
    for (const origin of this.#assignment.all()) {
      const next = intake.nextOffset(origin);
      // Kept: on from the next undelivered offset, not back to the committed one.
      if (next !== undefined) membership.begin({ ...origin, offset: String(next) });
    }
    for (const start of partitions) this.#begin(start, membership);
    await this.#commitNewStarts(
      partitions.filter((start) => start.isRecreated),
      membership,
    );
    this.committer.membership = membership;
    this.#lookAt(layout);
    const { generation, assignment, isLeader } = membership;
    log.info({ generation, assignment, isLeader, lag }, 'joined the group');
    if (lag > this.#options.lagWarnedAbove) {
      logEvent(log, 'BACKLOG_LARGE', { lag });
    }
  }

  #begin(start: PartitionStart, membership: Membership): void {
    const origin = this.#assignment.get(start.topic, start.partition);
    if (!origin) return;
    if (start.isRecreated) this.#logRecreated(origin);
    if (start.offset !== undefined) {
      membership.begin({ ...origin, offset: String(start.offset) });
      return;
    }
    this.#unresolved.set(origin, start.reset);
    this.#away.add(origin, 'its start offset is unknown until its leader answers');
  }

  /** What the brokers say of topics and partitions now; those that are away are left out of fetches. */
  #lookAt(layout: TopicLayout): void {
    this.#noteTopicIds(layout);
    for (const origin of this.#assignment.all()) {
      const problem =
        layout.problemOf(origin.topic, origin.partition) ??
        (isOtherTopic(origin, layout.idOf(origin.topic))
          ? 'its topic was created again'
          : undefined);
      if (problem !== undefined) this.#away.add(origin, problem);
    }
    for (const topic of this.#options.topics) {
      const problem = layout.topicProblem(topic);
      const isAssigned = [...this.#assignment.all()].some((origin) => origin.topic === topic);
      if (problem !== undefined && !isAssigned) this.#away.add(this.#whole(topic), problem);
    }
  }

  /** Stands for all partitions of a topic while nobody knows them. */
  #whole(topic: string): Origin {
    const known = this.#away.all().find((o) => o.topic === topic && o.partition === wholeTopic);
    return known ?? { topic, partition: wholeTopic, generation: 0 };
  }

  #noteTopicIds(layout: TopicLayout): void {
    for (const topic of this.#options.topics) {
      const id = layout.idOf(topic);
      if (id === undefined || layout.topicProblem(topic) !== undefined) continue;
      const before = this.#topicIds.get(topic);
      if (before !== undefined && before !== id) this.#recreatedTopics.add(topic);
      this.#topicIds.set(topic, id);
    }
  }

  /** Tries again what is away. Throws StartOffsetError. */
  async #lookAgain(): Promise<void> {
    const { membership } = this.committer;
    if (!membership || this.#isStopped) return;
    const layout = new TopicLayout(await membership.layout());
    if (membership !== this.committer.membership) return;
    this.#lookAt(layout);
    for (const known of this.#away.all()) {
      const origin = this.#identified(known, layout);
      const { topic, partition } = origin;
      if (partition === wholeTopic) {
        // kafkajs sees the new partitions at its next fetch, and joins again.
        if (layout.topicProblem(topic) === undefined) this.#away.back(origin);
        continue;
      }
      if (layout.problemOf(topic, partition) !== undefined) continue;
      if (isOtherTopic(origin, layout.idOf(topic))) {
        await this.#recreate(origin, layout.idOf(topic), membership);
      } else if (await this.#hasStart(origin, membership)) {
        this.#away.try(origin);
      }
    }
  }

  /** An Origin of before its topic was there gets the topic's id; nothing was read of it. */
  #identified(origin: Origin, layout: TopicLayout): Origin {
    const topicId = layout.idOf(origin.topic);
    const isRead = this.#options.intake.nextOffset(origin) !== undefined;
    const isKnown = origin.topicId !== undefined || topicId === undefined || isRead;
    if (isKnown || !this.#assignment.holds(origin)) return origin;
    const reset = this.#unresolved.get(origin) ?? 'earliest';
    this.#retire(origin);
    const renewed = this.#assignment.renew(origin, topicId);
    this.#unresolved.set(renewed, reset);
    this.#away.add(renewed, 'its start offset is unknown until its leader answers');
    return renewed;
  }

  /** Finds out where to begin, where that was not known; false where it still is not. */
  async #hasStart(origin: Origin, membership: Membership): Promise<boolean> {
    const reset = this.#unresolved.get(origin);
    if (reset === undefined) return true;
    const { topic, partition, topicId } = origin;
    const at = { topic, partitions: [partition] };
    const offset = (await offsetsFrom(membership, at, reset)).get(partition);
    if (offset === undefined || membership !== this.committer.membership) return false;
    await membership.commit([
      { topic, partitions: [{ partition, offset, metadata: committedText({ topicId }) }] },
    ]);
    this.#options.log.info({ topic, partition, reset, offset }, 'the group begins');
    this.#unresolved.delete(origin);
    membership.begin({ topic, partition, offset });
    return true;
  }

  /**
   * The topic was deleted and created again. What was read of the old log leaves and is committed nowhere;
   * the new log is read from its start. Throws StartOffsetError with KAFKA_AUTO_OFFSET_RESET=error.
   */
  async #recreate(
    origin: Origin,
    topicId: string | undefined,
    membership: Membership,
  ): Promise<void> {
    if (this.#options.autoOffsetReset === 'error') throw recreatedError(origin);
    this.#retire(origin);
    const renewed = this.#assignment.renew(origin, topicId);
    this.#waiting.rejoined((one) => this.#assignment.holds(one));
    this.#logRecreated(renewed);
    const { topic, partition } = renewed;
    membership.begin({ topic, partition, offset: '0' });
    membership.seek({ topic, partition, offset: '0' });
    await this.#commitNewStarts([renewed], membership);
  }

  /** Whoever gets the partitions next begins there, too. Where this fails, the old topic's id says it. */
  async #commitNewStarts(
    starts: readonly { readonly topic: string; readonly partition: number }[],
    membership: Membership,
  ): Promise<void> {
    if (starts.length === 0) return;
    const offsets = starts.map(({ topic, partition }) => {
      const metadata = committedText({ topicId: this.#assignment.get(topic, partition)?.topicId });
      return { topic, partitions: [{ partition, offset: '0', metadata }] };
    });
    await membership.commit(offsets).catch((error: unknown) => {
      if (generationEnded(error)) throw error;
    });
  }

  #retire(origin: Origin): void {
    this.#options.intake.retire(origin);
    this.committer.forget(origin);
    this.#unresolved.delete(origin);
    this.#away.forget(origin);
  }

  #logRecreated({ topic, partition, topicId }: Origin): void {
    this.#recreated += 1;
    logEvent(this.#options.log, 'TOPIC_RECREATED', { topic, partition, topicId });
  }

  brokerAway(topics: readonly TopicPartitions[], { message }: Error): void {
    for (const { topic, partitions } of topics) {
      for (const partition of partitions) {
        const origin = this.#assignment.get(topic, partition);
        const reason = `the broker that leads it does not answer (${message}): start it`;
        if (origin) this.#away.add(origin, reason);
      }
    }
  }

  async #ends(topic: string): Promise<{ partition: number; high: string }[]> {
    const { membership } = this.committer;
    const partitions = [...this.#assignment.all()]
      .filter((origin) => origin.topic === topic)
      .map(({ partition }) => partition);
    const found = await membership?.offsetsAt([{ topic, partitions }], endTime);
    return Array.from(found?.get(topic) ?? [], ([partition, high]) => ({ partition, high }));
  }

  async offsetOutOfRange(where: OffsetOutOfRange): Promise<void> {
    const { intake, autoOffsetReset: reset, log } = this.#options;
    const origin = this.#assignment.get(where.topic, where.partition);
    const { membership } = this.committer;
    if (!origin || !membership) return;
    const resumption = await resumptionAfter(where, { membership, reset, log });
    if (!resumption || !this.#assignment.holds(origin)) return;
    intake.removed(resumption.removed);
    if (resumption.isAnotherLog) {
      // What was read of the old log can be read nowhere any more: it leaves, and is committed nowhere.
      this.#retire(origin);
      this.#assignment.renew(origin, origin.topicId);
    }
    const { topic, partition } = origin;
    membership.seek({ topic, partition, offset: resumption.offset });
  }

  /** What it looks like now. */
  seen(): Omit<SourceSnapshot, 'registryRequests'> {
    const nowMs = performance.now();
    const { pauses, problem } = this.watch;
    return {
      joined: this.committer.membership !== undefined,
      joins: this.#lastMembership?.generation ?? 0,
      silentMs: this.#options.contact.silentMs,
      problem,
      partitions: this.watch.partitions(),
      waits: this.#waiting.seen(),
      away: this.#away.seen(),
      recreated: this.#recreated,
      commits: this.committer.counts,
      pauses: { in_flight: pauses.seen(nowMs), schema: this.#waiting.pauses.seen(nowMs) },
    };
  }

  /** Fetches nothing more, and stays in the group until it has committed. */
  stop(): void {
    this.#isStopped = true;
    this.#waiting.close();
    this.#away.close();
    // Paused, kafkajs goes on with heartbeats.
    this.#lastMembership?.pause(this.#lastMembership.assignment);
  }

  close(): void {
    this.#isStopped = true;
    this.#away.close();
    this.watch.close();
  }
}

const partitionOf = ({ topic, partition }: Origin) => ({ topic, partitions: [partition] });
