// A part of Kafka is away: a broker without replicas, a topic that was deleted. Everything else is read as
// if nothing had happened, and what was away is read as soon as it is back.

import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Admin } from 'kafkajs';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { kafkaJars } from '../../demo/broker/kafka-jars.ts';
import { type KafkaNode, startKafkaNode } from '../../demo/broker/kafka-jvm.ts';
import { flowEventType } from '../../src/generator/flow-event.ts';
import { FlowGenerator } from '../../src/generator/flow-generator.ts';
import { makeTopic } from '../../src/generator/make-topic.ts';
import { tolerating } from '../../src/sources/kafkajs/kafkajs-requests.ts';
import '../../src/sources/kafkajs/kafkajs-patches.ts';
import { describeWithKafka } from '../support/kafka/kafka.ts';
import { newProtocolMember } from '../support/kafka/kafka-tools.ts';
import { ReceivedFlows } from '../support/kafka/received-flows.ts';
import { Recorder } from '../support/fakes/recorder.ts';
import { everythingSaid } from '../support/processes/said.ts';
import { type Stage, startStage } from '../support/processes/stage-process.ts';
import { stageEnv } from '../support/processes/stage-env.ts';

const sessionTimeoutMs = 6_000;
/** A limit on liveness only; what was seen is printed. */
const withinMs = 30_000;
const soonMissed = { 'broker.session.timeout.ms': '3000', 'broker.heartbeat.interval.ms': '500' };
const other = 2;

