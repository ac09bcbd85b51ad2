// Plays dead letters back to the topics they came from, up to those that are there at the start. A group
// of its own remembers how far it came: committed after the broker has acknowledged what went back.

import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Admin,
  CompressionTypes,
  type Consumer,
  type EachBatchPayload,
  type Kafka,
  type KafkaMessage,
  type Producer,
} from 'kafkajs';
import type { Logger } from 'pino';
import { type Returned, returnedFrom } from './dead-letter-message.ts';
import { homePartitioner } from './home-partition.ts';
import { type KafkaConnection, kafkaClient } from '../kafkajs/kafka-client.ts';
import { generationEnded } from '../kafkajs/kafkajs-membership.ts';
import { MissingTopicError } from '../kafkajs/missing-topic.ts';
import { reachBrokers } from '../kafkajs/reach-brokers.ts';
import { untilAnswered } from '../kafkajs/until-answered.ts';

export interface RequeueOptions {
  readonly connection: KafkaConnection;
  readonly deadLetterTopic: string;
  readonly groupId: string;
  /** The maximum number of letters to write back. */
  readonly limit: number;
  /** Says what would go back; writes and commits nothing. */
  readonly dryRun: boolean;
  readonly isWanted: (letter: Returned) => boolean;
  /** Called with each wanted letter, also one without its value; awaited. Only with `dryRun`. */
  readonly onLetter?: (letter: Returned) => Promise<void>;
  readonly onProgress: (read: number, total: number) => void;
  /** What is under way is finished, nothing more is begun. */
  readonly signal?: AbortSignal;
  readonly log: Logger;
}

export interface RequeueCounts {
  requeued: number;
  /** Left, because they went to the dead letters without their value. */
  withoutValue: number;
  /** Left, because they were not asked for. */
  notWanted: number;
  /** What went back, by topic and reason. */
  readonly byTopicAndReason: Map<string, number>;
}

/** Nothing came for this long, though there should be more. */
export class RequeueStalledError extends Error {
  readonly code = 'REQUEUE_STALLED';
  override readonly name = 'RequeueStalledError';
}

const stalledMs = 30_000;
const atOnce = 500;

/** A group waits this long for a member that was killed: well below `stalledMs`. */
const memberTimeoutMs = 10_000;
/** What is given back within an interruption, and then leaving the group, may take this long. */
const endMaxMs = 3_000;

export async function requeue(options: RequeueOptions): Promise<RequeueCounts> {
  const kafka = kafkaClient(options.connection, { log: options.log });
  const admin = kafka.admin();
  const run = new Requeue(options, kafka, admin);
  const course = async (): Promise<void> => {
    await reachBrokers(options.connection);
    await admin.connect();
    await run.finish();
  };
  try {
    await Promise.race([course(), interrupted(options.signal, run)]);
    return run.counts;
  } finally {
    // kafkajs does not stop while it waits to join its group: nothing waits for that.
    await Promise.race([Promise.allSettled([run.close(), admin.disconnect()]), sleep(endMaxMs)]);
  }
}

/** Resolves some time after the wish to end; at once where nothing is under way. */
async function interrupted(signal: AbortSignal | undefined, run: Requeue): Promise<void> {
  await new Promise((resolve) => signal?.addEventListener('abort', resolve, { once: true }));
  await Promise.race([run.end(), sleep(endMaxMs)]);
}

class Requeue {
  readonly counts: RequeueCounts = {
    requeued: 0,
    withoutValue: 0,
    notWanted: 0,
    byTopicAndReason: new Map(),
  };
  readonly #options: RequeueOptions;
  readonly #admin: Admin;
  readonly #consumer: Consumer;
  readonly #producer: Producer;
  /** The positions by partition: the offset to read next, and the end as it was at the start. */
  readonly #next = new Map<number, number>();
  readonly #ends = new Map<number, number>();
  #assigned: readonly number[] | undefined;
  #total = 0;
  #read = 0;
  #isDone = false;
  #done: () => void = () => undefined;
  #stalled: NodeJS.Timeout | undefined;
  #underWay = Promise.resolve();

