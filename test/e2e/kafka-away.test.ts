// What the log says of Kafka: nothing while all is in order, one warning while no broker answers, one line
// when one does. Needs Kafka's jars: a broker that was given is not ours to stop.

import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { kafkaJars } from '../../demo/broker/kafka-jars.ts';
import { type KafkaNode, startKafkaNode } from '../../demo/broker/kafka-jvm.ts';
import { flowEventType } from '../../src/generator/flow-event.ts';
import { FlowGenerator } from '../../src/generator/flow-generator.ts';
import { runCommand } from '../support/processes/command-line.ts';
import { GroupOffsets } from '../support/kafka/group-offsets.ts';
import { describeWithKafka } from '../support/kafka/kafka.ts';
import { Recorder } from '../support/fakes/recorder.ts';
import { type LogLine, type Stage, startStage } from '../support/processes/stage-process.ts';
import { stageEnv } from '../support/processes/stage-env.ts';

// A broker that was killed comes back once its old session is over.
const soonMissed = { 'broker.session.timeout.ms': '3000', 'broker.heartbeat.interval.ms': '500' };
const usualMinimum = { 'group.min.session.timeout.ms': '6000' };
const topic = 'flows';
const warnLevel = 40;
let node: KafkaNode;
let recorder: Recorder;

const clientOf = ({ broker }: KafkaNode) =>
  new kafkajs.Kafka({ brokers: [broker], logLevel: kafkajs.logLevel.NOTHING });

async function producing(): Promise<() => Promise<void>> {
  const { DefaultPartitioner: createPartitioner } = kafkajs.Partitioners;
  const producer = clientOf(node).producer({ createPartitioner });
  await producer.connect();
  const generator = new FlowGenerator({ seed: 17 });
  let isOver = false;
  const run = async () => {
    while (!isOver) {
      const value = flowEventType.toBuffer(generator.next());
      await producer.send({ topic, messages: Array.from({ length: 20 }, () => ({ value })) });
      await sleep(100);
    }
  };
  const done = run().catch(() => undefined);
  return async () => {
    isOver = true;
    await done;
    await producer.disconnect().catch(() => undefined);
  };
}

const start = (group: string, more: Record<string, string> = {}): Promise<Stage> =>
  startStage({
    ...stageEnv({ brokers: node.broker, topic, group, collector: recorder.collector }),
    ...{ WORKERS: '2', COMMIT_INTERVAL: '300ms', SHUTDOWN_TIMEOUT: '5s' },
    ...more,
  });

const atLeastWarnings = (stage: Stage): LogLine[] =>
  stage.lines().filter(({ level }) => Number(level) >= warnLevel);

const codes = (stage: Stage): unknown[] => atLeastWarnings(stage).map(({ code }) => code);

async function untilCode(stage: Stage, code: string, timeoutMs: number): Promise<LogLine> {
  const giveUpAt = performance.now() + timeoutMs;
  while (performance.now() < giveUpAt) {
    const line = stage.lines().find((one) => one['code'] === code);
    if (line) return line;
    await sleep(50);
  }
  throw new Error(`no ${code} in: ${JSON.stringify(stage.lines())}`);
}

const secondsBetween = (from: LogLine, to: LogLine): number =>
  (Number(to['time']) - Number(from['time'])) / 1_000;

const logged = (stage: Stage): string =>
  stage
    .lines()
    .map((line) => JSON.stringify(line))
    .join('\n');

