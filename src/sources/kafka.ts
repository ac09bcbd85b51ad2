// A consumer group member as an Observable of Deliveries, and the commits of what became of them.
// kafkajs does the protocol; this file knows when it may be believed. It never knows IPFIX.

import type { Admin, Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { Logger } from 'pino';
import { Observable, type Subscriber } from 'rxjs';
import { Assignment } from './assignment.ts';
import { Committer } from './committer.ts';
import type { Framing } from '../framing.ts';
import type { Delivery, Intake, Origin } from './delivery.ts';
import { deliveriesOf } from './kafka-deliveries.ts';
import { type KafkaConnection, kafkaClient } from './kafka-client.ts';
import {
  assignerWithHooks,
  generationEnded,
  generationOfBatch,
  type Membership,
  type OffsetOutOfRange,
} from './kafkajs-membership.ts';
import { MissingTopicError } from './missing-topic.ts';
import { resumptionAfter } from './out-of-range.ts';
import { reachBrokers } from './reach-brokers.ts';
import type { SchemaStore } from './schema-store.ts';
import { type AutoOffsetReset, ensureStartOffsets } from './start-offsets.ts';
import { Unframer } from './unframe.ts';
import { WaitingPartitions } from './waiting-partitions.ts';

export interface KafkaSourceOptions {
  readonly connection: KafkaConnection;
  readonly topics: readonly string[];
  readonly groupId: string;
  readonly framingOf: (topic: string) => Framing;
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

export class KafkaSource {
  readonly deliveries: Observable<Delivery>;
  readonly #options: KafkaSourceOptions;
  readonly #kafka: Kafka;
  readonly #consumer: Consumer;
  readonly #assignment = new Assignment();
  readonly #committer: Committer;
  readonly #unframers: ReadonlyMap<string, Unframer>;
  readonly #waiting: WaitingPartitions;
  #generation = 0;
  #subscriber: Subscriber<Delivery> | undefined;
  #gateClosed = false;

  constructor(options: KafkaSourceOptions) {
    this.#options = options;
    this.#committer = new Committer({ ...options, assignment: this.#assignment });
    this.#unframers = new Map(
      options.topics.map((topic) => {
        const framing = options.framingOf(topic);
        return [topic, new Unframer({ ...options, topic, framing })];
      }),
    );
    this.#waiting = new WaitingPartitions({
      ...options,
      pause: (origin) => this.#consumer.pause([partitionOf(origin)]),
      resume: (origin) => {
        if (!this.#gateClosed) this.#consumer.resume([partitionOf(origin)]);
      },
    });
    this.#kafka = kafkaClient(options.connection, options.log);
    const hooks = {
      beforeJoin: () => this.#beforeJoin(),
      afterJoin: (membership: Membership) => this.#afterJoin(membership),
      offsetOutOfRange: (where: OffsetOutOfRange) => this.#offsetOutOfRange(where),
    };
    this.#consumer = this.#kafka.consumer({
      groupId: options.groupId,
      sessionTimeout: options.sessionTimeoutMs,
      heartbeatInterval: Math.min(1_000, options.sessionTimeoutMs / 4),
      // A long poll holds up heartbeats, and with them word of a rebalance, and the end.
      maxWaitTimeInMs: 250,
      metadataMaxAge: options.metadataMaxAgeMs,
      readUncommitted: false,
      allowAutoTopicCreation: false,
      partitionAssigners: [assignerWithHooks(hooks, options.log)],
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
      eachBatch: (payload) => this.#eachBatch(payload, subscriber),
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
    const { intake, deliveryEventsMax } = this.#options;
    const origin = this.#assignment.get(batch.topic, batch.partition);
    const generation = generationOfBatch(batch);
    if (!origin) return;
    const isStale = () =>
      generation !== this.#generation ||
      this.#gateClosed ||
      !payload.isRunning() ||
      payload.isStale();
    const { messages } = batch;
    const nextOffset = after(Number(batch.lastOffset()));
    const whole = { messages, origin, nextOffset, datumsMax: deliveryEventsMax };
    for (const step of deliveriesOf(whole, this.#unframers.get(batch.topic)!)) {
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
      payload.resolveOffset(String(step.offsets[step.count - 1]!));
      await payload.heartbeat();
      const room = intake.room();
      if (room) await waitWithHeartbeats(room, payload);
      else await new Promise((resolve) => setImmediate(resolve));
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
      log.warn({ drainTimeoutMs }, 'not all in flight settled before the rebalance');
      // What did settle is committed, if the broker is quick.
      await within(lastCommitMs, this.#committer.commit({ last: false }));
    }
    this.#committer.membership = undefined;
  }

  async #afterJoin(membership: Membership): Promise<void> {
    const { intake, log, groupId, topics, autoOffsetReset: reset } = this.#options;
    this.#generation = membership.generation;
    for (const lost of this.#assignment.take(membership)) {
      intake.drop(lost);
      this.#committer.forget(lost);
    }
    this.#waiting.rejoined((origin) => this.#assignment.holds(origin));
    const { lag, removed } = await this.#withAdmin((admin) =>
      ensureStartOffsets({ admin, groupId, topics, reset, membership, log }),
    );
    intake.removed(removed);
    for (const origin of this.#assignment.all()) {
      const next = intake.nextOffset(origin);
      // Kept: on from the next undelivered offset, not back to the committed one.
      if (next !== undefined) membership.seek({ ...origin, offset: String(next) });
    }
    this.#committer.membership = membership;
    const { generation, assignment, isLeader } = membership;
    log.info({ generation, assignment, isLeader, lag }, 'joined the group');
    if (lag > this.#options.lagWarnedAbove) {
      log.warn({ lag }, 'a large backlog and no EXPORT_RATE_LIMIT; a slow collector may lose some');
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

  /** Whether all that may be committed is. */
  get allCommitted(): boolean {
    return this.#committer.allCommitted;
  }

  /** Closes the gate: no further Delivery. The group is left only by `close`, after the commits. */
  stop(): void {
    if (this.#gateClosed) return;
    this.#gateClosed = true;
    this.#waiting.close();
    const assignment = this.#committer.membership?.assignment ?? [];
    // Paused, kafkajs goes on with heartbeats: this member stays until it has committed.
    for (const { topic, partitions } of assignment) {
      this.#consumer.pause([{ topic, partitions: [...partitions] }]);
    }
    this.#subscriber?.complete();
  }

  /** Leaves the group and disconnects. */
  async close(): Promise<void> {
    this.#gateClosed = true;
    this.#options.schemas.close();
    await this.#consumer.disconnect();
  }
}

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
