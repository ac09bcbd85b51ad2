// A member that freezes until the group has given it up, and then goes on as if nothing had been:
// what it commits late is for partitions that others have now.

import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { Committed } from '../support/kafka/group-offsets.ts';
import { describeWithKafka } from '../support/kafka/kafka.ts';
import { KafkaStage } from '../support/kafka/kafka-stage.ts';

const ratePerSecond = 5000;

describeWithKafka('a member that was frozen', (brokers) => {
  test('loses nothing, and takes no committed offset back', async () => {
    const around = await KafkaStage.around({ brokers, ratePerSecond });
    onTestFinished(() => around.close());
    const watch = watchCommitted(around);
    const frozen = await around.start();
    await frozen.waitForLine('joined the group');
    await around.untilCaughtUp();
    frozen.kill('SIGSTOP');

    const heir = await around.start({ OBSERVATION_DOMAIN_ID: '101' });
    await heir.waitForLine('joined the group');
    await around.untilCaughtUp();
    const { committedUnreceived, receivedUncommitted } = await around.standing();
    expect(committedUnreceived).toEqual([]);
    frozen.kill('SIGCONT');
    const rejoined = () =>
      frozen.lines().filter(({ msg }) => msg === 'joined the group').length > 1;
    await around.until('the frozen one is a member again', rejoined);
    await sleep(1500);

    await around.feed.stop();
    await around.offsets.untilNoLag();
    expect(await Promise.all([frozen.stop(), heir.stop()])).toEqual([0, 0]);
    await around.standing();
    const backwards = await watch.stop();
    console.log(
      `${around.received.repeated} events repeated; ${receivedUncommitted} were uncommitted`,
    );
    expect(backwards).toEqual([]);
    expect(around.received.missing(1, around.feed.produced)).toEqual([]);
  });
});

/** Looks at the committed offsets all the time; `stop` tells which of them were taken back. */
function watchCommitted({ offsets }: KafkaStage): { stop: () => Promise<string[]> } {
  const backwards: string[] = [];
  let stopped = false;
  const look = async () => {
    let last: Committed = new Map();
    while (!stopped) {
      const now = await offsets.committed();
      for (const [partition, offset] of now) {
        const before = last.get(partition) ?? 0n;
        if (offset < before) backwards.push(`partition ${partition}: ${before} → ${offset}`);
      }
      last = now;
      await sleep(50);
    }
    return backwards;
  };
  const looking = look();
  return {
    stop: () => {
      stopped = true;
      return looking;
    },
  };
}
