// A short storm of joins and deaths; test/long/storm.ts has the long one.

import { expect, test } from 'vitest';
import { describeWithKafka } from '../support/kafka/kafka.ts';
import { faultsOf, rebalanceStorm } from '../support/rounds/rebalance-storm.ts';

describeWithKafka('a storm of rebalances', (brokers) => {
  test('loses nothing and never stands still for long', async () => {
    const report = await rebalanceStorm({
      ...{ brokers, forMs: 16_000, ratePerSecond: 4_000, count: Infinity, seed: 11 },
      log: () => undefined,
    });
    console.log(JSON.stringify(report));
    expect(faultsOf(report)).toEqual([]);
    expect(report.received).toBe(report.produced);
    expect(report.joined).toBeGreaterThan(2);
    expect(report.killed + report.terminated).toBeGreaterThan(1);
  });
});