describeWithKafka('the log', () => {
  beforeAll(async () => {
    const jars = await kafkaJars(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'));
    node = await startKafkaNode({ jars, properties: { ...soonMissed, ...usualMinimum } });
    recorder = await Recorder.listen();
    const admin = clientOf(node).admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 4 }], waitForLeaders: true });
    await admin.disconnect();
    return async () => {
      await recorder.close();
      await node.stop();
    };
  });

  test('has no warning at a start, a rebalance of two processes and a rolling restart', async () => {
    const stop = await producing();
    onTestFinished(stop);
    let domain = 1;
    const next = () => start('rolling', { OBSERVATION_DOMAIN_ID: String((domain += 2)) });
    let [first, second] = [await next(), await next()];
    const stages = [first, second];
    await Promise.all(stages.map((stage) => stage.waitForLine('joined the group')));
    for (let round = 0; round < 2; round += 1) {
      await sleep(1_500);
      expect(await first.stop()).toBe(0);
      [first, second] = [second, await next()];
      stages.push(second);
      await second.waitForLine('joined the group');
    }
    await sleep(1_500);
    for (const stage of [first, second]) expect(await stage.stop()).toBe(0);
    for (const stage of stages) expect(atLeastWarnings(stage)).toEqual([]);
  });

  test('names the setting whose value the broker does not allow', async () => {
    const stage = await start('short', {
      KAFKA_SESSION_TIMEOUT: '2s',
      KAFKA_DRAIN_TIMEOUT: '500ms',
    });
    expect((await stage.exited).code).toBe(78);
    expect(codes(stage)).toEqual(['PIPELINE_STOPPED']);
    const { err } = atLeastWarnings(stage)[0] as { err: Record<string, unknown> };
    expect(err).toMatchObject({ code: 'INVALID_SESSION_TIMEOUT' });
    expect(err['message']).toMatch(/^group short: .*KAFKA_SESSION_TIMEOUT=2000ms/);
    expect(err).not.toHaveProperty('stack');
  });

  test('has one warning while the broker hangs, and one line when it answers again', async () => {
    const stop = await producing();
    onTestFinished(stop);
    const stage = await start('frozen');
    await stage.waitForLine('joined the group');
    await sleep(1_000);
    const frozenAt = { time: Date.now() };
    process.kill(node.pid, 'SIGSTOP');
    try {
      const away = await untilCode(stage, 'KAFKA_AWAY', 60_000);
      console.log(`noticed after ${secondsBetween(frozenAt, away).toFixed(1)} s`);
      expect(away).toMatchObject({ brokers: [node.broker] });
      expect(String(away['msg'])).toMatch(/nothing is lost.*KAFKA_BROKERS/);
      await sleep(5_000);
    } finally {
      process.kill(node.pid, 'SIGCONT');
    }
    await stage.waitForLine('Kafka answers again');
    await sleep(3_000);
    console.log(logged(stage));
    expect(codes(stage)).toEqual(['KAFKA_AWAY']);
    expect(await stage.stop()).toBe(0);
  });

  test('has one warning while the broker is away, from the start and later', async () => {
    process.kill(node.pid, 'SIGKILL');
    const stage = await start('away');
    const away = await untilCode(stage, 'KAFKA_AWAY', 30_000);
    const starting = await stage.waitForLine('starting');
    console.log(`noticed ${secondsBetween(starting, away).toFixed(1)} s after the start`);
    expect(away).toMatchObject({ brokers: [node.broker], seconds: 0 });
    expect(String(away['reason'])).toContain('ECONNREFUSED');
    const startedMs = performance.now();
    const { code, stdout, stderr } = await runCommand(['decode'], {
      env: stageEnv({ brokers: node.broker, topic, group: 'g', collector: recorder.collector }),
    });
    console.log(`decode gave up after ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`);
    expect([code, stdout]).toEqual([70, '']);
    expect(stderr).toMatch(/^kafka2ipfix: .*ECONNREFUSED.*check that KAFKA_BROKERS are up/);
    await node.restart('SIGKILL');
    await stage.waitForLine('Kafka answers again', 60_000);
    await stage.waitForLine('joined the group', 60_000);
    expect(codes(stage)).toEqual(['KAFKA_AWAY']);

    const stop = await producing();
    await sleep(1_000);
    process.kill(node.pid, 'SIGKILL');
    await sleep(4_000);
    expect(codes(stage)).toEqual(['KAFKA_AWAY', 'KAFKA_AWAY']);
    await node.restart('SIGKILL');
    await sleep(3_000);
    await stop();
    console.log(logged(stage));
    expect(codes(stage)).toEqual(['KAFKA_AWAY', 'KAFKA_AWAY']);
    const around = { brokers: [node.broker], group: 'away', topic, partitions: 4 };
    const offsets = await GroupOffsets.open(around);
    await offsets.untilNoLag(60_000);
    await offsets.close();
    expect(await stage.stop()).toBe(0);
  });
});
