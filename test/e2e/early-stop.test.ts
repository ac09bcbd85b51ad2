// SIGTERM at moments when the stage has hardly begun: it ends as it would later.

import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { describeWithKafka } from '../support/kafka/kafka.ts';
import { KafkaStage } from '../support/kafka/kafka-stage.ts';
import type { Stage } from '../support/processes/stage-process.ts';

const plantFile = new URL('../support/processes/plant.ts', import.meta.url).href;

type Moment = readonly [name: string, wait: (stage: Stage) => Promise<unknown>];
/** Connecting, made slow here, begins soon after the line and lasts a second. */
const started = (waitMs: number) => async (stage: Stage) => {
  await stage.waitForLine('starting');
  await sleep(waitMs);
};
const moments: readonly Moment[] = [
  ['before its Worker has connected', started(400)],
  ['while it joins the group', started(1500)],
  ['as soon as it has joined', (stage) => stage.waitForLine('joined the group')],
];

describeWithKafka('SIGTERM', (brokers) => {
  test.each(moments)('%s ends with 0, and nothing comes twice', async (_, wait) => {
    const around = await KafkaStage.around({ brokers, ratePerSecond: 4000 });
    onTestFinished(() => around.close());
    // As a collector's name that takes its time to resolve.
    const stage = await around.start(
      { PLANT: 'BatchSender.connect 1 slow', SHUTDOWN_TIMEOUT: '10s' },
      { nodeArgs: ['--import', plantFile] },
    );
    await wait(stage);
    expect(await stage.stop()).toBe(0);
    const { committedUnreceived, receivedUncommitted } = await around.standing();
    expect({ committedUnreceived, receivedUncommitted }).toEqual({
      committedUnreceived: [],
      receivedUncommitted: 0,
    });
  });
});