describeWithKafka('a part of Kafka that is away', () => {
  let first: KafkaNode;
  let second: KafkaNode;
  let admin: Admin;
  let made = 0;

  beforeAll(async () => {
    const jars = await kafkaJars(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'));
    first = await startKafkaNode({ jars, properties: soonMissed });
    admin = clientOf(first).admin();
    await admin.connect();
    // All of the groups' offsets are kept by the only broker there is yet: it is never away.
    await makeTopic(admin, { topic: 'begin', numPartitions: 1 });
    const offsets = [{ partition: 0, offset: '0' }];
    await admin.setOffsets({ groupId: 'begin', topic: 'begin', partitions: offsets });
    second = await startKafkaNode({ jars, nodeId: other, join: first, properties: soonMissed });
  });
  afterAll(async () => {
    await admin.disconnect();
    await second.stop();
    await first.stop();
  });

  const clientOf = ({ broker }: KafkaNode) =>
    new kafkajs.Kafka({ brokers: [broker], logLevel: kafkajs.logLevel.NOTHING });

  /** One partition on each broker. */
  async function createTopic(name: string, leaders: readonly number[] = [1, other]): Promise<void> {
    await admin.createTopics({
      topics: [
        {
          topic: name,
          replicaAssignment: leaders.map((leader, partition) => ({
            partition,
            replicas: [leader],
          })),
        },
      ],
      waitForLeaders: false,
    });
    for (const partition of leaders.keys()) {
      while ((await leaderOf(name, partition)) !== leaders[partition]) await sleep(50);
    }
  }

  async function leaderOf(topic: string, partition: number): Promise<number | undefined> {
    // Another client each time: kafkajs throws the answer away where a partition has no leader.
    const { topics } = await admin
      .fetchTopicMetadata({ topics: [topic] })
      .catch(() => ({ topics: [] }));
    return topics[0]?.partitions.find(({ partitionId }) => partitionId === partition)?.leader;
  }

  async function withSecondAway(act: () => Promise<void>): Promise<void> {
    const { pid } = second;
    process.kill(pid, 'SIGKILL');
    try {
      await act();
    } finally {
      await second.restart('SIGKILL');
    }
  }

  const generator = new FlowGenerator({ seed: 11 });
  let lastId = 0;
  async function produce(topic: string, partition: number, count = 300) {
    const { DefaultPartitioner: createPartitioner } = kafkajs.Partitioners;
    const producer = clientOf(first).producer({ createPartitioner });
    await producer.connect();
    const messages = Array.from({ length: count }, () => ({
      value: flowEventType.toBuffer(generator.next()),
      partition,
    }));
    // kafkajs by itself produces only where every partition of the topic has a leader.
    await tolerating(() => producer.send({ topic, messages }));
    await producer.disconnect();
    const found = { first: lastId + 1, last: lastId + count };
    lastId += count;
    return found;
  }

  async function surroundings(topics: readonly string[], more: Record<string, string> = {}) {
    const recorder = await Recorder.listen();
    const received = new ReceivedFlows(recorder);
    const stages: Stage[] = [];
    onTestFinished(async () => {
      for (const stage of stages) stage.kill('SIGKILL');
      await recorder.close();
    });
    made += 1;
    const group = `away-${made}`;
    const start = async () => {
      const stage = await startStage({
        ...stageEnv({
          brokers: [first.broker, second.broker],
          topic: topics.join(','),
          group,
          collector: recorder.collector,
        }),
        KAFKA_SESSION_TIMEOUT: `${sessionTimeoutMs}ms`,
        KAFKA_DRAIN_TIMEOUT: '2s',
        COMMIT_INTERVAL: '300ms',
        ...more,
      });
      stages.push(stage);
      return stage;
    };
    const arrived = async (ids: { first: number; last: number }, stage: Stage) => {
      const beganAt = performance.now();
      while (received.update().missing(ids.first, ids.last).length > 0) {
        const waitedMs = performance.now() - beganAt;
        if (waitedMs > withinMs || stage.process.exitCode !== null) {
          const { length } = received.missing(ids.first, ids.last);
          throw new Error(`${length} are missing after ${waitedMs} ms:\n${everythingSaid(stage)}`);
        }
        await sleep(20);
      }
      return Math.round(performance.now() - beganAt);
    };
    return { start, arrived, received, group };
  }

  test('is a broker: a member that starts reads all other partitions, and these once it is back', async () => {
    await createTopic('unrelated', [other]);
    await createTopic('flows');
    const healthy = await produce('flows', 0);
    const away = await produce('flows', 1);
    const { start, arrived } = await surroundings(['flows']);
    let stage: Stage | undefined;
    await withSecondAway(async () => {
      stage = await start();
      const healthyMs = await arrived(healthy, stage);
      console.log(`a member that starts: its healthy partition was read after ${healthyMs} ms`);
      const line = await lineWith(stage, unreadable('flows[1]'));
      console.log(JSON.stringify(line));
      expect(line).toMatchObject({ level: 40, partitions: ['flows[1]'] });

      stage.kill('SIGKILL');
      await stage.exited;
      const more = await produce('flows', 0);
      stage = await start();
      const restartedMs = await arrived(more, stage);
      console.log(`a member that was killed and started again read on after ${restartedMs} ms`);
      await lineWith(stage, unreadable('flows[1]'));
    });
    const backMs = await arrived(away, stage!);
    console.log(`the partition that was away was read ${backMs} ms after its broker was back`);
    await lineWith(stage!, /flows\[1\] can be read again after \d+ s/);
    await arrived(await produce('flows', 1), stage!);
    expect(await stage!.stop()).toBe(0);
  });

  test('is a broker under a member that runs: its other partitions go on', async () => {
    await createTopic('running');
    const { start, arrived } = await surroundings(['running']);
    const stage = await start();
    await arrived(await produce('running', 0), stage);
    await arrived(await produce('running', 1), stage);
    const before = await produce('running', 0);
    await withSecondAway(async () => {
      await arrived(before, stage);
      await lineWith(stage, unreadable('running[1]'));
    });
    await arrived(await produce('running', 1), stage);
    await arrived(await produce('running', 0), stage);
    expect(await stage.stop()).toBe(0);
    // One line, not one for each try.
    const lines = stage.lines().filter(({ code }) => code === 'PARTITIONS_UNREADABLE');
    expect(lines.length).toBeLessThanOrEqual(3);
  });

  test('is a broker that hangs: the partitions of the others go on', async () => {
    await createTopic('hanging');
    const { start, arrived } = await surroundings(['hanging']);
    const stage = await start();
    await arrived(await produce('hanging', 0), stage);
    await arrived(await produce('hanging', 1), stage);
    process.kill(second.pid, 'SIGSTOP');
    try {
      await arrived(await produce('hanging', 0), stage);
      await lineWith(stage, unreadable('hanging[1]'));
      await arrived(await produce('hanging', 0), stage);
    } finally {
      process.kill(second.pid, 'SIGCONT');
    }
    await arrived(await produce('hanging', 1), stage);
    expect(await stage.stop()).toBe(0);
  });

  test('is the leader of some dead letters’ partition: the letters go to another one', async () => {
    await createTopic('poisoned', [1]);
    await createTopic('letters');
    const { start, received, group } = await surroundings(['poisoned'], { DLQ_TOPIC: 'letters' });
    const stage = await start();
    await stage.waitForLine('joined the group');
    await withSecondAway(async () => {
      while ((await leaderOf('letters', 1)) === other) await sleep(50);
      const poison = { value: Buffer.from('no event'), partition: 0 };
      const { DefaultPartitioner: createPartitioner } = kafkajs.Partitioners;
      const producer = clientOf(first).producer({ createPartitioner });
      await producer.connect();
      await producer.send({
        topic: 'poisoned',
        messages: Array.from({ length: 20 }, () => poison),
      });
      await producer.disconnect();
      const giveUpAt = performance.now() + withinMs;
      const committed = async () => {
        const [found] = await admin.fetchOffsets({ groupId: group, topics: ['poisoned'] });
        return found?.partitions[0]?.offset;
      };
      while ((await committed()) !== '20') {
        if (performance.now() > giveUpAt) throw new Error(everythingSaid(stage));
        await sleep(100);
      }
    });
    expect(received.update().unique).toBe(0);
    expect(await stage.stop()).toBe(0);
    expect(await stage.waitForLine('ended')).toMatchObject({ account: { deadLettered: 20 } });
  });

  test('is one of several topics: the others go on, and it is read from its start once it is there', async () => {
    await createTopic('kept');
    await createTopic('gone');
    const { start, arrived } = await surroundings(['kept', 'gone']);
    const stage = await start();
    await arrived(await produce('kept', 0), stage);
    await arrived(await produce('gone', 1), stage);
    await admin.deleteTopics({ topics: ['gone'] });
    await arrived(await produce('kept', 1), stage);
    await lineWith(stage, unreadable('gone[0]', 'gone[1]'));
    await arrived(await produce('kept', 0), stage);
    await untilGone('gone');
    await createTopic('gone');
    await arrived(await produce('gone', 1), stage);
    await arrived(await produce('gone', 0), stage);
    expect(await stage.stop()).toBe(0);
    expect(everythingSaid(stage)).not.toContain('Restarting');
  });

  test('is one of several topics at the start: the others are read, and it is once it is created', async () => {
    await createTopic('there');
    const { start, arrived } = await surroundings(['there', 'later']);
    const stage = await start();
    await arrived(await produce('there', 0), stage);
    await lineWith(stage, unreadable('later'));
    await createTopic('later');
    await arrived(await produce('later', 0), stage);
    await arrived(await produce('later', 1), stage);
    expect(await stage.stop()).toBe(0);
  });

  test('is the leader of the group that would say where to begin: a member of the new protocol has it', async () => {
    await createTopic('mixed');
    const { start, received, group } = await surroundings(['mixed']);
    const foreign = await newProtocolMember([first.broker], 'mixed', group);
    onTestFinished(() => foreign.stop());
    await produce('mixed', 0);
    await produce('mixed', 1);
    const stage = await start();
    // The other member has one of the two partitions, and commits nothing of it.
    while (received.update().unique < 300) {
      expect(stage.process.exitCode).toBe(null);
      await sleep(50);
    }
    expect(received.unique).toBe(300);
    expect(await stage.stop()).toBe(0);
  });

  /** The warning that names just these partitions. */
  function unreadable(...partitions: readonly string[]): RegExp {
    const names = partitions.map((name) => `"${name.replace(/[[\]]/g, '\\$&')}"`).join(',');
    return new RegExp(`"code":"PARTITIONS_UNREADABLE","partitions":\\[${names}\\]`);
  }

  async function lineWith(stage: Stage, text: RegExp) {
    const giveUpAt = performance.now() + withinMs;
    for (;;) {
      const found = stage.lines().find((line) => text.test(JSON.stringify(line)));
      if (found) return found;
      if (performance.now() > giveUpAt || stage.process.exitCode !== null) {
        throw new Error(`no line like ${text}:\n${everythingSaid(stage)}`);
      }
      await sleep(50);
    }
  }

  async function untilGone(topic: string): Promise<void> {
    while ((await leaderOf(topic, 0)) !== undefined) await sleep(50);
  }
});
