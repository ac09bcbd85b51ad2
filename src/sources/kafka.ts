// A consumer group member as an Observable of Deliveries, and the commits of what became of them.
// kafkajs does the protocol; this file knows when it may be believed. It never knows IPFIX.

import type { Admin, Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { Logger } from 'pino';
import { Observable, type Subscriber } from 'rxjs';
import { Assignment } from './assignment.ts';
import { Committer } from './committer.ts';
import type { Framing } from '../framing.ts';
import type { Delivery, Intake, Origin } from './delivery.ts';
import { CorruptRecordSetError } from './corrupt-batch.ts';
import { deliveriesOf } from './kafka-deliveries.ts';
import { type KafkaConnection, kafkaClient } from './kafka-client.ts';
import { registerCodecs } from './kafkajs-codecs.ts';
import {
  assignerWithHooks,
  generationEnded,
  generationOfBatch,
  type Membership,
  type OffsetOutOfRange,
} from './kafkajs-membership.ts';
import { recordSetIn } from './kafkajs-record-sets.ts';
import { KafkaWatch } from './kafka-watch.ts';
import { MissingTopicError } from './missing-topic.ts';
import { resumptionAfter } from './out-of-range.ts';
import { RawDeliveries } from './raw-deliveries.ts';
import type { BatchLimits } from './record-set-walk.ts';
import { reachBrokers } from './reach-brokers.ts';
import { doneWith } from './response-memory.ts';
import type { SchemaStore } from './schema-store.ts';
import type { SourceSnapshot } from './source-snapshot.ts';
import { type AutoOffsetReset, ensureStartOffsets } from './start-offsets.ts';
import { Unframer } from './unframe.ts';
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
  /** Batches are walked as they came; false: kafkajs makes a message of each record. */
  readonly rawBatches: boolean;
  readonly fetch: FetchLimits;
  readonly schemas: SchemaStore;
  /** A longer message is a bad event, before it is decoded. */
  readonly messageOctetsMax: number;
  readonly autoOffsetReset: AutoOffsetReset;
  readonly sessionTimeoutMs: number;
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
/** A registry that is there answers sooner; the other partitions are not held up for longer. */
const schemaWaitMs = 100;
/** No batch was fetched in this generation. */
const rejoining = -1;

/** The position after an event: what Kafka calls the committed offset. */
const after = (offset: number): number => offset + 1;

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
  readonly #rawDeliveries: RawDeliveries;
  readonly #watch: KafkaWatch;
  #generation = 0;
  #joins = 0;
  /** The one of the last join, be it over or not: by it partitions are paused. */
  #lastMembership: Membership | undefined;
  #subscriber: Subscriber<Delivery> | undefined;
  #gateClosed = false;

  constructor(options: KafkaSourceOptions) {
    this.#options = options;
    this.#rawDeliveries = new RawDeliveries(options);
    registerCodecs(options.batchOctetsMax);
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
      ends: (topic) => this.#withAdmin((admin) => admin.fetchTopicOffsets(topic)),
    });
    this.#kafka = kafkaClient(options.connection, options.log);
    const hooks = {
      rawBatches: options.rawBatches,
      beforeJoin: () => this.#beforeJoin(),
      afterJoin: (membership: Membership) => this.#afterJoin(membership),
      offsetOutOfRange: (where: OffsetOutOfRange) => this.#offsetOutOfRange(where),
      membersTold: options.membersTold,
    };
    this.#consumer = this.#kafka.consumer({
      groupId: options.groupId,
      sessionTimeout: options.sessionTimeoutMs,
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
    // Only reached where retention took an offset while it was in use: begin at what is left.
    await consumer.subscribe({ topics: [...this.#options.topics], fromBeginning: true });
    if (this.#gateClosed) return;
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async (payload) => {
        await this.#eachBatch(payload, subscriber).catch(orEnd(subscriber));
        const set = recordSetIn(payload.batch.messages);
        if (set) doneWith(set);
      },
    });
  }

  // kafkajs would retry for minutes, and say in the end that "the server does not host this".
  async #checkTopics(): Promise<void> {
    const existing = await this.#withAdmin((admin) => admin.listTopics());
    const missing = this.#options.topics.filter((topic) => !existing.includes(topic));
    if (missing.length > 0) throw new MissingTopicError(missing, this.#options.connection.brokers);
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
    const { intake } = this.#options;
    const origin = this.#assignment.get(batch.topic, batch.partition);
    const generation = generationOfBatch(batch);
    if (!origin) return;
    const isStale = () =>
      generation !== this.#generation ||
      this.#gateClosed ||
      !payload.isRunning() ||
      payload.isStale();
    this.#watch.fetched(origin, Number(batch.highWatermark));
    for (const step of this.#deliveriesIn(batch, origin)) {
      // Not resolved: a Delivery that is not taken stays where it is in Kafka.
      if (isStale() || subscriber.closed) return;
      if (typeof step === 'number') {
        const missing = await this.#missing(step, payload);
        if (missing === undefined) continue;
        this.#waiting.wait(origin, step, missing);
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

  #deliveriesIn(batch: EachBatchPayload['batch'], origin: Origin): Iterable<Delivery | number> {
    const { messages, topic } = batch;
    const unframer = this.#unframers.get(topic)!;
    const { deliveryEventsMax: datumsMax } = this.#options;
    const set = recordSetIn(messages);
    if (set) return this.#rawDeliveries.of({ set, origin, datumsMax }, unframer);
    const nextOffset = after(Number(batch.lastOffset()));
    return deliveriesOf({ messages, origin, nextOffset, datumsMax }, unframer);
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
      log.warn(
        { drainTimeoutMs },
        'not all in flight settled before the rebalance, and comes again; raise KAFKA_DRAIN_TIMEOUT',
      );
      // What did settle is committed, if the broker is quick.
      await within(lastCommitMs, this.#committer.commit({ last: false }));
    }
    this.#committer.membership = undefined;
  }

  async #afterJoin(membership: Membership): Promise<void> {
    const { intake, log, groupId, topics, autoOffsetReset: reset } = this.#options;
    this.#generation = membership.generation;
    this.#joins = membership.generation;
    this.#lastMembership = membership;
    for (const lost of this.#assignment.take(membership)) {
      intake.drop(lost);
      this.#committer.forget(lost);
    }
    this.#waiting.rejoined((origin) => this.#assignment.holds(origin));
    const { lag, removed, partitions } = await this.#withAdmin((admin) =>
      ensureStartOffsets({ admin, groupId, topics, reset, membership, log }),
    );
    intake.removed(removed);
    this.#watch.joined(partitions);
    for (const origin of this.#assignment.all()) {
      const next = intake.nextOffset(origin);
      // Kept: on from the next undelivered offset, not back to the committed one.
      if (next !== undefined) membership.seek({ ...origin, offset: String(next) });
    }
    this.#committer.membership = membership;
    const { generation, assignment, isLeader } = membership;
    log.info({ generation, assignment, isLeader, lag }, 'joined the group');
    if (lag > this.#options.lagWarnedAbove) {
      log.warn(
        { lag },
        'a large backlog and no EXPORT_RATE_LIMIT: a slow collector may lose some; set it',
      );
    }
  }

  async #offsetOutOfRange(where: OffsetOutOfRange): Promise<void> {
    const { intake, autoOffsetReset: reset, log, drainTimeoutMs } = this.#options;
    const origin = this.#assignment.get(where.topic, where.partition);
    const { membership } = this.#committer;
    if (!origin || !membership) return;
    const resumption = await this.#withAdmin((admin) =>
      resumptionAfter(where, { admin, reset, log }),
    );
    if (!resumption) return;
    intake.removed(resumption.removed);
    if (resumption.isAnew) {
      // What was read of the old log can be read nowhere any more: it leaves first.
      await within(drainTimeoutMs, intake.drain());
      intake.drop(origin);
      this.#committer.forget(origin);
      this.#assignment.renew(origin);
    }
    membership.seek({ ...origin, offset: resumption.offset });
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
    // Paused, kafkajs goes on with heartbeats: this member stays until it has committed.
    this.#lastMembership?.pause(this.#lastMembership.assignment);
    this.#subscriber?.complete();
  }

  /** Leaves the group and disconnects. */
  async close(): Promise<void> {
    this.#gateClosed = true;
    this.#watch.close();
    this.#options.schemas.close();
    await this.#consumer.disconnect();
  }
}

/** No retry mends octets that are broken: that ends the pipeline; what else is wrong is kafkajs's. */
const orEnd = (subscriber: Subscriber<Delivery>) => (error: unknown) => {
  if (!(error instanceof CorruptRecordSetError)) throw error;
  subscriber.error(error);
};

const partitionOf = ({ topic, partition }: Origin) => ({ topic, partitions: [partition] });

/** Throws what the heartbeat throws: a rebalance ends the wait. */
async function waitWithHeartbeats(room: Promise<void>, payload: EachBatchPayload): Promise<void> {
  while (!(await within(heartbeatWhileWaitingMs, room))) await payload.heartbeat();
}

/** True when the promise resolved within the time; rejects as it does. */
async function within(ms: number, promise: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([promise.then(() => true as const), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
