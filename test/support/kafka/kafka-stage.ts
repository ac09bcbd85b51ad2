// One topic, its group, a steady feed and a Recorder: the surroundings of a stage in a broker test.

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { FlowFeed, type FlowFeedOptions } from './flow-feed.ts';
import { GroupOffsets } from './group-offsets.ts';
import { type Standing, standing } from '../rounds/promise-check.ts';
import { ReceivedFlows } from './received-flows.ts';
import { Recorder } from '../fakes/recorder.ts';
import { everythingSaid } from '../processes/said.ts';
import { type Stage, type StageOptions, startStage } from '../processes/stage-process.ts';
import { stageEnv } from '../processes/stage-env.ts';

export type KafkaStageOptions = Omit<FlowFeedOptions, 'topic' | 'partitions' | 'seed'> & {
  readonly seed?: number;
  readonly partitions?: number;
  /** Names instead of random ones, on a broker that nobody else uses. */
  readonly topic?: string;
  readonly group?: string;
};

/** A collector that has closed may still have datagrams on their way to the test. */
const quietMs = 150;

export class KafkaStage {
  readonly topic: string;
  readonly group: string;
  readonly partitions: number;
  readonly feed: FlowFeed;
  readonly offsets: GroupOffsets;
  readonly recorder: Recorder;
  readonly received: ReceivedFlows;
  readonly #brokers: readonly string[];
  readonly #stages: Stage[] = [];
  #settledBelow = 1;

  private constructor(
    parts: Pick<KafkaStage, 'topic' | 'group' | 'partitions' | 'feed' | 'offsets' | 'recorder'>,
    brokers: readonly string[],
  ) {
    this.topic = parts.topic;
    this.group = parts.group;
    this.partitions = parts.partitions;
    this.feed = parts.feed;
    this.offsets = parts.offsets;
    this.recorder = parts.recorder;
    this.received = new ReceivedFlows(parts.recorder);
    this.#brokers = brokers;
  }

  /** Creates the topic and begins to feed it; the stage is started by `start`. */
  static async around(options: KafkaStageOptions): Promise<KafkaStage> {
    const { brokers, partitions = 4, seed = 1 } = options;
    const { topic = `flows-${randomUUID()}`, group = `group-${randomUUID()}` } = options;
    const offsets = await GroupOffsets.open({ brokers, group, topic, partitions });
    const recorder = await Recorder.listen();
    const feed = await FlowFeed.start({ ...options, topic, partitions, seed });
    return new KafkaStage({ topic, group, partitions, feed, offsets, recorder }, brokers);
  }

  start(env: Record<string, string> = {}, options: StageOptions = {}): Promise<Stage> {
    const stage = startStage(
      {
        ...stageEnv({
          brokers: this.#brokers,
          topic: this.topic,
          group: this.group,
          collector: this.recorder.collector,
        }),
        // A member that was killed is missed soon.
        KAFKA_SESSION_TIMEOUT: '3s',
        KAFKA_DRAIN_TIMEOUT: '2s',
        ...env,
      },
      options,
    );
    void stage.then((started) => this.#stages.push(started));
    return stage;
  }

  /** Resolves when `isTrue`, looked at again and again; rejects when time is up. */
  async until(what: string, isTrue: () => boolean, timeoutMs = 60_000): Promise<void> {
    const giveUpAt = performance.now() + timeoutMs;
    while (!isTrue()) {
      const last = this.#stages.at(-1);
      if (last && this.#stages.every(({ process }) => process.exitCode !== null)) {
        throw new Error(`${what}: not before the stage ended:\n${everythingSaid(last)}`);
      }
      if (performance.now() > giveUpAt)
        throw new Error(`${what}: no response within ${timeoutMs} ms`);
      await sleep(50);
      this.received.update();
    }
  }

  /** Resolves when the stage has exported all but the last `seconds` of the feed. */
  async untilCaughtUp(seconds = 1): Promise<void> {
    const most = this.ratePerSecond * seconds;
    await this.until('caught up', () => this.received.unique >= this.feed.produced - most);
  }

  /** Where everything stands once the stage is gone and its last datagrams are read. */
  async standing(): Promise<Standing & { readonly committed: ReadonlyMap<number, bigint> }> {
    await sleep(quietMs);
    const committed = await this.offsets.committed();
    this.received.update();
    const found = standing(this.feed, this.received, committed, this.#settledBelow);
    this.#settledBelow = found.settledBelow;
    return { committed, ...found };
  }

  get ratePerSecond(): number {
    return this.feed.ratePerSecond;
  }

  /** Ends what is still running. */
  async close(): Promise<void> {
    for (const stage of this.#stages) stage.kill('SIGKILL');
    await this.feed.stop();
    await Promise.all([this.recorder.close(), this.offsets.close()]);
  }
}
