// A topic that is deleted and created again under two processes, round after round, with a random wait in
// between and members that freeze at random. Knows no test runner: the long check uses it too.

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Admin, type Kafka } from 'kafkajs';
import { flowEventType } from '../../../src/generator/flow-event.ts';
import { FlowGenerator } from '../../../src/generator/flow-generator.ts';
import { makeTopic } from '../../../src/generator/make-topic.ts';
import { Random } from '../../../src/generator/random.ts';
import { ReceivedFlows } from '../kafka/received-flows.ts';
import { Recorder } from '../fakes/recorder.ts';
import { everythingSaid } from '../processes/said.ts';
import { type Stage, startStage } from '../processes/stage-process.ts';
import { stageEnv } from '../processes/stage-env.ts';

const { Kafka: KafkaClient, logLevel, Partitioners } = kafkajs;

export interface RecreatedOptions {
  readonly brokers: readonly string[];
  readonly rounds: number;
  readonly seed: number;
  /** Between the deletion and the creation at most. */
  readonly waitMaxMs: number;
  /** A member freezes for so long at most; the session timeout is 6 s. */
  readonly freezeMaxMs: number;
  readonly log: (line: string) => void;
  readonly goesOn?: () => boolean;
}

export interface RecreatedReport {
  rounds: number;
  /** Of the topics as they were created last in each round, and how many of these never arrived. */
  produced: number;
  missing: number;
  /** Of the topics that were deleted: all that the processes counted as read left. */
  readonly accounts: readonly Record<string, number>[];
  readonly exitCodes: readonly (number | null)[];
  freezes: number;
}

const partitions = 3;
const arrivedWithinMs = 60_000;
const sessionTimeoutMs = 6_000;

export async function recreatedTopic(options: RecreatedOptions): Promise<RecreatedReport> {
  const around = await Around.open(options.brokers, 2);
  try {
    return await rounds(around, options);
  } finally {
    await around.close();
  }
}

async function rounds(around: Around, options: RecreatedOptions): Promise<RecreatedReport> {
  const { seed, waitMaxMs, freezeMaxMs, log, goesOn = () => true } = options;
  const random = new Random(seed);
  const { stages } = around;
  const counts = { rounds: 0, produced: 0, missing: 0, freezes: 0 };
  for (; counts.rounds < options.rounds && goesOn(); counts.rounds += 1) {
    // The old topic is under load while it is deleted.
    await around.produce(random.integer(200, 3_000));
    await sleep(random.integer(0, 1_500));
    const freeze = random.chance(0.6) ? stages[random.integer(0, 1)] : undefined;
    const frozenForMs = random.integer(0, freezeMaxMs);
    if (freeze) {
      counts.freezes += 1;
      freeze.kill('SIGSTOP');
      void sleep(frozenForMs).then(() => freeze.kill('SIGCONT'));
    }
    await around.deleteTopic();
    const waitMs = random.integer(0, waitMaxMs);
    await sleep(waitMs);
    await around.createTopic();
    const { first, last } = await around.produce(random.integer(100, 4_000));
    const missing = await around.untilArrived(first, last, frozenForMs);
    counts.produced += last - first + 1;
    counts.missing += missing;
    log(
      `round ${counts.rounds + 1}: wait ${waitMs} ms, ${last - first + 1} produced, ${missing} missing`,
    );
    if (missing > 0) log(stages.map(everythingSaid).join('\n---\n'));
  }
  const exitCodes = await Promise.all(stages.map((stage) => stage.stop()));
  const accounts = await Promise.all(stages.map(accountOf));
  return { ...counts, accounts, exitCodes };
}

export interface MovedReport {
  readonly rounds: number;
  /** Events behind the offsets that an operator set, and how many of these did not come again. */
  readonly behind: number;
  readonly missing: number;
  readonly exitCodes: readonly (number | null)[];
}

/** All members freeze past their session; an operator moves the group's offsets meanwhile. */
export async function movedOffsets(
  options: Pick<RecreatedOptions, 'brokers' | 'rounds' | 'seed' | 'log'>,
): Promise<MovedReport> {
  const around = await Around.open(options.brokers, 2);
  const random = new Random(options.seed);
  let behind = 0;
  let missing = 0;
  try {
    for (let round = 0; round < options.rounds; round += 1) {
      const { first, last } = await around.produce(3_000);
      await around.untilArrived(first, last, 0);
      await around.untilCommitted();
      for (const stage of around.stages) stage.kill('SIGSTOP');
      await around.untilGroupIsEmpty();
      const back = await around.moveOffsets(random);
      behind += back;
      const { repeated } = around.received.update();
      for (const stage of around.stages) stage.kill('SIGCONT');
      const came = await around.untilRepeated(repeated + back);
      missing += back - came + repeated;
      options.log(
        `round ${round + 1}: ${back} behind the new offsets, ${came - repeated} came again`,
      );
    }
    const exitCodes = await Promise.all(around.stages.map((stage) => stage.stop()));
    return { rounds: options.rounds, behind, missing, exitCodes };
  } finally {
    await around.close();
  }
}

async function accountOf(stage: Stage): Promise<Record<string, number>> {
  const { account } = (await stage.waitForLine('ended')) as { account: Record<string, number> };
  return account;
}

