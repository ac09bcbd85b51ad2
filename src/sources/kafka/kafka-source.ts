// A consumer group member as an Observable of Deliveries, and the commits of what became of them.
// kafkajs does the protocol; this file knows when it may be believed. It never knows IPFIX.

import type { Admin, Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { Logger } from 'pino';
import { logEvent } from '../../log/log-events.ts';
import { within } from '../../clock.ts';
import { Observable, type Subscriber } from 'rxjs';
import { Assignment, isOtherTopic } from './assignment.ts';
import type { AutoOffsetReset } from './auto-offset-reset.ts';
import { AwayPartitions, wholeTopic } from './away-partitions.ts';
import { committedText } from './committed-text.ts';
import { Committer } from './committer.ts';
import type { Framing } from '../../framing.ts';
import type { Delivery, Intake, Origin } from '../delivery.ts';
import { type KafkaConnection, kafkaClient } from '../kafkajs/kafka-client.ts';
import {
  assignerWithHooks,
  generationEnded,
  generationOfBatch,
  isKafkaFault,
  type Membership,
  type OffsetOutOfRange,
  type TopicPartitions,
} from '../kafkajs/kafkajs-membership.ts';
import { endTime } from '../kafkajs/kafkajs-offsets.ts';
import { recordSetIn } from '../kafkajs/kafkajs-record-sets.ts';
import { errorName, type TopicMetadata, tolerating } from '../kafkajs/kafkajs-requests.ts';
import { KafkaWatch } from './kafka-watch.ts';
import { MissingTopicError } from '../kafkajs/missing-topic.ts';
import { resumptionAfter } from './out-of-range.ts';
import { Deliveries } from '../datums/deliveries.ts';
import type { BatchLimits } from '../records/record-set-walk.ts';
import { reachBrokers } from '../kafkajs/reach-brokers.ts';
import { doneWith } from '../kafkajs/response-memory.ts';
import type { SchemaStore } from '../schemas/schema-store.ts';
import type { SourceSnapshot } from '../source-snapshot.ts';
import { offsetsFrom, type PartitionStart, recreatedError, startOffsets } from './start-offsets.ts';
import { problemFor, TopicLayout } from './topic-layout.ts';
import { Unframer } from '../datums/unframe.ts';
import { WaitingPartitions } from './waiting-partitions.ts';

/** How much is fetched at once, and how long a fetch waits for the first of it. */
export interface FetchLimits {
  readonly octetsMax: number;
  readonly partitionOctetsMax: number;
  readonly waitMs: number;
}

export interface KafkaSourceOptions extends BatchLimits {
  readonly connection: KafkaConnection;
  readonly topics: readonly string[];
  readonly groupId: string;
  readonly framingOf: (topic: string) => Framing;
  readonly fetch: FetchLimits;
  readonly schemas: SchemaStore;
  /** A longer message is a bad event, before it is decoded. */
  readonly messageOctetsMax: number;
  readonly autoOffsetReset: AutoOffsetReset;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly metadataMaxAgeMs: number;
  /** How long a rebalance waits for what is in flight. */
  readonly drainTimeoutMs: number;
  /** Events in one Delivery at most. */
  readonly deliveryEventsMax: number;
  /** A backlog of more records than this is warned of when the group is joined. */
  readonly lagWarnedAbove: number;
  /** What this member tells the others of itself, and what the leader makes of what all told. */
  readonly userData: string;
  readonly membersTold: (userData: readonly string[]) => void;
  readonly intake: Intake;
  readonly log: Logger;
}

const heartbeatWhileWaitingMs = 1_000;
const lastCommitMs = 500;
/** A broker that hangs is noticed by it; what may take longer, a join say, has a time of its own. */
const requestTimeoutMs = 10_000;
/** A registry that is there answers sooner; the other partitions are not held up for longer. */
const schemaWaitMs = 100;
/** No batch was fetched in this generation. */
const rejoining = -1;

/** The last offset that is done, as kafkajs wants to be told. */
const lastBefore = (position: number): number => position - 1;

export class KafkaSource {
  readonly deliveries: Observable<Delivery>;
  readonly #options: KafkaSourceOptions;
  readonly #kafka: Kafka;
  readonly #consumer: Consumer;
  readonly #assignment = new Assignment();
  readonly #committer: Committer;
  readonly #unframers: ReadonlyMap<string, Unframer>;
  readonly #waiting: WaitingPartitions;
  readonly #away: AwayPartitions;
  /** Partitions whose start could not be found out yet, and from where they are read. */
  readonly #unresolved = new Map<Origin, AutoOffsetReset>();
  /** The ids of the topics, and those topics that were deleted and created again in this run. */
  readonly #topicIds = new Map<string, string>();
  readonly #recreatedTopics = new Set<string>();
  #recreated = 0;
  readonly #deliveries: Deliveries;
  readonly #watch: KafkaWatch;
  #generation = 0;
  #joins = 0;
  /** The one of the last join, be it over or not: by it partitions are paused. */
  #lastMembership: Membership | undefined;
  #subscriber: Subscriber<Delivery> | undefined;
  #gateClosed = false;

  constructor(options: KafkaSourceOptions) {
    this.#options = options;
    this.#deliveries = new Deliveries(options);
    this.#committer = new Committer({ ...options, assignment: this.#assignment });
    this.#unframers = new Map(
      options.topics.map((topic) => {
        const framing = options.framingOf(topic);
        return [topic, new Unframer({ ...options, topic, framing })];
      }),
    );
    this.#waiting = new WaitingPartitions({
      ...options,
      pause: (origin) => this.#lastMembership?.pause([partitionOf(origin)]),
      resume: (origin) => {
        if (!this.#gateClosed) this.#lastMembership?.resume([partitionOf(origin)]);
      },
    });
    this.#watch = new KafkaWatch({
      origins: () => this.#assignment.all(),
      committed: (origin) => this.#committer.committedOf(origin),
      ends: (topic) => this.#ends(topic),
    });
    this.#away = new AwayPartitions({
      lookAgain: () => this.#lookAgain().catch((error: unknown) => this.#endIfOurs(error)),
      log: options.log,
    });
    this.#kafka = kafkaClient(options.connection, options.log, undefined, requestTimeoutMs);
    const hooks = {
      ended: (error: unknown) => this.#subscriber?.error(error),
      topicIdOf: (topic: string, partition: number) =>
        this.#assignment.get(topic, partition)?.topicId,
      isAway: (topic: string, partition: number) => {
        const origin = this.#assignment.get(topic, partition);
        return origin !== undefined && this.#away.has(origin);
      },
      answered: (topic: string, partition: number) => {
        const origin = this.#assignment.get(topic, partition);
        if (origin) this.#away.back(origin);
      },
      failed: (topic: string, partition: number, errorCode: number) => {
        const origin = this.#assignment.get(topic, partition);
        if (origin) this.#away.add(origin, problemFor(errorName(errorCode)));
      },
      brokerAway: (partitions: readonly TopicPartitions[], error: Error) =>
        this.#brokerAway(partitions, error),
      layoutSeen: (topics: readonly TopicMetadata[]) => this.#layoutSeen(new TopicLayout(topics)),
      beforeJoin: () => this.#beforeJoin(),
      afterJoin: (membership: Membership) => this.#afterJoin(membership),
      offsetOutOfRange: (where: OffsetOutOfRange) => this.#offsetOutOfRange(where),
      membersTold: options.membersTold,
    };
    this.#consumer = this.#kafka.consumer({
      groupId: options.groupId,
      sessionTimeout: options.sessionTimeoutMs,
      rebalanceTimeout: options.rebalanceTimeoutMs,
      heartbeatInterval: Math.min(1_000, options.sessionTimeoutMs / 4),
      maxWaitTimeInMs: options.fetch.waitMs,
      maxBytes: options.fetch.octetsMax,
      maxBytesPerPartition: options.fetch.partitionOctetsMax,
      metadataMaxAge: options.metadataMaxAgeMs,
      readUncommitted: false,
      allowAutoTopicCreation: false,
      partitionAssigners: [assignerWithHooks(hooks, options.userData, options.log)],
    });
    this.deliveries = new Observable((subscriber) => {
      this.#subscriber = subscriber;
      if (this.#gateClosed) {
        subscriber.complete();
        return;
      }
      this.#run(subscriber).catch((error: unknown) => {
        subscriber.error(error);
      });
      return () => this.stop();
    });
  }

  async #run(subscriber: Subscriber<Delivery>): Promise<void> {
    const consumer = this.#consumer;
    this.#watch.begin(consumer);
    consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
      // kafkajs would leave a live process without a member behind.
      if (!restart) subscriber.error(error);
    });
    await reachBrokers(this.#options.connection);
    await consumer.connect();
    await this.#checkTopics();
    // What the group begins at is decided here, not by kafkajs.
    const topics = [...this.#options.topics];
    await tolerating(() => consumer.subscribe({ topics, fromBeginning: true }));
    if (this.#gateClosed) return;
    await tolerating(() =>
      consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: async (payload) => {
          await this.#eachBatch(payload, subscriber).catch((error: unknown) => {
            // What is wrong with Kafka is kafkajs's; no retry makes anything else better.
            if (isKafkaFault(error)) throw error;
            subscriber.error(error);
          });
          const set = recordSetIn(payload.batch.messages);
          if (set) doneWith(set);
        },
      }),
    );
  }

  // kafkajs would retry for minutes, and say in the end that "the server does not host this". Where only
  // some of the topics do not exist, the others are read: they may be deleted ones.
  async #checkTopics(): Promise<void> {
    const { topics, connection } = this.#options;
    const existing = await this.#withAdmin((admin) => admin.listTopics());
    const isMissing = topics.every((topic) => !existing.includes(topic));
    if (isMissing) throw new MissingTopicError(topics, connection.brokers);
  }

  #endIfOurs(error: unknown): void {
    if (!isKafkaFault(error)) this.#subscriber?.error(error);
  }

  async #withAdmin<T>(use: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = this.#kafka.admin();
    await admin.connect();
    try {
      return await use(admin);
    } finally {
      await admin.disconnect();
    }
  }

  /** Hands a batch on, and waits only for room: never for what becomes of it. */
  async #eachBatch(payload: EachBatchPayload, subscriber: Subscriber<Delivery>): Promise<void> {
    const { batch } = payload;
    const { intake, deliveryEventsMax: datumsMax } = this.#options;
    const origin = this.#assignment.get(batch.topic, batch.partition);
    const generation = generationOfBatch(batch);
    const set = recordSetIn(batch.messages);
    if (!origin || !set) return;
    const isStale = () =>
      generation !== this.#generation ||
      !this.#assignment.holds(origin) ||
      this.#gateClosed ||
      !payload.isRunning() ||
      payload.isStale();
    if (isOtherTopic(origin, set.topicId)) return;
    this.#watch.fetched(origin, Number(batch.highWatermark));
    const unframer = this.#unframers.get(batch.topic)!;
    for (const step of this.#deliveries.of({ set, origin, datumsMax }, unframer)) {
      // Not resolved: a Delivery that is not taken stays where it is in Kafka.
      if (isStale() || subscriber.closed) return;
      if ('schemaId' in step) {
        const { schemaId } = step;
        const missing = await this.#missing(schemaId, payload);
        if (missing === undefined) continue;
        this.#waiting.wait(origin, schemaId, missing);
        return;
      }
      intake.track(step);
      subscriber.next(step);
      if (step.count > 0) {
        this.#watch.delivered(origin, step.metadata?.timestampMs(step.count - 1));
      }
      payload.resolveOffset(String(lastBefore(step.nextOffset)));
      await payload.heartbeat();
      const room = intake.room();
      if (room) await this.#waitFor(room, payload);
      else await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #waitFor(room: Promise<void>, payload: EachBatchPayload): Promise<void> {
    const { pauses } = this.#watch;
    pauses.begin(performance.now());
    try {
      await waitWithHeartbeats(room, payload);
    } finally {
      pauses.end(performance.now());
    }
  }

  /** Why a schema is not to be had at once; undefined when it is there. */
  async #missing(id: number, payload: EachBatchPayload): Promise<string | undefined> {
    try {
      const fetched = this.#options.schemas.fetch(id).then(() => {});
      const isThere = await within(schemaWaitMs, fetched);
      await payload.heartbeat();
      return isThere ? undefined : `the schema registry is asked for schema id ${id}`;
    } catch (error) {
      if (generationEnded(error)) throw error;
      return (error as Error).message;
    }
  }

  /** A rebalance: what is in flight leaves, settles and is committed while it is still ours. */
  async #beforeJoin(): Promise<void> {
    if (!this.#committer.membership) return;
    const { intake, drainTimeoutMs, log } = this.#options;
    // Of several brokers one may still hand batches over: they would never let the stage run empty.
    this.#generation = rejoining;
    const settledAndCommitted = async () => {
      await intake.drain();
      await this.#committer.commit({ last: false });
    };
    const drained = await within(drainTimeoutMs, settledAndCommitted());
    if (!drained) {
      logEvent(log, 'REBALANCE_DRAIN_INCOMPLETE', { drainTimeoutMs });
      // What did settle is committed, if the broker is quick.
      await within(lastCommitMs, this.#committer.commit({ last: false }));
    }
    this.#committer.membership = undefined;
  }

  async #afterJoin(membership: Membership): Promise<void> {
    const { intake, log, topics, autoOffsetReset: reset } = this.#options;
    const layout = new TopicLayout(await membership.layout());
    this.#generation = membership.generation;
    this.#joins = membership.generation;
    this.#lastMembership = membership;
    this.#noteTopicIds(layout);
    const { lost, recreated } = this.#assignment.take(membership, (topic) => layout.idOf(topic));
    for (const origin of lost) {
      intake.drop(origin);
      this.#committer.forget(origin);
    }
    for (const origin of recreated) this.#retire(origin);
    const holds = (origin: Origin) => this.#assignment.holds(origin);
    this.#waiting.rejoined(holds);
    this.#away.keepOnly(holds);
    this.#unresolved.clear();
    const { lag, removed, partitions } = await startOffsets({
      ...{ membership, layout, topics, reset, log },
      isRecreated: (topic) => this.#recreatedTopics.has(topic),
      goesOn: ({ topic, partition }) => {
        const origin = this.#assignment.get(topic, partition);
        return origin !== undefined && intake.nextOffset(origin) !== undefined;
      },
    });
    intake.removed(removed);
    this.#watch.joined(partitions);
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
    this.#committer.membership = membership;
    this.#layoutSeen(layout);
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
    this.#away.add(origin, 'where to begin is not known until its leader answers');
  }

  /** What the brokers say of topics and partitions now; those that are away are left out of fetches. */
  #layoutSeen(layout: TopicLayout): void {
    this.#noteTopicIds(layout);
    for (const origin of this.#assignment.all()) {
      const problem =
        layout.problemOf(origin.topic, origin.partition) ??
        (isOtherTopic(origin, layout.idOf(origin.topic)) ? 'its topic is another one' : undefined);
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
    const { membership } = this.#committer;
    if (!membership || this.#gateClosed) return;
    const layout = new TopicLayout(await membership.layout());
    if (membership !== this.#committer.membership) return;
    this.#layoutSeen(layout);
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
    this.#away.add(renewed, 'where to begin is not known until its leader answers');
    return renewed;
  }

  /** Finds out where to begin, where that was not known; false where it still is not. */
  async #hasStart(origin: Origin, membership: Membership): Promise<boolean> {
    const reset = this.#unresolved.get(origin);
    if (reset === undefined) return true;
    const { topic, partition, topicId } = origin;
    const at = { topic, partitions: [partition] };
    const offset = (await offsetsFrom(membership, at, reset)).get(partition);
    if (offset === undefined || membership !== this.#committer.membership) return false;
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
    this.#committer.forget(origin);
    this.#unresolved.delete(origin);
    this.#away.forget(origin);
  }

  #logRecreated({ topic, partition, topicId }: Origin): void {
    this.#recreated += 1;
    logEvent(this.#options.log, 'TOPIC_RECREATED', { topic, partition, topicId });
  }

  #brokerAway(topics: readonly TopicPartitions[], { message }: Error): void {
    for (const { topic, partitions } of topics) {
      for (const partition of partitions) {
        const origin = this.#assignment.get(topic, partition);
        const reason = `the broker that leads it does not answer (${message}): start it`;
        if (origin) this.#away.add(origin, reason);
      }
    }
  }

  async #ends(topic: string): Promise<{ partition: number; high: string }[]> {
    const { membership } = this.#committer;
    const partitions = [...this.#assignment.all()]
      .filter((origin) => origin.topic === topic)
      .map(({ partition }) => partition);
    const found = await membership?.offsetsAt([{ topic, partitions }], endTime);
    return Array.from(found?.get(topic) ?? [], ([partition, high]) => ({ partition, high }));
  }

  async #offsetOutOfRange(where: OffsetOutOfRange): Promise<void> {
    const { intake, autoOffsetReset: reset, log } = this.#options;
    const origin = this.#assignment.get(where.topic, where.partition);
    const { membership } = this.#committer;
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

  commit(options: { last: boolean }): Promise<void> {
    return this.#committer.commit(options);
  }

  /** What it looks like now. */
  get snapshot(): SourceSnapshot {
    const nowMs = performance.now();
    const { pauses, problem, silentMs } = this.#watch;
    return {
      joined: this.#committer.membership !== undefined,
      joins: this.#joins,
      ...{ silentMs, problem },
      partitions: this.#watch.partitions(),
      waits: this.#waiting.seen(),
      away: this.#away.seen(),
      recreated: this.#recreated,
      commits: this.#committer.counts,
      registryRequests: this.#options.schemas.requests,
      pauses: { in_flight: pauses.seen(nowMs), schema: this.#waiting.pauses.seen(nowMs) },
    };
  }

  /** Whether all that may be committed is. */
  get allCommitted(): boolean {
    return this.#committer.allCommitted;
  }

  /** Closes the gate: no further Delivery. The group is left only by `close`, after the commits. */
  stop(): void {
    if (this.#gateClosed) return;
    this.#gateClosed = true;
    this.#waiting.close();
    this.#away.close();
    // Paused, kafkajs goes on with heartbeats: this member stays until it has committed.
    this.#lastMembership?.pause(this.#lastMembership.assignment);
    this.#subscriber?.complete();
  }

  /** Leaves the group and disconnects. */
  async close(): Promise<void> {
    this.#gateClosed = true;
    this.#away.close();
    this.#watch.close();
    this.#options.schemas.close();
    await this.#consumer.disconnect();
  }
}

const partitionOf = ({ topic, partition }: Origin) => ({ topic, partitions: [partition] });

/** Throws what the heartbeat throws: a rebalance ends the wait. */
async function waitWithHeartbeats(room: Promise<void>, payload: EachBatchPayload): Promise<void> {
  while (!(await within(heartbeatWhileWaitingMs, room))) await payload.heartbeat();
}
