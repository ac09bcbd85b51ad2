// The offset to be read next is gone: retention overtook a slow member, or the topic was made anew.
// kafkajs alone would go on elsewhere without a word.

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Admin } from 'kafkajs';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { flowEventType } from '../../src/generator/flow-event.ts';
import { FlowGenerator } from '../../src/generator/flow-generator.ts';
import { makeTopic } from '../../src/generator/make-topic.ts';
import { GroupOffsets } from '../support/kafka/group-offsets.ts';
import { describeWithKafka, kafkaClient } from '../support/kafka/kafka.ts';
import { ReceivedFlows } from '../support/kafka/received-flows.ts';
import { Recorder } from '../support/fakes/recorder.ts';
import { everythingSaid } from '../support/processes/said.ts';
import { startStage } from '../support/processes/stage-process.ts';
import { stageEnv } from '../support/processes/stage-env.ts';

const software = 70;
const slow = { EXPORT_RATE_LIMIT: '4000' };

describeWithKafka('an offset that is gone', (brokers) => {
  let admin: Admin;
  beforeAll(async () => {
    admin = kafkaClient().admin();
    await admin.connect();
  });
  afterAll(() => admin.disconnect());

  async function surroundings() {
    const topic = `flows-${randomUUID()}`;
    const group = `group-${randomUUID()}`;
    const offsets = await GroupOffsets.open({ brokers, group, topic, partitions: 1 });
    const recorder = await Recorder.listen();
    onTestFinished(async () => {
      await Promise.all([offsets.close(), recorder.close()]);
    });
    const env = {
      ...stageEnv({ brokers, topic, group, collector: recorder.collector }),
      COMMIT_INTERVAL: '200ms',
    };
    return { topic, offsets, recorder, received: new ReceivedFlows(recorder), env };
  }

  const generator = new FlowGenerator({ seed: 3 });
  let lastId = 0;
  async function produce(topic: string, count: number): Promise<{ first: number; last: number }> {
    const producer = kafkaClient().producer({
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    const first = lastId + 1;
    for (let left = count; left > 0; left -= 1000) {
      const messages = Array.from({ length: Math.min(left, 1000) }, () => ({
        value: flowEventType.toBuffer(generator.next()),
        partition: 0,
      }));
      await producer.send({ topic, messages });
    }
    lastId += count;
    await producer.disconnect();
    return { first, last: lastId };
  }

  async function removeBelow(topic: string, offset: number): Promise<void> {
    // Which broker leads the partition is known after a question about it.
    await admin.fetchTopicOffsets(topic);
    const partitions = [{ partition: 0, offset: String(offset) }];
    await admin.deleteTopicRecords({ topic, partitions });
  }

  async function untilReceived(received: ReceivedFlows, count: number): Promise<void> {
    while (received.update().unique < count) await sleep(50);
  }

  test('because retention was faster: what it took is counted and said, the rest arrives', async () => {
    const { topic, offsets, received, env } = await surroundings();
    const { last } = await produce(topic, 60_000);
    const stage = await startStage({ ...env, ...slow });
    await untilReceived(received, 500);
    await removeBelow(topic, 58_000);
    await offsets.untilNoLag();
    expect(await stage.stop()).toBe(0);
    received.update();
    expect(received.missing(last - 2_000 + 1, last)).toEqual([]);
    const { account } = (await stage.waitForLine('ended')) as { account: Record<string, number> };
    expect(account['removed']).toBeGreaterThan(0);
    expect(account['removed']! + account['exported']!).toBe(60_000);
    expect(received).toMatchObject({ unique: account['exported'], repeated: 0 });
    expect(everythingSaid(stage)).toMatch(/RETENTION_REMOVED_RECORDS/);
  });

  test('because retention was faster, with KAFKA_AUTO_OFFSET_RESET=error: the stage stops', async () => {
    const { topic, received, env } = await surroundings();
    await produce(topic, 60_000);
    const begun = await startStage({ ...env, ...slow });
    await untilReceived(received, 500);
    await begun.stop();
    const stage = await startStage({ ...env, ...slow, KAFKA_AUTO_OFFSET_RESET: 'error' });
    await untilReceived(received, 3_000);
    await removeBelow(topic, 58_000);
    expect(await stage.exited).toMatchObject({ code: software });
    expect(everythingSaid(stage)).toMatch(/retention removed \d+ records.*AUTO_OFFSET_RESET=error/);
  });

  test('because the topic was created again: what is new is read from its beginning', async () => {
    const { topic, offsets, received, env } = await surroundings();
    const old = await produce(topic, 5_000);
    const stage = await startStage(env);
    await offsets.untilNoLag();
    await admin.deleteTopics({ topics: [topic] });
    await sleep(1_000);
    await makeTopic(admin, { topic, numPartitions: 1 });
    const { last } = await produce(topic, 1_000);
    await untilReceived(received, 6_000);
    expect(received.missing(old.first, last)).toEqual([]);
    await offsets.untilNoLag();
    expect(await stage.stop()).toBe(0);
    expect(await stage.waitForLine('ended')).toMatchObject({
      account: { exported: 6_000, inFlight: 0 },
    });
  });

  test.each([
    ['more records and more partitions than before', 3, 'earliest'],
    ['more records, and a setting that begins at the end', 1, 'latest'],
  ] as const)(
    'because the topic was created again with %s: all of it is read',
    async (_, numPartitions, reset) => {
      const { topic, offsets, received, env } = await surroundings();
      const stage = await startStage({ ...env, KAFKA_AUTO_OFFSET_RESET: reset });
      await stage.waitForLine('joined the group');
      const old = await produce(topic, 1_000);
      await offsets.untilNoLag();
      await admin.deleteTopics({ topics: [topic] });
      await sleep(500);
      await makeTopic(admin, { topic, numPartitions });
      const { first, last } = await produce(topic, 4_000);
      await untilReceived(received, 5_000);
      expect(received.missing(first, last)).toEqual([]);
      expect(received.missing(old.first, old.last)).toEqual([]);
      await offsets.untilNoLag();
      expect(await stage.stop()).toBe(0);
      expect(everythingSaid(stage)).toContain('the topic was deleted and created again');
    },
  );

  test('because the topic was created again, with KAFKA_AUTO_OFFSET_RESET=error: the stage stops', async () => {
    const { topic, offsets, env } = await surroundings();
    await produce(topic, 100);
    const begun = await startStage(env);
    await offsets.untilNoLag();
    expect(await begun.stop()).toBe(0);
    const stage = await startStage({ ...env, KAFKA_AUTO_OFFSET_RESET: 'error' });
    await stage.waitForLine('joined the group');
    await admin.deleteTopics({ topics: [topic] });
    await sleep(500);
    await makeTopic(admin, { topic, numPartitions: 1 });
    expect(await stage.exited).toMatchObject({ code: software });
    expect(everythingSaid(stage)).toMatch(/created again.*AUTO_OFFSET_RESET=error/);
  });

  test('because it is past the end of the log, with KAFKA_AUTO_OFFSET_RESET=error: the stage stops', async () => {
    const { topic, env } = await surroundings();
    await produce(topic, 10);
    const partitions = [{ partition: 0, offset: '1000' }];
    await admin.setOffsets({ groupId: env.KAFKA_GROUP_ID, topic, partitions });
    const stage = await startStage({ ...env, KAFKA_AUTO_OFFSET_RESET: 'error' });
    expect(await stage.exited).toMatchObject({ code: software });
    expect(everythingSaid(stage)).toMatch(/the log ends at 10, below the next offset 1000/);
    expect(everythingSaid(stage)).not.toContain('Restarting');
  });
});