class Around {
  readonly stages: Stage[] = [];
  readonly received: ReceivedFlows;
  readonly topic = `flows-${randomUUID()}`;
  readonly #group = `group-${randomUUID()}`;
  readonly #kafka: Kafka;
  readonly #admin: Admin;
  readonly #recorder: Recorder;
  readonly #generator = new FlowGenerator({ seed: 7 });
  #produced = 0;

  private constructor(kafka: Kafka, admin: Admin, recorder: Recorder) {
    this.#kafka = kafka;
    this.#admin = admin;
    this.#recorder = recorder;
    this.received = new ReceivedFlows(recorder);
  }

  static async open(brokers: readonly string[], processes: number): Promise<Around> {
    const kafka = new KafkaClient({
      ...{ clientId: 'recreated', brokers: [...brokers], logLevel: logLevel.NOTHING },
    });
    const admin = kafka.admin();
    await admin.connect();
    const around = new Around(kafka, admin, await Recorder.listen());
    await around.createTopic();
    for (let i = 0; i < processes; i += 1) {
      const stage = await startStage({
        ...stageEnv({
          brokers,
          topic: around.topic,
          group: around.#group,
          collector: around.#recorder.collector,
        }),
        KAFKA_SESSION_TIMEOUT: `${sessionTimeoutMs}ms`,
        KAFKA_DRAIN_TIMEOUT: '2s',
        COMMIT_INTERVAL: '300ms',
        OBSERVATION_DOMAIN_ID: String(1 + i),
        // Slow enough that some of it is in flight at any moment.
        EXPORT_RATE_LIMIT: '4000',
      });
      around.stages.push(stage);
      await stage.waitForLine('joined the group');
    }
    return around;
  }

  async createTopic(): Promise<void> {
    await makeTopic(this.#admin, { topic: this.topic, numPartitions: partitions });
  }

  async deleteTopic(): Promise<void> {
    await this.#admin.deleteTopics({ topics: [this.topic] });
  }

  async produce(count: number): Promise<{ first: number; last: number }> {
    // A fresh one: kafkajs keeps what it knows of the topic before.
    const producer = this.#kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    const first = this.#produced + 1;
    for (let left = count; left > 0; left -= 500) {
      const messages = Array.from({ length: Math.min(left, 500) }, (_, i) => ({
        value: flowEventType.toBuffer(this.#generator.next()),
        partition: i % partitions,
      }));
      await producer.send({ topic: this.topic, messages });
    }
    this.#produced += count;
    await producer.disconnect();
    return { first, last: this.#produced };
  }

  /** How many never came. */
  async untilArrived(first: number, last: number, more: number): Promise<number> {
    const giveUpAt = performance.now() + arrivedWithinMs + more;
    for (;;) {
      const { length } = this.received.update().missing(first, last);
      if (length === 0 || performance.now() > giveUpAt) return length;
      await sleep(50);
    }
  }

  async untilRepeated(count: number): Promise<number> {
    const giveUpAt = performance.now() + arrivedWithinMs;
    while (this.received.update().repeated < count && performance.now() < giveUpAt) await sleep(50);
    return Math.min(count, this.received.repeated);
  }

  async untilCommitted(): Promise<void> {
    const giveUpAt = performance.now() + arrivedWithinMs;
    for (;;) {
      const [ends, committed] = await Promise.all([this.#ends(), this.#committed()]);
      if (ends.every((end, partition) => committed[partition] === end)) return;
      if (performance.now() > giveUpAt) throw new Error('not all is committed');
      await sleep(100);
    }
  }

  async untilGroupIsEmpty(): Promise<void> {
    const giveUpAt = performance.now() + arrivedWithinMs;
    for (;;) {
      const { groups } = await this.#admin.describeGroups([this.#group]);
      if (groups[0]?.state === 'Empty') return;
      if (performance.now() > giveUpAt) throw new Error('the group still has members');
      await sleep(200);
    }
  }

  /** Sets each partition's offset back; how many records are behind them now. */
  async moveOffsets(random: Random): Promise<number> {
    const ends = await this.#ends();
    const offsets = ends.map((end) => Math.floor(end * random.float()));
    await this.#admin.setOffsets({
      groupId: this.#group,
      topic: this.topic,
      partitions: offsets.map((offset, partition) => ({ partition, offset: String(offset) })),
    });
    return ends.reduce((sum, end, partition) => sum + end - offsets[partition]!, 0);
  }

  async #ends(): Promise<number[]> {
    const found = await this.#admin.fetchTopicOffsets(this.topic);
    return found.sort((a, b) => a.partition - b.partition).map(({ high }) => Number(high));
  }

  async #committed(): Promise<number[]> {
    const [found] = await this.#admin.fetchOffsets({
      groupId: this.#group,
      topics: [this.topic],
    });
    const partitions = found?.partitions ?? [];
    return [...partitions]
      .sort((a, b) => a.partition - b.partition)
      .map(({ offset }) => Number(offset));
  }

  async close(): Promise<void> {
    for (const stage of this.stages) stage.kill('SIGKILL');
    await Promise.all([this.#admin.disconnect(), this.#recorder.close()]);
  }
}
