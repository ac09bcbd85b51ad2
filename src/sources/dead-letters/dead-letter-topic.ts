// Writes dead letters to a topic of Kafka: in their order, each acknowledged by all replicas in sync,
// tried until it works. The producer is not idempotent: kafkajs's counts wrongly once a part of a
// request was refused, and then writes nothing any more. A letter may be there twice, never not at all.

import { type Admin, CompressionTypes, type Message, type Producer } from 'kafkajs';
import type { Logger } from 'pino';
import { logEvent } from '../../log/log-events.ts';
import { LimitedLog } from '../../log/limited-log.ts';
import type { DeadLetter, DeadLetters } from '../dead-letter.ts';
import type { DeadLettersSeen } from '../source-snapshot.ts';
import {
  type LetterForm,
  type LetterWriter,
  messageOf,
  smallerForm,
  wholeForm,
} from './dead-letter-message.ts';
import { type KafkaConnection, kafkaClient } from '../kafkajs/kafka-client.ts';
import { tolerating } from '../kafkajs/kafkajs-requests.ts';
import { MissingTopicError } from '../kafkajs/missing-topic.ts';
import { forever, type TopicSettings, topicSettings } from '../kafkajs/topic-settings.ts';
import { causeOf } from '../kafkajs/reach-brokers.ts';
import { homePartitioner } from './home-partition.ts';

export interface DeadLetterTopicOptions extends LetterWriter {
  readonly connection: KafkaConnection;
  readonly topic: string;
  readonly log: Logger;
}

interface Waiting {
  readonly letter: DeadLetter;
  readonly timeMs: number;
  readonly isWanted: () => boolean;
  readonly written: () => void;
}

const acknowledgedByAll = -1;
const lettersAtOnce = 500;
/** A letter that is larger is written by itself. */
const octetsAtOnce = 512 * 1024;
const pauseMinMs = 500;
const pauseMaxMs = 10_000;

export class DeadLetterTopic implements DeadLetters {
  readonly #options: DeadLetterTopicOptions;
  readonly #producer: Producer;
  readonly #log: LimitedLog;
  #waiting: Waiting[] = [];
  #isWriting = false;
  #isClosed = false;
  /** Why the letters that wait are not written; undefined while they are. */
  #problem: string | undefined;

  private constructor(options: DeadLetterTopicOptions, producer: Producer) {
    this.#options = options;
    this.#producer = producer;
    this.#log = new LimitedLog(options.log);
  }

  /** Throws MissingTopicError, or kafkajs's errors where no broker can be reached. */
  static async open(options: DeadLetterTopicOptions): Promise<DeadLetterTopic> {
    const { connection, topic, log } = options;
    const kafka = kafkaClient(connection, { log });
    const admin = kafka.admin();
    await admin.connect();
    try {
      const topics = await admin.listTopics();
      if (!topics.includes(topic)) {
        throw new MissingTopicError([topic], connection.brokers, 'DLQ_TOPIC');
      }
      await warnOfRemoval(admin, topic, log);
    } finally {
      await admin.disconnect();
    }
    const producer = kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: homePartitioner,
      // Tried again here, where it can be said and given up.
      retry: { retries: 2 },
    });
    await producer.connect();
    return new DeadLetterTopic(options, producer);
  }

  get topic(): string {
    return this.#options.topic;
  }

  /** What waits to be written, and why it has to. */
  get seen(): DeadLettersSeen {
    return { waiting: this.#waiting.length, problem: this.#problem };
  }

  send(letter: DeadLetter, isWanted: () => boolean): Promise<void> {
    return new Promise((written) => {
      this.#waiting.push({ letter, timeMs: Date.now(), isWanted, written });
      void this.#writeAll();
    });
  }

  /** What is not written yet stays so. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#log.close();
    await this.#producer.disconnect();
  }

  async #writeAll(): Promise<void> {
    if (this.#isWriting) return;
    this.#isWriting = true;
    // Those that come in this turn go together.
    await Promise.resolve();
    while (this.#waiting.length > 0 && !this.#isClosed) await this.#write(this.#next(), wholeForm);
    this.#isWriting = false;
  }

  #next(): Waiting[] {
    let octets = 0;
    const tooMany = this.#waiting.findIndex(({ letter }, i) => {
      octets += letter.value?.length ?? 0;
      return i >= lettersAtOnce || (i > 0 && octets > octetsAtOnce);
    });
    return this.#waiting.splice(0, tooMany < 0 ? this.#waiting.length : tooMany);
  }

  /** One request after the other: a partition's letters keep their order. */
  async #write(letters: readonly Waiting[], form: LetterForm): Promise<void> {
    for (let pauseMs = pauseMinMs; !this.#isClosed; pauseMs = Math.min(2 * pauseMs, pauseMaxMs)) {
      const wanted = letters.filter(({ isWanted }) => isWanted());
      try {
        if (wanted.length > 0) await this.#produce(wanted, form);
        this.#problem = undefined;
        for (const { written } of letters) written();
        return;
      } catch (error) {
        const other = otherForm(error, form);
        if (other && wanted.length > 1) {
          // Only one of them may be at fault.
          for (const one of letters) await this.#write([one], form);
          return;
        }
        if (other) return this.#write(letters, other);
        this.#complain(error, letters.length);
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  }

  async #produce(letters: readonly Waiting[], form: LetterForm): Promise<void> {
    const messages = letters.map(({ letter, timeMs }): Message =>
      messageOf(letter, this.#options, form, timeMs),
    );
    // A partition without a leader stops no letter: others take it.
    await tolerating(() =>
      this.#producer.send({
        topic: this.#options.topic,
        acks: acknowledgedByAll,
        compression: form.gzip ? CompressionTypes.GZIP : CompressionTypes.None,
        messages,
      }),
    );
  }

  #complain(error: unknown, letters: number): void {
    const { topic } = this.#options;
    const { message, type } = causeOf(error);
    this.#problem = message;
    this.#log.event('DEAD_LETTERS_UNWRITABLE', type ?? message, {
      topic,
      letters,
      waiting: this.#waiting.length,
      error: message,
    });
  }
}

/** Dead letters count as kept: what removes them before anybody reads them is said at the start. */
async function warnOfRemoval(admin: Admin, topic: string, log: Logger): Promise<void> {
  let settings: TopicSettings;
  try {
    settings = await topicSettings(admin, topic);
  } catch (error) {
    log.info(
      { topic, err: error },
      'the settings of DLQ_TOPIC cannot be read, so it is unknown whether it keeps its letters: ' +
        'grant DESCRIBE_CONFIGS',
    );
    return;
  }
  const found = Array.from(settings.keys()).flatMap((name) => removalBy(name, settings));
  if (found.length === 0) return;
  logEvent(log, 'DEAD_LETTERS_REMOVABLE', { topic, reason: found.join('; ') });
}

function removalBy(name: string, settings: TopicSettings): string[] {
  const value = settings.get(name);
  const policy = settings.get('cleanup.policy') ?? 'delete';
  if (value === undefined) return [];
  if (name === 'cleanup.policy') {
    const isCompacted = value.includes('compact');
    return isCompacted
      ? ['compaction keeps only one letter per key: set cleanup.policy=delete']
      : [];
  }
  if (value === forever || !policy.includes('delete')) return [];
  return [`${name} is ${value}: read them in time, or set it to ${forever}`];
}

const tooLarge = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

/** What to try instead where the broker does not take a letter as it is. */
function otherForm(error: unknown, form: LetterForm): LetterForm | undefined {
  const { type = '' } = causeOf(error);
  return tooLarge.has(type) ? smallerForm(form) : undefined;
}
