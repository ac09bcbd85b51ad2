// The only broker goes and comes back, under load: in order, by kill -9, and because its disk was full.
// Needs Kafka's jars: a broker that was given is not ours to end.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import { expect, onTestFinished, test } from 'vitest';
import { kafkaJars } from '../../demo/broker/kafka-jars.ts';
import { type KafkaNode, startKafkaNode } from '../../demo/broker/kafka-jvm.ts';
import type { ServerProperties } from '../../demo/broker/kafka-properties.ts';
import { flowEventType } from '../../src/generator/flow-event.ts';
import { FlowGenerator } from '../../src/generator/flow-generator.ts';
import { GroupOffsets } from '../support/kafka/group-offsets.ts';
import { describeWithKafka } from '../support/kafka/kafka.ts';
import { ReceivedFlows } from '../support/kafka/received-flows.ts';
import { Recorder } from '../support/fakes/recorder.ts';
import { type Stage, startStage } from '../support/processes/stage-process.ts';
import { idsIn } from '../support/kafka/topic-ids.ts';
import { stageEnv } from '../support/processes/stage-env.ts';

const topic = 'flows';
const partitions = 4;

// A broker that was killed comes back once its old session is over.
const soonMissed = { 'broker.session.timeout.ms': '3000', 'broker.heartbeat.interval.ms': '500' };

async function startNode(properties: ServerProperties = {}): Promise<KafkaNode> {
  const jars = await kafkaJars(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'));
  const node = await startKafkaNode({ jars, properties: { ...soonMissed, ...properties } });
  onTestFinished(() => node.stop());
  return node;
}

const clientOf = ({ broker }: KafkaNode) =>
  new kafkajs.Kafka({ brokers: [broker], logLevel: kafkajs.logLevel.NOTHING });

const generator = new FlowGenerator({ seed: 9 });

/** Sends so many events; a send that fails may have been taken all the same. */
async function produce(node: KafkaNode, count: number, padding = 0): Promise<void> {
  const { DefaultPartitioner: createPartitioner } = kafkajs.Partitioners;
  const producer = clientOf(node).producer({ createPartitioner, retry: { retries: 2 } });
  await producer.connect();
  try {
    for (let sent = 0; sent < count; sent += 500) {
      const messages = Array.from({ length: 500 }, (_, i) => ({
        value: flowEventType.toBuffer(generator.next()),
        headers: { padding: 'x'.repeat(padding) },
        partition: i % partitions,
      }));
      await producer.send({ topic, messages });
    }
  } finally {
    await producer.disconnect().catch(() => undefined);
  }
}

async function around(node: KafkaNode) {
  const brokers = [node.broker];
  const offsets = await GroupOffsets.open({ brokers, group: 'group', topic, partitions });
  const recorder = await Recorder.listen();
  onTestFinished(async () => {
    await Promise.all([recorder.close(), offsets.close().catch(() => undefined)]);
  });
  const received = new ReceivedFlows(recorder);
  const start = () =>
    startStage({
      ...stageEnv({ brokers: node.broker, topic, group: 'group', collector: recorder.collector }),
      SHUTDOWN_TIMEOUT: '3s',
      COMMIT_INTERVAL: '300ms',
    });
  return { offsets, received, start };
}

/** What the topic holds has arrived, all of it. */
async function completes(node: KafkaNode, { offsets, received }: Around, stage: Stage) {
  await stage.waitForLine('joined the group', 60_000);
  await offsets.untilNoLag(90_000);
  expect(await stage.stop()).toBe(0);
  await sleep(200);
  received.update();
  const ids = [...(await idsIn([node.broker], topic)).keys()];
  expect(ids.filter((id) => !received.has(id))).toEqual([]);
  return ids.length;
}

type Around = Awaited<ReturnType<typeof around>>;

describeWithKafka('the only broker', () => {
  test('restarted in order and killed under load, loses nothing of the stage', async () => {
    const node = await startNode();
    const parts = await around(node);
    const stage = await parts.start();
    await stage.waitForLine('joined the group');
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await produce(node, 10_000);
      const producing = produce(node, 20_000).catch(() => undefined);
      await sleep(100);
      await node.restart(signal);
      await producing;
    }
    await produce(node, 5_000);
    expect(await completes(node, parts, stage)).toBeGreaterThanOrEqual(25_000);
    console.log(`${parts.received.repeated} events came twice`);
  });
});

const diskOctets = 48 * 2 ** 20;
const mountTmpfs = (folder: string, options: string) =>
  spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'kafka2ipfix-test', folder]).status === 0;
const unmount = (folder: string) => spawnSync('umount', ['--lazy', folder]);

function mayMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-disk-'));
  const isMounted = mountTmpfs(folder, 'size=1m');
  if (isMounted) unmount(folder);
  rmSync(folder, { recursive: true });
  return isMounted;
}

const isAllowed = mayMount();
const name = 'a broker whose disk is full';

describeWithKafka(isAllowed ? name : `${name} (this user may not mount one)`, () => {
  test.runIf(isAllowed)('dies, and the stage commits nothing that did not leave', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-disk-'));
    mountTmpfs(folder, `size=${diskOctets}`);
    onTestFinished(() => {
      unmount(folder);
      rmSync(folder, { recursive: true, force: true });
    });
    const node = await startNode({ 'log.segment.bytes': String(2 ** 20), 'log.dirs': folder });
    const parts = await around(node);
    const stage = await parts.start();
    await stage.waitForLine('joined the group');
    await produce(node, 5_000);
    // 500 messages of 20 kB each a send.
    await expect(produce(node, 20_000, 20_000)).rejects.toThrow();
    // 0 where all that it had read was committed before; what matters is that nothing is missing below.
    expect([0, 70, 75]).toContain(await stage.stop());

    mountTmpfs(folder, 'remount,size=1g');
    await node.restart('SIGKILL');
    await completes(node, parts, await parts.start());
  });
});
