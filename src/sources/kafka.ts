// A consumer group member as an Observable of Deliveries, and the commits of what became of them.
// kafkajs does the protocol; this file knows when it may be believed. It never knows IPFIX.

import { type Consumer, type EachBatchPayload, Kafka } from 'kafkajs';
import type { Logger } from 'pino';
import { Observable, type Subscriber } from 'rxjs';
import type { Delivery, Intake, Origin } from './delivery.ts';
import { deliveriesOf } from './kafka-deliveries.ts';
import {
  assignerWithHooks,
  generationEnded,
  generationOfBatch,
  type Membership,
  type TopicOffsets,
} from './kafkajs-membership.ts';
import { hushNegativeTimeouts, kafkajsLogCreator } from './kafkajs-log.ts';
import { type AutoOffsetReset, ensureStartOffsets } from './start-offsets.ts';

export interface KafkaSourceOptions {
  readonly brokers: readonly string[];
  readonly topics: readonly string[];
  readonly groupId: string;
  readonly clientId: string;
  readonly autoOffsetReset: AutoOffsetReset;
  readonly sessionTimeoutMs: number;
  /** How long a rebalance waits for what is in flight. */
  readonly drainTimeoutMs: number;
  readonly intake: Intake;
  readonly log: Logger;
}

const heartbeatWhileWaitingMs = 1_000;
const commitRetryMs = 250;

/** The position after an event: what Kafka calls the committed offset. */
const after = (offset: number): number => offset + 1;

export class KafkaSource {
  readonly deliveries: Observable<Delivery>;
  readonly #options: KafkaSourceOptions;
  readonly #kafka: Kafka;
  readonly #consumer: Consumer;
  /** By topic and partition, as assigned now; the same object as long as this member keeps it. */
  readonly #origins = new Map<string, Origin>();
  readonly #committed = new Map<Origin, number>();
  #membership: Membership | undefined;
  #memberId = '';
  #generation = 0;
  #subscriber: Subscriber<Delivery> | undefined;
  #gateClosed = false;
  #commits: Promise<void> = Promise.resolve();

