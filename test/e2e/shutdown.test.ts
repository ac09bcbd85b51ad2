// SIGTERM and SIGHUP under load: all that was read leaves, is committed, and comes only once.

import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { describeWithKafka } from '../support/kafka/kafka.ts';
import { KafkaStage } from '../support/kafka/kafka-stage.ts';

describeWithKafka('SIGTERM or SIGHUP under load', (brokers) => {
  test('ends with 0 and leaves nothing behind that would come again', async () => {
    const around = await KafkaStage.around({ brokers, ratePerSecond: 20_000 });
    onTestFinished(() => around.close());
    for (const [round, signal] of (['SIGHUP', 'SIGTERM'] as const).entries()) {
      const stage = await around.start();
      await stage.waitForLine('joined the group');
      await around.untilCaughtUp();
      // Somewhere between two commits.
      await sleep(300 * (round + 1));
      stage.kill(signal);
      expect(await stage.exited).toEqual({ code: 0, signal: null });

      // Committed is exactly what was exported: not less, not more.
      const { committedUnreceived, receivedUncommitted } = await around.standing();
      expect(committedUnreceived).toEqual([]);
      expect(receivedUncommitted).toBe(0);
      expect(around.received.repeated).toBe(0);
    }
    await around.feed.stop();

    const last = await around.start();
    await around.offsets.untilNoLag();
    expect(await last.stop()).toBe(0);
    await around.standing();
    expect(around.received.missing(1, around.feed.produced)).toEqual([]);
    expect(around.received.repeated).toBe(0);
    expect(around.received.sequence()).toMatchObject({ missingRecords: 0, repeatedMessages: 0 });
  });
});
