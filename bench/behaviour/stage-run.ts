// What every bench needs: a Kafka, a topic filled with chosen events, a collector that counts, and
// the stage as a process of its own.

import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';
import { Collector } from '../../src/collector/collector.ts';
import { flowEventType, type FlowEvent } from '../../src/generator/flow-event.ts';
import { type Stage, startStage } from '../../test/support/processes/stage-process.ts';
import { stageEnv } from '../../test/support/processes/stage-env.ts';

const { Kafka, logLevel, Partitioners } = kafkajs;
const sendEvents = 1000;

export class Topic {
  readonly name = `bench-${randomUUID()}`;
  readonly #kafka: kafkajs.Kafka;
  readonly #producer: kafkajs.Producer;
  readonly #partitions: number;

  private constructor(brokers: readonly string[], partitions: number) {
    this.#kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
    this.#producer = this.#kafka.producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
    });
    this.#partitions = partitions;
  }

  static async create(brokers: readonly string[], partitions = 4): Promise<Topic> {
    const topic = new Topic(brokers, partitions);
    const admin = topic.#kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: topic.name, numPartitions: partitions }] });
    await admin.disconnect();
    await topic.#producer.connect();
    return topic;
  }

  /**
   * Spreads the events over the partitions in runs of a quarter of a thousand. `frame` puts a datum
   * into a frame, or leaves it out.
   */
  async fill(
    events: Iterable<FlowEvent>,
    frame: (datum: Buffer, partition: number) => Buffer | undefined = (datum) => datum,
  ): Promise<void> {
    let messages: kafkajs.Message[] = [];
    let written = 0;
    const send = async () => {
      if (messages.length > 0) await this.#producer.send({ topic: this.name, messages });
      messages = [];
    };
    for (const event of events) {
      const partition = Math.floor(written / (sendEvents / 4)) % this.#partitions;
      const value = frame(flowEventType.toBuffer(event), partition);
      written += 1;
      if (value) messages.push({ key: null, value, partition });
      if (messages.length === sendEvents) await send();
    }
    await send();
  }

  /** One datum, at once. */
  send(value: Buffer, partition = 0): Promise<unknown> {
    return this.#producer.send({ topic: this.name, messages: [{ key: null, value, partition }] });
  }

  async close(): Promise<void> {
    await this.#producer.disconnect();
  }
}

/** Arrivals at a collector in this process, counted and not decoded. */
export class Arrivals {
  readonly #collector: Collector;
  /** When each Message came and how many Data Records had come with it, in milliseconds. */
  readonly marks: { readonly atMs: number; readonly records: number }[] = [];
  port = 0;

  constructor(receiveBufferBytes = 8 * 2 ** 20) {
    this.#collector = new Collector({
      receiveBufferBytes,
      decoder: { values: false },
      onMessage: () => {
        this.marks.push({ atMs: performance.now(), records: this.#collector.dataRecords });
      },
    });
  }

  async listen(): Promise<void> {
    ({ port: this.port } = await this.#collector.listen());
  }

  get records(): number {
    return this.#collector.dataRecords;
  }

  /** The moment at which so many records had come; waits for it, `limitMs` at most. */
  async until(records: number, limitMs = 120_000): Promise<number> {
    const deadline = performance.now() + limitMs;
    while (this.records < records) {
      if (performance.now() > deadline) {
        throw new Error(`${this.records} of ${records} records came in ${limitMs} ms`);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return this.marks.find((mark) => mark.records >= records)!.atMs;
  }

  /** Waits until nothing came for two seconds. */
  async untilQuiet(): Promise<void> {
    for (let records = -1; records !== this.records;) {
      ({ records } = this);
      await new Promise((resolve) => setTimeout(resolve, 2_000));
    }
  }

  /** Closes, and says what was lost on the way. */
  async close(): Promise<{ missing: number; drops: number | 'unknown' }> {
    await this.#collector.close();
    const { missingRecords, kernelDrops } = this.#collector.summary();
    return { missing: missingRecords, drops: kernelDrops };
  }
}

export function stageFor(
  brokers: readonly string[],
  topic: Topic,
  port: number,
  settings: Record<string, string>,
): Promise<Stage> {
  return startStage({
    ...stageEnv({
      brokers,
      topic: topic.name,
      group: `bench-${randomUUID()}`,
      collector: `ipfix://127.0.0.1:${port}`,
    }),
    ...settings,
  });
}
