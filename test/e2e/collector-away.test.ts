// A collector that refuses, a kernel that stalls, a send that fails: nothing is committed that did
// not leave, and all of it leaves in the end.

import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { sumOf } from '../support/kafka/group-offsets.ts';
import { describeWithKafka } from '../support/kafka/kafka.ts';
import { KafkaStage } from '../support/kafka/kafka-stage.ts';
import { Recorder } from '../support/fakes/recorder.ts';
import { everythingSaid, untilSaid } from '../support/processes/said.ts';
import type { Stage } from '../support/processes/stage-process.ts';

const count = 20_000;
const plantFile = new URL('../support/processes/plant.ts', import.meta.url).href;
const nodeArgs = ['--import', plantFile];
const UDP_SENDER = 'batch';
const refuses = /collector refuses/;

describeWithKafka('a collector that is away', (brokers) => {
  test('at the start gets everything once it is there, and nothing is committed before', async () => {
    const around = await KafkaStage.around({ brokers, ratePerSecond: 20_000, count });
    onTestFinished(() => around.close());
    const { host, port } = around.recorder;
    await around.recorder.close();
    const stage = await around.start();
    await untilSaid(stage, refuses);
    await stage.waitForLine('joined the group');
    await around.feed.done();
    for (let look = 0; look < 5; look++) {
      await sleep(400);
      expect(sumOf(await around.offsets.committed())).toBe(0n);
    }
    await startListening(around, host, port);
    await completes(around, stage);
    expect(around.received.repeated).toBe(0);
  });

  test('in the middle gets again what was refused, and no number is left out', async () => {
    const around = await KafkaStage.around({ brokers, ratePerSecond: 10_000 });
    onTestFinished(() => around.close());
    const { host, port } = around.recorder;
    const stage = await around.start();
    await stage.waitForLine('joined the group');
    await around.untilCaughtUp();
    await around.recorder.close();
    await untilSaid(stage, refuses);
    // Some intervals of committing, all of them refused.
    await sleep(2500);
    const { committedUnreceived, receivedUncommitted } = await around.standing();
    expect(committedUnreceived).toEqual([]);
    await startListening(around, host, port);
    await untilSaid(stage, /collector is back/);
    await around.untilCaughtUp();
    await completes(around, stage);
    const { refusals, resentMessages } = sentOf(stage);
    console.log(
      `${refusals} refusals, ${resentMessages} Messages and ${around.received.repeated} events repeated`,
    );
    expect(refusals).toBeGreaterThan(0);
    // Only what had come and was not yet confirmed may come again.
    expect(around.received.repeated).toBeLessThanOrEqual(receivedUncommitted);
  });
});

describeWithKafka('SIGTERM while the collector refuses', (brokers) => {
  test('ends with 75 when its time is up, and commits nothing', async () => {
    const around = await KafkaStage.around({ brokers, ratePerSecond: 20_000, count });
    onTestFinished(() => around.close());
    await around.recorder.close();
    const stage = await around.start({ SHUTDOWN_TIMEOUT: '1s' });
    await untilSaid(stage, refuses);
    await stage.waitForLine('joined the group');
    await around.feed.done();
    expect(await stage.stop()).toBe(75);
    expect(sumOf(await around.offsets.committed())).toBe(0n);
  });
});

describeWithKafka('a kernel', (brokers) => {
  test('that takes nothing for a while is waited for, in order and without a repeat', async () => {
    const around = await KafkaStage.around({ brokers, ratePerSecond: 20_000, count });
    onTestFinished(() => around.close());
    // A dozen waits, each twice as long as the one before.
    const stage = await around.start(
      { UDP_SENDER, PLANT: 'BatchSender.send 100 later 12' },
      { nodeArgs },
    );
    await untilSaid(stage, /COLLECTOR_STALLED/);
    await completes(around, stage);
    expect(around.received.repeated).toBe(0);
  });

  test('that fails a datagram once ends the process; the next one goes on from there', async () => {
    const around = await KafkaStage.around({ brokers, ratePerSecond: 20_000, count });
    onTestFinished(() => around.close());
    const failing = await around.start(
      { UDP_SENDER, PLANT: 'BatchSender.send 100 failed' },
      { nodeArgs },
    );
    expect((await failing.exited).code).toBe(70);
    expect(everythingSaid(failing)).toContain('planted outcome');
    const { committedUnreceived, receivedUncommitted } = await around.standing();
    expect(committedUnreceived).toEqual([]);
    await completes(around, await around.start());
    expect(around.received.repeated).toBe(receivedUncommitted);
  });
});

/** Listens where the closed Recorder did; whatever was sent there in the meantime was refused. */
async function startListening(around: KafkaStage, host: string, port: number): Promise<void> {
  const recorder = await Recorder.listen({ host, port });
  onTestFinished(() => recorder.close());
  around.received.add(recorder);
}

/** All that was produced arrives, Templates first and without gaps, and the stage ends with 0. */
async function completes(around: KafkaStage, stage: Stage): Promise<void> {
  await around.feed.stop();
  await around.offsets.untilNoLag();
  expect(await stage.stop()).toBe(0);
  await around.standing();
  expect(around.received.missing(1, around.feed.produced)).toEqual([]);
  expect(around.received.unknownSets).toBe(0);
  expect(around.received.sequence()).toMatchObject({ missingRecords: 0 });
}

function sentOf(stage: Stage): { refusals: number; resentMessages: number } {
  const ended = stage.lines().find(({ msg }) => msg === 'ended');
  return ended?.['sent'] as { refusals: number; resentMessages: number };
}