  constructor(options: RequeueOptions, kafka: Kafka, admin: Admin) {
    this.#options = options;
    this.#admin = admin;
    this.#consumer = kafka.consumer({
      groupId: options.groupId,
      allowAutoTopicCreation: false,
      maxWaitTimeInMs: 250,
      sessionTimeout: memberTimeoutMs,
      rebalanceTimeout: memberTimeoutMs,
      heartbeatInterval: memberTimeoutMs / 10,
    });
    this.#producer = kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: homePartitioner,
    });
  }

  async finish(): Promise<void> {
    const { deadLetterTopic: topic, connection, dryRun } = this.#options;
    const topics = await this.#admin.listTopics();
    if (!topics.includes(topic)) {
      throw new MissingTopicError([topic], connection.brokers, 'DLQ_TOPIC');
    }
    for (const { partition, high } of await this.#admin.fetchTopicOffsets(topic)) {
      this.#ends.set(partition, Number(high));
    }
    await this.#findPositions();
    for (const [partition, end] of this.#ends) this.#total += end - this.#next.get(partition)!;
    if (this.#total === 0) return;
    if (!dryRun) await this.#producer.connect();
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: [topic], fromBeginning: true });
    await this.#consume();
  }

  /** Begins nothing more; resolves when what is under way is given back and committed. */
  async end(): Promise<void> {
    this.#end();
    await this.#underWay.catch(() => undefined);
  }

  async close(): Promise<void> {
    clearTimeout(this.#stalled);
    await Promise.allSettled([this.#consumer.disconnect(), this.#producer.disconnect()]);
  }

  /** Where the group is; where it is nowhere, at the oldest letter that is still there. */
  async #findPositions(): Promise<void> {
    const { deadLetterTopic: topic, groupId } = this.#options;
    const lows = await this.#admin.fetchTopicOffsets(topic);
    // A broker that has just started may still load what its groups committed.
    const [committed] = await untilAnswered(() =>
      this.#admin.fetchOffsets({ groupId, topics: [topic] }),
    );
    for (const { partition, low } of lows) {
      const found = committed?.partitions.find((other) => other.partition === partition);
      const next = Math.max(Number(low), Number(found?.offset ?? -1));
      this.#next.set(partition, Math.max(next, this.#next.get(partition) ?? 0));
    }
  }

  #consume(): Promise<void> {
    const consumer = this.#consumer;
    return new Promise((resolve, reject) => {
      this.#done = resolve;
      const watch = () => {
        clearTimeout(this.#stalled);
        this.#stalled = setTimeout(() => reject(this.#stalledError()), stalledMs);
      };
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        if (!payload.restart) reject(payload.error);
      });
      consumer.on(consumer.events.GROUP_JOIN, ({ payload: { memberAssignment } }) => {
        this.#joined(memberAssignment[this.#options.deadLetterTopic] ?? []).catch(reject);
      });
      watch();
      consumer
        .run({
          autoCommit: false,
          eachBatchAutoResolve: false,
          eachBatch: async (payload) => {
            watch();
            this.#underWay = this.#eachBatch(payload).catch((error: unknown) => {
              // A rebalance gives the rest to others, or back; anything else ends here.
              if (generationEnded(error)) throw error;
              this.#isDone = true;
              reject(error instanceof Error ? error : new Error(String(error)));
            });
            await this.#underWay;
          },
        })
        .catch(reject);
    });
  }

  /**
   * Another requeue may run too: since the positions were read, it may have gone further, before the
   * first join as well as later.
   */
  async #joined(partitions: readonly number[]): Promise<void> {
    await this.#findPositions();
    this.#assigned = partitions;
    this.#endWhereDone();
  }

  async #eachBatch(payload: EachBatchPayload): Promise<void> {
    const { partition, messages } = payload.batch;
    const end = this.#ends.get(partition) ?? 0;
    const letters = messages.filter(({ offset }) => Number(offset) < end);
    for (let first = 0; first < letters.length && !this.#isDone; first += atOnce) {
      if (!payload.isRunning() || payload.isStale()) return;
      const some = this.#withinLimit(letters.slice(first, first + atOnce));
      await this.#giveBack(some.map(({ returned }) => returned));
      for (const { returned } of some) {
        if (returned && this.#options.isWanted(returned)) await this.#options.onLetter?.(returned);
      }
      const last = some.at(-1);
      if (last) await this.#note(payload, Number(last.offset) + 1, some.length);
      if (this.#taken >= this.#options.limit) this.#end();
    }
    // What is past the end came after the start.
    if (letters.length < messages.length) this.#next.set(partition, end);
    this.#endWhereDone();
  }

  /** As many letters as may be looked at, so that no more go back than the limit. */
  #withinLimit(letters: readonly KafkaMessage[]) {
    let left = this.#options.limit - this.#taken;
    const some: { offset: string; returned: Returned | undefined }[] = [];
    for (const letter of letters) {
      if (left === 0) break;
      const returned = returnedFrom(letter);
      if (this.#isTaken(returned)) left -= 1;
      some.push({ offset: letter.offset, returned });
    }
    return some;
  }

  /** What the limit is about: the letters that go back, or all that are shown. */
  get #taken(): number {
    const { requeued, withoutValue } = this.counts;
    return this.#options.onLetter ? requeued + withoutValue : requeued;
  }

  #isTaken(letter: Returned | undefined): boolean {
    if (!this.#options.onLetter) return this.#goesBack(letter);
    return letter !== undefined && this.#options.isWanted(letter);
  }

  #goesBack(letter: Returned | undefined): letter is Returned {
    return letter?.message !== undefined && this.#options.isWanted(letter);
  }

  async #giveBack(letters: readonly (Returned | undefined)[]): Promise<void> {
    const { isWanted, dryRun } = this.#options;
    const back = letters.filter((letter) => this.#goesBack(letter));
    const topics = [...new Set(back.map(({ topic }) => topic))];
    if (back.length > 0 && !dryRun) {
      await this.#producer.sendBatch({
        acks: -1,
        // One that just fits its topic has a header more now.
        compression: CompressionTypes.GZIP,
        topicMessages: topics.map((topic) => ({
          topic,
          messages: back.flatMap((letter) =>
            letter.topic === topic && letter.message ? [letter.message] : [],
          ),
        })),
      });
    }
    const { counts } = this;
    counts.requeued += back.length;
    for (const { topic, reason } of back) {
      const key = `${topic} ${reason}`;
      counts.byTopicAndReason.set(key, (counts.byTopicAndReason.get(key) ?? 0) + 1);
    }
    for (const letter of letters) {
      if (!letter || !isWanted(letter)) counts.notWanted += 1;
      else if (!letter.message) counts.withoutValue += 1;
    }
  }

  async #note(payload: EachBatchPayload, next: number, letters: number): Promise<void> {
    const { topic, partition } = payload.batch;
    const { dryRun, onProgress } = this.#options;
    payload.resolveOffset(String(next - 1));
    const offsets = { topics: [{ topic, partitions: [{ partition, offset: String(next) }] }] };
    if (!dryRun) await payload.commitOffsetsIfNecessary(offsets);
    this.#next.set(partition, next);
    this.#read += letters;
    onProgress(this.#read, this.#total);
    await payload.heartbeat();
  }

  #endWhereDone(): void {
    const isRead = (partition: number) =>
      (this.#next.get(partition) ?? 0) >= (this.#ends.get(partition) ?? 0);
    if (this.#assigned?.every(isRead)) this.#end();
  }

  #end(): void {
    this.#isDone = true;
    this.#done();
  }

  #stalledError(): RequeueStalledError {
    return new RequeueStalledError(
      `nothing was received for ${stalledMs / 1000} s after ${this.#read} of ${this.#total} dead letters; ` +
        'the next run continues where this one stopped',
    );
  }
}
