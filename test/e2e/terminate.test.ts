// SIGTERM at a few random moments; test/long/sigterm.ts has a hundred.

import { expect, test } from 'vitest';
import { describeWithKafka } from '../support/kafka/kafka.ts';
import { faultsOf, terminateRounds } from '../support/rounds/terminate-rounds.ts';

describeWithKafka('SIGTERM at random moments', (brokers) => {
  test('ends with 0 each time, loses nothing and repeats nothing', async () => {
    const log = (line: string) => console.log(line);
    const report = await terminateRounds({
      ...{ brokers, rounds: 4, ratePerSecond: 8_000, seed: 23, log },
    });
    expect(faultsOf(report)).toEqual([]);
    expect(report.rounds).toHaveLength(4);
  });
});
