// A consumer group member as an Observable of Deliveries, and the commits of what became of them.
// kafkajs does the protocol; this file knows when it may be believed. It never knows IPFIX.

import type { Admin, Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { within } from '../../clock.ts';
import { Observable, type Subscriber } from 'rxjs';
import type { Framing } from '../../framing.ts';
import type { Delivery } from '../delivery.ts';
import { type KafkaConnection, kafkaClient } from '../kafkajs/kafka-client.ts';
import {
  assignerWithHooks,
  generationEnded,
  generationOfBatch,
  isKafkaFault,
} from '../kafkajs/kafkajs-membership.ts';
import { recordSetIn } from '../kafkajs/kafkajs-record-sets.ts';
import { tolerating } from '../kafkajs/kafkajs-requests.ts';
import { MissingTopicError } from '../kafkajs/missing-topic.ts';
import { retentionMsIn, topicSettings } from '../kafkajs/topic-settings.ts';
import { Deliveries } from '../datums/deliveries.ts';
import type { BatchLimits } from '../records/record-set-walk.ts';
import { doneWith } from '../kafkajs/response-memory.ts';
import { isOtherTopic } from './assignment.ts';
import type { Contact } from './broker-contact.ts';
import { refusalOf } from './group-refusal.ts';
import { GroupMember, type GroupMemberOptions } from './group-member.ts';
import { RestartLog } from './restart-log.ts';
import type { SourceSnapshot } from '../source-snapshot.ts';
import { Unframer } from '../datums/unframe.ts';

/** How much is fetched at once, and how long a fetch waits for the first of it. */
export interface FetchLimits {
  readonly octetsMax: number;
  readonly partitionOctetsMax: number;
  readonly waitMs: number;
}

export interface KafkaSourceOptions
  extends BatchLimits, Omit<GroupMemberOptions, 'ended' | 'retentionMs'> {
  readonly connection: KafkaConnection;
  readonly contact: Contact;
  readonly groupId: string;
  readonly framingOf: (topic: string) => Framing;
  readonly fetch: FetchLimits;
  /** A longer message is a bad event, before it is decoded. */
  readonly messageOctetsMax: number;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly metadataMaxAgeMs: number;
  /** Events in one Delivery at most. */
  readonly deliveryEventsMax: number;
  /** What this member tells the others of itself. */
  readonly userData: string;
}

const heartbeatWhileWaitingMs = 1_000;
/** A broker that hangs is noticed by it; what may take longer, a join say, has a time of its own. */
const requestTimeoutMs = 10_000;
/** Brokers that are back are noticed soon. */
const retry = { initialRetryTime: 300, retries: 8, maxRetryTime: 3_000 };
/** A registry that is there answers sooner; the other partitions are not held up for longer. */
const schemaWaitMs = 100;

/** The last offset that is done, in the form that kafkajs expects. */
const lastBefore = (position: number): number => position - 1;

export class KafkaSource {
  readonly deliveries: Observable<Delivery>;
  readonly #options: KafkaSourceOptions;
  readonly #kafka: Kafka;
  readonly #consumer: Consumer;
  readonly #member: GroupMember;
  readonly #unframers: ReadonlyMap<string, Unframer>;
  readonly #deliveries: Deliveries;
  readonly #restarts: RestartLog;
  #subscriber: Subscriber<Delivery> | undefined;
  #gateClosed = false;

  constructor(options: KafkaSourceOptions) {
    this.#options = options;
    this.#deliveries = new Deliveries(options);
    this.#restarts = new RestartLog(options);
    this.#unframers = new Map(
      options.topics.map((topic) => {
        const framing = options.framingOf(topic);
        return [topic, new Unframer({ ...options, topic, framing })];
      }),
    );
    this.#member = new GroupMember({
      ...options,
      retentionMs: (topic) =>
        this.#withAdmin(async (admin) => retentionMsIn(await topicSettings(admin, topic))),
      ended: (error) => this.#subscriber?.error(error),
    });
    const { log, contact: watch } = options;
    this.#kafka = kafkaClient(options.connection, { log, watch, retry, requestTimeoutMs });
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
      partitionAssigners: [assignerWithHooks(this.#member, options.userData, options.log)],
    });
    this.deliveries = new Observable((subscriber) => {
      this.#subscriber = subscriber;
      if (this.#gateClosed) {
        subscriber.complete();
        return;
      }
      this.#run(subscriber).catch((error: unknown) => {
        subscriber.error(refusalOf(error, options) ?? error);
      });
      return () => this.stop();
    });
  }

  async #run(subscriber: Subscriber<Delivery>): Promise<void> {
    const consumer = this.#consumer;
    this.#member.watch.begin(consumer);
    consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
      const refusal = refusalOf(error, this.#options);
      // kafkajs would leave a live process without a member behind.
      if (refusal || !restart) subscriber.error(refusal ?? error);
      else this.#restarts.failed(error);
    });
    consumer.on(consumer.events.GROUP_JOIN, () => this.#restarts.joined());
    this.#options.contact.watch();
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
    const { watch } = this.#member;
    const origin = this.#member.originOf(batch.topic, batch.partition);
    const generation = generationOfBatch(batch);
    const set = recordSetIn(batch.messages);
    if (!origin || !set) return;
    const isStale = () =>
      !this.#member.reads(origin, generation) ||
      this.#gateClosed ||
      !payload.isRunning() ||
      payload.isStale();
    if (isOtherTopic(origin, set.topicId)) return;
    watch.fetched(origin, Number(batch.highWatermark));
    const unframer = this.#unframers.get(batch.topic)!;
    for (const step of this.#deliveries.of({ set, origin, datumsMax }, unframer)) {
      // Not resolved: a Delivery that is not taken stays where it is in Kafka.
      if (isStale() || subscriber.closed) return;
      if ('schemaId' in step) {
        const { schemaId } = step;
        const missing = await this.#missing(schemaId, payload);
        if (missing === undefined) continue;
        this.#member.waitForSchema(origin, schemaId, missing);
        return;
      }
      intake.track(step);
      subscriber.next(step);
      if (step.count > 0) {
        watch.delivered(origin, {
          offset: step.offsets[0]!,
          nextOffset: step.nextOffset,
          timeMs: step.metadata?.timestampMs(0),
          lastTimeMs: step.metadata?.timestampMs(step.count - 1),
        });
      }
      payload.resolveOffset(String(lastBefore(step.nextOffset)));
      await payload.heartbeat();
      const room = intake.room();
      if (room) await this.#waitFor(room, payload);
      else await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #waitFor(room: Promise<void>, payload: EachBatchPayload): Promise<void> {
    const { pauses } = this.#member.watch;
    pauses.begin(performance.now());
    try {
      await waitWithHeartbeats(room, payload);
    } finally {
      pauses.end(performance.now());
    }
  }

  /** Why a schema is not available at once; undefined when it is there. */
  async #missing(id: number, payload: EachBatchPayload): Promise<string | undefined> {
    try {
      const fetched = this.#options.schemas.fetch(id).then(() => {});
      const isThere = await within(schemaWaitMs, fetched);
      await payload.heartbeat();
      return isThere ? undefined : `requesting schema id ${id} from the schema registry`;
    } catch (error) {
      if (generationEnded(error)) throw error;
      return (error as Error).message;
    }
  }

  commit(options: { last: boolean }): Promise<void> {
    return this.#member.committer.commit(options);
  }

  /** What it looks like now. */
  get snapshot(): SourceSnapshot {
    const { requests: registryRequests } = this.#options.schemas;
    return { ...this.#member.seen(), registryRequests };
  }

  /** Whether all that may be committed is. */
  get allCommitted(): boolean {
    return this.#member.committer.allCommitted;
  }

  /** Closes the gate: no further Delivery. The group is left only by `close`, after the commits. */
  stop(): void {
    if (this.#gateClosed) return;
    this.#gateClosed = true;
    this.#member.stop();
    this.#subscriber?.complete();
  }

  /** Leaves the group and disconnects. */
  async close(): Promise<void> {
    this.#gateClosed = true;
    this.#member.close();
    this.#options.contact.close();
    this.#restarts.close();
    this.#options.schemas.close();
    await this.#consumer.disconnect();
  }
}

/** Throws what the heartbeat throws: a rebalance ends the wait. */
async function waitWithHeartbeats(room: Promise<void>, payload: EachBatchPayload): Promise<void> {
  while (!(await within(heartbeatWhileWaitingMs, room))) await payload.heartbeat();
}
