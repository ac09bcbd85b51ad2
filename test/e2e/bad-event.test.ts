// A message that is no event, among good ones; and one without a value.

import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';
import { expect, onTestFinished, test } from 'vitest';
import { flowEventType } from '../../src/generator/flow-event.ts';
import { FlowGenerator } from '../../src/generator/flow-generator.ts';
import { GroupOffsets } from '../support/kafka/group-offsets.ts';
import { describeWithKafka, kafkaClient } from '../support/kafka/kafka.ts';
import { ReceivedFlows } from '../support/kafka/received-flows.ts';
import { Recorder } from '../support/fakes/recorder.ts';
import { everythingSaid } from '../support/processes/said.ts';
import { startStage } from '../support/processes/stage-process.ts';
import { stageEnv } from '../support/processes/stage-env.ts';

const good = 2000;
const poisonOffset = 1200;
const tombstoneOffset = 700;
const badEvent = 65;

describeWithKafka('a message that is no event', (brokers) => {
  test('stops the stage where it lies, again and again, and repeats nothing', async () => {
    const { topic, offsets, recorder, env } = await surroundings(brokers);
    for (const start of ['first', 'second']) {
      const stage = await startStage(env);
      const { code } = await stage.exited;
      expect(code, start).toBe(badEvent);
      expect((await offsets.committed()).get(0), start).toBe(BigInt(poisonOffset));
      const said = everythingSaid(stage);
      expect(said).toContain(`${topic}[0] offset ${poisonOffset}: `);
      expect(said).toContain('ON_BAD_EVENT=discard');
    }
    const below = poisonOffset - 1; // the tombstone
    expect(new ReceivedFlows(recorder).update()).toMatchObject({ unique: below, repeated: 0 });
  });

  test('is counted, logged and passed over where the operator chose so', async () => {
    const { topic, offsets, recorder, env } = await surroundings(brokers);
    const stage = await startStage({ ...env, ON_BAD_EVENT: 'discard' });
    await offsets.untilNoLag();
    expect(await stage.stop()).toBe(0);
    const received = new ReceivedFlows(recorder).update();
    expect(received.missing(1, good)).toEqual([]);
    expect(received).toMatchObject({ unique: good, repeated: 0 });
    expect(stage.lines()).toContainEqual(
      expect.objectContaining({ level: 40, topic, partition: 0, offset: poisonOffset }),
    );
    const account = { consumed: good + 2, exported: good, discarded: 2, inFlight: 0 };
    const discardedByReason = { 'bad event': 1, tombstone: 1 };
    expect(await stage.waitForLine('ended')).toMatchObject({
      account: { ...account, discardedByReason },
    });
  });
});

describeWithKafka('a message without a value', (brokers) => {
  test('is counted as discarded and stops nothing', async () => {
    const { offsets, recorder, env } = await surroundings(brokers, { poison: false });
    const stage = await startStage(env);
    await offsets.untilNoLag();
    expect(await stage.stop()).toBe(0);
    expect(new ReceivedFlows(recorder).update().missing(1, good)).toEqual([]);
    expect(await stage.waitForLine('ended')).toMatchObject({
      account: { exported: good, discarded: 1, discardedByReason: { tombstone: 1 } },
    });
  });
});

async function surroundings(brokers: readonly string[], { poison = true } = {}) {
  const topic = `flows-${randomUUID()}`;
  const group = `group-${randomUUID()}`;
  const offsets = await GroupOffsets.open({ brokers, group, topic, partitions: 1 });
  const recorder = await Recorder.listen();
  onTestFinished(async () => {
    await Promise.all([offsets.close(), recorder.close()]);
  });
  const generator = new FlowGenerator({ seed: 3 });
  const values: (Buffer | null)[] = Array.from({ length: good }, () =>
    flowEventType.toBuffer(generator.next()),
  );
  values.splice(tombstoneOffset, 0, null);
  if (poison) values.splice(poisonOffset, 0, Buffer.from('this is no flow event at all'));
  const producer = kafkaClient().producer({
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  await producer.send({ topic, messages: values.map((value) => ({ value, partition: 0 })) });
  await producer.disconnect();
  const env = stageEnv({ brokers, topic, group, collector: recorder.collector });
  return { topic, offsets, recorder, env };
}
