// Dead letters stay for the whole retention of their topic, however old the events are, and so does what
// `requeue` writes. A broker of its own: it looks for what is to be removed each second.

import { randomUUID } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Admin } from 'kafkajs';
import { expect, onTestFinished, test } from 'vitest';
import { kafkaJars } from '../../demo/broker/kafka-jars.ts';
import { startKafkaNode } from '../../demo/broker/kafka-jvm.ts';
import { makeTopic } from '../../src/generator/make-topic.ts';
import { runCommand } from '../support/processes/command-line.ts';
import { deadLettersIn } from '../support/kafka/dead-letters.ts';
import { messagesIn } from '../support/kafka/topic-messages.ts';
import { encode, flowEvent } from '../support/events/flow-events.ts';
import {
  createTopic as createTopicOf,
  describeWithKafka,
  kafkaClient,
} from '../support/kafka/kafka.ts';
import { Recorder } from '../support/fakes/recorder.ts';
import { everythingSaid } from '../support/processes/said.ts';
import { startStage } from '../support/processes/stage-process.ts';
import { stageEnv } from '../support/processes/stage-env.ts';

const dayMs = 86_400_000;
const retentionMs = 60_000;
const removedEachSecond = {
  'log.retention.check.interval.ms': '1000',
  'log.initial.task.delay.ms': '0',
};
/** Enough looks for what is to be removed. */
const lookedAtMs = 8_000;

describeWithKafka('letters of events of every age', () => {
  test('are kept for the retention of their topic, and so are those that go back', async () => {
    const jars = await kafkaJars(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'));
    const node = await startKafkaNode({ jars, properties: removedEachSecond });
    onTestFinished(() => node.stop());
    const brokers = [node.broker];
    const kafka = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    onTestFinished(() => admin.disconnect());
    await createTopic(admin, 'flows', retentionMs);
    await createTopic(admin, 'letters', retentionMs);

    const recorder = await Recorder.listen();
    onTestFinished(() => recorder.close());
    const env = {
      ...stageEnv({
        brokers: node.broker,
        topic: 'flows',
        group: 'kept',
        collector: recorder.collector,
      }),
      KAFKA_FETCH_MAX_WAIT: '50ms',
      DLQ_TOPIC: 'letters',
    };
    const stage = await startStage(env);
    await stage.waitForLine('joined the group');
    expect(everythingSaid(stage)).toContain(`retention.ms is ${retentionMs}`);

    const nowMs = Date.now();
    const ages = [0, 1, nowMs - 10 * dayMs, nowMs - 2 * retentionMs, nowMs, nowMs + dayMs / 48];
    const producer = kafka.producer({
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    // Each alone: Kafka removes the old ones within a second, and the stage has to be sooner.
    const letters = async () => (await deadLettersIn(brokers, 'letters')).length;
    for (const [i, timeMs] of ages.entries()) {
      const value = encode(flowEvent({ sourcePort: 70_000 }));
      await producer.send({ topic: 'flows', messages: [{ value, timestamp: String(timeMs) }] });
      const giveUpAt = performance.now() + 20_000;
      while ((await letters()) <= i && performance.now() < giveUpAt) await sleep(20);
    }
    await producer.disconnect();
    await sleep(lookedAtMs);
    const found = await deadLettersIn(brokers, 'letters');
    const originals = found.map(({ ours }) => Number(ours['timestamp']));
    expect(originals.toSorted((a, b) => a - b)).toEqual(ages);
    expect(await stage.stop()).toBe(0);

    const requeued = await runCommand(['requeue'], { env });
    expect(requeued.stdout).toContain(`requeued ${ages.length} dead letters`);
    await sleep(lookedAtMs);
    const back = (await messagesIn(brokers, 'flows')).flatMap(({ timestampMs, headers }) => {
      const original = headers.find(({ key }) => key === 'kafka2ipfix.timestamp');
      return original ? [{ timestampMs, originalMs: Number(String(original.value)) }] : [];
    });
    const times = back.map(({ originalMs }) => originalMs);
    expect(times.toSorted((a, b) => a - b)).toEqual(ages);
    expect(back.every(({ timestampMs }) => timestampMs! >= nowMs - retentionMs)).toBe(true);
  });
});

describeWithKafka('letters', (brokers) => {
  test('that compaction or retention can remove are warned of', async () => {
    const admin = kafkaClient().admin();
    await admin.connect();
    onTestFinished(() => admin.disconnect());
    const flows = await createTopicOf();
    const said = async (policy: string, bytes: number, ms: number) => {
      const topic = `letters-${policy}-${bytes}-${randomUUID()}`;
      const entries = { 'cleanup.policy': policy, 'retention.bytes': bytes, 'retention.ms': ms };
      await makeTopic(admin, { topic, numPartitions: 1, configEntries: entriesOf(entries) });
      const stage = await startStage({
        ...stageEnv({ brokers, topic: flows, group: topic, collector: 'ipfix://127.0.0.1:9' }),
        DLQ_TOPIC: topic,
      });
      await stage.waitForLine('joined the group');
      await stage.stop();
      const warnings = stage.lines().filter(({ code }) => code === 'DEAD_LETTERS_REMOVABLE');
      return warnings.map(({ reason }) => reason);
    };
    expect(await said('compact', -1, -1)).toEqual([
      'compaction keeps only one letter per key: set cleanup.policy=delete',
    ]);
    expect(await said('delete', 1_000, -1)).toEqual([
      'retention.bytes is 1000: read them in time, or set it to -1',
    ]);
    expect(await said('delete', -1, -1)).toEqual([]);
  });
});

async function createTopic(admin: Admin, topic: string, ms: number): Promise<void> {
  const configEntries = entriesOf({ 'retention.ms': ms });
  await makeTopic(admin, { topic, numPartitions: 1, configEntries });
}

const entriesOf = (entries: Readonly<Record<string, string | number>>) =>
  Object.entries(entries).map(([name, value]) => ({ name, value: String(value) }));
