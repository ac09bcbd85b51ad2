// A throw in any operator of the pipeline ends the process, and what had not left stays uncommitted.

import { expect, test } from 'vitest';
import { describeWithKafka } from '../support/kafka/kafka.ts';
import { KafkaStage } from '../support/kafka/kafka-stage.ts';
import { everythingSaid } from '../support/processes/said.ts';

const plantFile = new URL('../support/processes/plant.ts', import.meta.url).href;
const softwareFault = 70;

// At the first call after some commits, so that there is something to go too far.
const plants = [
  ['paint', 'Worker.paint'],
  ['paint, in the seal of a full Frame or of an old one', 'Frame.seal'],
  ['transmit', 'Sink.transmit'],
  ['transmit, in the hand-over of a datagram', 'DgramSender.send'],
  ['transmit, in the hand-over of a run', 'BatchSender.send'],
  ['settle', 'Ledger.settle'],
  ['commit', 'KafkaSource.commit'],
] as const;
const fromCommit = '3';

describeWithKafka('a throw', (brokers) => {
  test.concurrent.for(plants)('in %s ends the process, uncommitted', async ([, plant], context) => {
    const around = await KafkaStage.around({ brokers, ratePerSecond: 4000 });
    context.onTestFinished(() => around.close());
    const stage = await around.start(
      {
        PLANT: plant,
        PLANT_FROM_COMMIT: fromCommit,
        COMMIT_INTERVAL: '200ms',
        UDP_SENDER: plant === 'DgramSender.send' ? 'dgram' : 'auto',
      },
      { nodeArgs: ['--import', plantFile] },
    );
    const { code } = await stage.exited;
    expect(code).toBe(softwareFault);
    expect(everythingSaid(stage)).toContain(`planted in ${plant}`);

    await around.feed.stop();
    const { committed, committedUnreceived } = await around.standing();
    expect(committedUnreceived).toEqual([]);
    expect(await around.offsets.lag()).toBeGreaterThan(0n);
    expect(Math.max(...Array.from(committed.values(), Number))).toBeGreaterThan(0);
  });
});
