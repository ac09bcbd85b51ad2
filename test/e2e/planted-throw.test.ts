// A throw in any operator of the pipeline ends the process, and what had not left stays uncommitted.

import { expect, test } from 'vitest';
import { describeWithKafka } from '../support/kafka.ts';
import { KafkaStage } from '../support/kafka-stage.ts';
import { everythingSaid } from '../support/said.ts';

const plantFile = new URL('../support/plant.ts', import.meta.url).href;
const softwareFault = 70;

// At a call far behind the backlog of the stage's own start, so that offsets were committed before
// and there is something to go too far.
const plants = [
  ['paint', 'Worker.paint 100'],
  ['paint, in the seal of a full Frame or of an old one', 'Frame.seal 2500'],
  ['transmit', 'Sink.transmit 2500'],
  ['transmit, in the hand-over of a datagram', 'DgramSender.send 2500'],
  ['transmit, in the hand-over of a run', 'BatchSender.send 600'],
  ['settle', 'Ledger.settle 2500'],
  ['commit', 'KafkaSource.commit 30'],
] as const;

describeWithKafka('a throw', (brokers) => {
  test.concurrent.for(plants)('in %s ends the process, uncommitted', async ([, plant], context) => {
    const around = await KafkaStage.around({ brokers, ratePerSecond: 4000 });
    context.onTestFinished(() => around.close());
    const stage = await around.start(
      {
        PLANT: plant,
        COMMIT_INTERVAL: '200ms',
        UDP_SENDER: plant.startsWith('DgramSender') ? 'dgram' : 'auto',
      },
      { nodeArgs: ['--import', plantFile] },
    );
    const { code } = await stage.exited;
    expect(code).toBe(softwareFault);
    expect(everythingSaid(stage)).toContain(`planted in ${plant.split(' ')[0]!}`);

    await around.feed.stop();
    const { committed, committedUnreceived } = await around.standing();
    expect(committedUnreceived).toEqual([]);
    expect(await around.offsets.lag()).toBeGreaterThan(0n);
    expect(Math.max(...Array.from(committed.values(), Number))).toBeGreaterThan(0);
  });
});
