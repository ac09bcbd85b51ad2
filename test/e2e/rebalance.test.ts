// A member comes and goes under load: a planned change loses nothing and repeats next to nothing.

import { expect, onTestFinished, test } from 'vitest';
import { describeWithKafka } from '../support/kafka/kafka.ts';
import { KafkaStage } from '../support/kafka/kafka-stage.ts';

const ratePerSecond = 20_000;

describeWithKafka('a rebalance under load', (brokers) => {
  test('keeps all partitions going while a member joins and leaves', async () => {
    const around = await KafkaStage.around({ brokers, ratePerSecond });
    onTestFinished(() => around.close());
    const first = await around.start();
    await first.waitForLine('joined the group');
    await around.untilCaughtUp();

    const second = await around.start({ OBSERVATION_DOMAIN_ID: '101' });
    await second.waitForLine('joined the group');
    await goOn(around);
    const repeatedByJoin = around.received.repeated;
    expect(around.received.sequence().restarts).toBe(0);

    expect(await second.stop()).toBe(0);
    await goOn(around);
    const repeatedByLeave = around.received.repeated - repeatedByJoin;
    await around.feed.stop();
    await around.offsets.untilNoLag();
    expect(await first.stop()).toBe(0);
    await around.standing();

    console.log(`repeated by the join: ${repeatedByJoin}, by the leave: ${repeatedByLeave}`);
    expect(around.received.missing(1, around.feed.produced)).toEqual([]);
    expect(repeatedByJoin).toBeLessThanOrEqual(ratePerSecond / 100);
    expect(repeatedByLeave).toBeLessThanOrEqual(ratePerSecond / 100);
    // Both had a part in it.
    const generations = first.lines().filter(({ msg }) => msg === 'joined the group');
    expect(generations.map(assignedCount)).toEqual([4, 2, 4]);
    expect(assignedCount(await second.waitForLine('joined the group'))).toBe(2);
  });
});

describeWithKafka('a rebalance with a backlog behind a rate limit', (brokers) => {
  test('repeats next to nothing: no more is read ahead than a drain can send', async () => {
    const count = 60_000;
    const around = await KafkaStage.around({ brokers, ratePerSecond, count });
    onTestFinished(() => around.close());
    const limit = { EXPORT_RATE_LIMIT: String(ratePerSecond / 4), KAFKA_DRAIN_TIMEOUT: '2500ms' };
    const first = await around.start(limit);
    await first.waitForLine('joined the group');
    await around.feed.done();

    const second = await around.start({ ...limit, OBSERVATION_DOMAIN_ID: '101' });
    await second.waitForLine('joined the group');
    await around.offsets.untilNoLag();
    expect([await second.stop(), await first.stop()]).toEqual([0, 0]);
    await around.standing();

    console.log(`repeated: ${around.received.repeated}`);
    expect(around.received.missing(1, count)).toEqual([]);
    expect(around.received.repeated).toBeLessThanOrEqual(ratePerSecond / 100);
  });
});

/** What is produced from now on arrives, of every partition. */
async function goOn(around: KafkaStage): Promise<void> {
  const { feed, received, partitions } = around;
  // More than a send, so that each partition is in it.
  const from = feed.produced + 1;
  const to = from + ratePerSecond / 2;
  await around.until('produced', () => feed.produced >= to);
  await around.until('all of them received', () => received.missing(from, to).length === 0);
  const reached = new Set<number>();
  for (let id = from; id <= to; id++) reached.add(feed.positionOf(id).partition);
  expect(reached.size).toBe(partitions);
}

function assignedCount(line: Record<string, unknown>): number {
  const assignment = line['assignment'] as { partitions: number[] }[];
  return assignment.reduce((sum, { partitions }) => sum + partitions.length, 0);
}
