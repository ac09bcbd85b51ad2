// A producer that goes on at a steady rate until it is told to stop, and knows where in the topic
// each of its events is: what was lost, repeated or committed too early can then be named.

import kafkajs from 'kafkajs';
import { flowEventType } from '../../../src/generator/flow-event.ts';
import { FlowGenerator } from '../../../src/generator/flow-generator.ts';
import { pace } from '../../../src/generator/pace.ts';

export interface FlowFeedOptions {
  readonly brokers: readonly string[];
  /** It exists, and nobody else writes to it. */
  readonly topic: string;
  readonly partitions: number;
  readonly ratePerSecond: number;
  readonly seed: number;
  /** Stops by itself after so many events. */
  readonly count?: number;
}

export interface Position {
  readonly partition: number;
  readonly offset: bigint;
}

const { CompressionTypes, Kafka, logLevel, Partitioners } = kafkajs;
const sendsPerSecond = 20;

export class FlowFeed {
  readonly #options: FlowFeedOptions;
  readonly #runEvents: number;
  /** For each send, by partition: the offset of the first event in it. */
  readonly #sends: bigint[][] = [];
  #stopped = false;
  #running: Promise<void> = Promise.resolve();

  private constructor(options: FlowFeedOptions) {
    this.#options = options;
    const perPartition = options.ratePerSecond / sendsPerSecond / options.partitions;
    this.#runEvents = Math.max(1, Math.round(perPartition));
  }

  static async start(options: FlowFeedOptions): Promise<FlowFeed> {
    const feed = new FlowFeed(options);
    const kafka = new Kafka({
      clientId: 'kafka2ipfix-test-feed',
      brokers: [...options.brokers],
      logLevel: logLevel.NOTHING,
    });
    const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    feed.#running = feed.#run(producer).finally(() => producer.disconnect());
    // Seen by stop(); until then it is no unhandled rejection.
    feed.#running.catch(() => undefined);
    return feed;
  }

  get ratePerSecond(): number {
    return this.#options.ratePerSecond;
  }

  /** Acknowledged events: their flowIds are 1 to this. */
  get produced(): number {
    return this.#sends.length * this.#sendEvents;
  }

  /** Where the broker put an acknowledged event. */
  positionOf(flowId: number): Position {
    const index = flowId - 1;
    const offsets = this.#sends[Math.floor(index / this.#sendEvents)];
    const within = index % this.#sendEvents;
    const partition = Math.floor(within / this.#runEvents);
    const first = offsets?.[partition];
    if (first === undefined) throw new Error(`flow ${flowId} was not produced`);
    return { partition, offset: first + BigInt(within % this.#runEvents) };
  }

  /** Resolves when all events are acknowledged; rejects with what ended the feed before. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  /** Resolves when `count` events are acknowledged. */
  async done(): Promise<void> {
    await this.#running;
  }

  get #sendEvents(): number {
    return this.#runEvents * this.#options.partitions;
  }

  async #run(producer: kafkajs.Producer): Promise<void> {
    const { topic, partitions, ratePerSecond, seed, count = Infinity } = this.#options;
    const generator = new FlowGenerator({ seed });
    const { due } = pace(ratePerSecond, this.#sendEvents);
    while (!this.#stopped && this.produced < count) {
      const messages = Array.from({ length: this.#sendEvents }, (_, index) => ({
        key: null,
        value: flowEventType.toBuffer(generator.next()),
        partition: Math.floor(index / this.#runEvents),
      }));
      const acks = -1;
      const sent = await producer.send({
        ...{ topic, acks, messages },
        compression: CompressionTypes.None,
      });
      const offsets = new Array<bigint>(partitions);
      for (const { partition, baseOffset } of sent) offsets[partition] = BigInt(baseOffset ?? -1);
      this.#sends.push(offsets);
      await due(this.produced);
    }
  }
}
