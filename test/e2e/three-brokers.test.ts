// A cluster of three brokers: partitions that move from one to another, and new ones, under load.

import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { describeWithKafka } from '../support/kafka/kafka.ts';
import { KafkaCluster } from '../support/kafka/kafka-cluster.ts';
import { KafkaStage } from '../support/kafka/kafka-stage.ts';
import { leaderMoves } from '../support/rounds/leader-move-rounds.ts';

describeWithKafka('three brokers', () => {
  let cluster: KafkaCluster;
  beforeAll(async () => {
    cluster = await KafkaCluster.start();
  });
  afterAll(() => cluster.stop());

  test('whose partitions move under load lose nothing', async () => {
    const report = await leaderMoves({
      ...{ cluster, moves: 6, everyMs: 1_000, ratePerSecond: 6_000, seed: 5 },
      log: () => undefined,
    });
    console.log(`${report.repeated} of ${report.received} events came twice`);
    expect(report).toMatchObject({ missing: 0, exitCodes: [0, 0] });
    expect(report.received).toBe(report.produced);
  });

  test('give a new partition its reader, from its first record', async () => {
    const { brokers } = cluster;
    const around = await KafkaStage.around({ brokers, partitions: 2, ratePerSecond: 2_000 });
    onTestFinished(() => around.close());
    const stage = await around.start({ KAFKA_METADATA_MAX_AGE: '1s' });
    await stage.waitForLine('joined the group');
    await around.untilCaughtUp();
    await cluster.addPartitions(around.topic, 3);
    const assigned = () =>
      stage.lines().some((line) => JSON.stringify(line).includes('"partitions":[0,1,2]'));
    await around.until('the new partition is assigned', assigned, 90_000);
    await around.feed.stop();
    await around.offsets.untilNoLag();
    expect(await stage.stop()).toBe(0);
    await around.standing();
    expect(around.received.missing(1, around.feed.produced)).toEqual([]);
    expect(around.received.unique).toBe(around.feed.produced);
  });
});