  constructor(options: KafkaSourceOptions) {
    this.#options = options;
    hushNegativeTimeouts();
    this.#kafka = new Kafka({
      brokers: [...options.brokers],
      clientId: options.clientId,
      logCreator: kafkajsLogCreator(options.log),
      // Explicit: kafkajs changes its defaults under NODE_ENV=test.
      retry: { initialRetryTime: 300, retries: 8, maxRetryTime: 30_000 },
    });
    this.#consumer = this.#kafka.consumer({
      groupId: options.groupId,
      sessionTimeout: options.sessionTimeoutMs,
      heartbeatInterval: Math.min(1_000, options.sessionTimeoutMs / 4),
      // A long poll holds up heartbeats, and with them word of a rebalance, and the end.
      maxWaitTimeInMs: 250,
      metadataMaxAge: 60_000,
      readUncommitted: false,
      allowAutoTopicCreation: false,
      partitionAssigners: [
        assignerWithHooks(
          {
            beforeJoin: () => this.#beforeJoin(),
            afterJoin: (membership) => this.#afterJoin(membership),
          },
          options.log,
        ),
      ],
    });
    this.deliveries = new Observable((subscriber) => {
      this.#subscriber = subscriber;
      this.#run(subscriber).catch((error: unknown) => {
        subscriber.error(error);
      });
    });
  }

  async #run(subscriber: Subscriber<Delivery>): Promise<void> {
    const consumer = this.#consumer;
    consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
      // kafkajs would leave a live process without a member behind.
      if (!restart) subscriber.error(error);
    });
    await consumer.connect();
    // Only reached where retention took an offset while it was in use: begin at what is left.
    await consumer.subscribe({ topics: [...this.#options.topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => this.#eachBatch(payload, subscriber),
    });
  }

  async #eachBatch(payload: EachBatchPayload, subscriber: Subscriber<Delivery>): Promise<void> {
    const { batch } = payload;
    const { intake } = this.#options;
    const generation = generationOfBatch(batch);
    const origin = this.#origins.get(keyOf(batch.topic, batch.partition));
    if (!origin) return;
    const nextOffset = after(Number(batch.lastOffset()));
    for (const delivery of deliveriesOf(batch.messages, origin, nextOffset)) {
      if (
        generation !== this.#generation ||
        this.#gateClosed ||
        !payload.isRunning() ||
        payload.isStale()
      )
        return;
      if (subscriber.closed) throw new Error('the pipeline has ended; nothing more is delivered');
      intake.track(delivery);
      subscriber.next(delivery);
      payload.resolveOffset(String(delivery.offsets[delivery.count - 1]!));
      await payload.heartbeat();
      const room = intake.room();
      if (room) await waitWithHeartbeats(room, payload);
      else await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** A rebalance: what is in flight leaves, settles and is committed while it is still ours. */
  async #beforeJoin(): Promise<void> {
    if (!this.#membership) return;
    const { intake, drainTimeoutMs, log } = this.#options;
    const drained = await within(drainTimeoutMs, intake.drain());
    if (!drained) log.warn({ drainTimeoutMs }, 'not all in flight settled before the rebalance');
    await within(drainTimeoutMs, this.commit({ last: false }));
    this.#membership = undefined;
  }

  async #afterJoin(membership: Membership): Promise<void> {
    const { intake, log, groupId, topics, autoOffsetReset } = this.#options;
    this.#generation = membership.generation;
    this.#takeAssignment(membership);
    const admin = this.#kafka.admin();
    await admin.connect();
    try {
      await ensureStartOffsets({
        ...{ admin, groupId, topics, membership, log },
        reset: autoOffsetReset,
      });
    } finally {
      await admin.disconnect();
    }
    for (const origin of this.#origins.values()) {
      const next = intake.nextOffset(origin);
      // Kept: on from the next undelivered offset, not back to the committed one.
      if (next !== undefined) membership.seek({ ...origin, offset: String(next) });
    }
    this.#membership = membership;
    log.info(
      {
        generation: this.#generation,
        assignment: membership.assignment,
        leader: membership.isLeader,
      },
      'joined the group',
    );
  }

  #takeAssignment({ assignment, memberId }: Membership): void {
    const assigned = new Map<string, Origin>();
    // Another member id means that the broker had given this one up: others may have gone on.
    const sameMember = memberId === this.#memberId;
    this.#memberId = memberId;
    for (const { topic, partitions } of assignment) {
      for (const partition of partitions) {
        const key = keyOf(topic, partition);
        const kept = sameMember ? this.#origins.get(key) : undefined;
        assigned.set(key, kept ?? { topic, partition, generation: this.#generation });
      }
    }
    for (const [key, origin] of this.#origins) {
      if (assigned.get(key) === origin) continue;
      this.#options.intake.drop(origin);
      this.#committed.delete(origin);
    }
    this.#origins.clear();
    for (const [key, origin] of assigned) this.#origins.set(key, origin);
  }

  /** Commits what the Ledger allows; a failure is logged and tried again, `last` until it works. */
  async commit({ last }: { last: boolean }): Promise<void> {
    const { log } = this.#options;
    for (;;) {
      try {
        await this.#commitNow();
        return;
      } catch (error) {
        if (generationEnded(error)) {
          // The broker gave these partitions to others, who begin at what is committed.
          log.warn({ err: error }, 'not committed: the generation has ended');
          this.#membership = undefined;
          return;
        }
        log.warn({ err: error }, 'the commit failed; it is tried again');
        if (!last) return;
        await new Promise((resolve) => setTimeout(resolve, commitRetryMs));
      }
    }
  }

  /** One at a time, so that no commit overtakes another with lower offsets. */
  #commitNow(): Promise<void> {
    const commit = this.#commits.then(async () => {
      const membership = this.#membership;
      if (!membership) return;
      const due = this.#options.intake
        .committable()
        .filter(({ origin, offset }) => offset > (this.#committed.get(origin) ?? -1))
        .filter(
          ({ origin }) => this.#origins.get(keyOf(origin.topic, origin.partition)) === origin,
        );
      if (due.length === 0) return;
      await membership.commit(byTopic(due));
      for (const { origin, offset } of due) this.#committed.set(origin, offset);
    });
    this.#commits = commit.catch(() => undefined);
    return commit;
  }

  /** Whether all that may be committed is. */
  get allCommitted(): boolean {
    return this.#options.intake
      .committable()
      .every(({ origin, offset }) => offset <= (this.#committed.get(origin) ?? -1));
  }

  /** Closes the gate: no further Delivery. The group is left only by `close`, after the commits. */
  stop(): void {
    if (this.#gateClosed) return;
    this.#gateClosed = true;
    const assignment = [...(this.#membership?.assignment ?? [])];
    // Paused, kafkajs goes on with heartbeats: this member stays until it has committed.
    if (assignment.length > 0) {
      this.#consumer.pause(
        assignment.map((a) => ({ topic: a.topic, partitions: [...a.partitions] })),
      );
    }
    this.#subscriber?.complete();
  }

  /** Leaves the group and disconnects. */
  async close(): Promise<void> {
    this.#gateClosed = true;
    await this.#consumer.disconnect();
  }
}

const keyOf = (topic: string, partition: number): string => `${topic}\0${partition}`;

function byTopic(due: readonly { origin: Origin; offset: number }[]): TopicOffsets[] {
  const topics = new Map<string, { partition: number; offset: string }[]>();
  for (const { origin, offset } of due) {
    const partitions = topics.get(origin.topic) ?? [];
    partitions.push({ partition: origin.partition, offset: String(offset) });
    topics.set(origin.topic, partitions);
  }
  return Array.from(topics, ([topic, partitions]) => ({ topic, partitions }));
}

/** Throws what the heartbeat throws: a rebalance ends the wait. */
async function waitWithHeartbeats(room: Promise<void>, payload: EachBatchPayload) {
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
