// kill -9 while events are in flight. test/long/kill-rounds.ts does the same many times over.

import { expect, test } from 'vitest';
import { describeWithKafka } from '../support/kafka.ts';
import { killRounds } from '../support/kill-rounds.ts';

describeWithKafka('kill -9', (brokers) => {
  test('repeats what was not committed and loses nothing', async () => {
    const log = (line: string) => console.log(line);
    const report = await killRounds({ brokers, rounds: 3, ratePerSecond: 20_000, seed: 7, log });

    expect(report.missing).toBe(0);
    expect(report.received).toBe(report.produced);
    expect(report.lastExitCode).toBe(0);
    for (const round of report.rounds) {
      expect(round.committedUnreceived).toBe(0);
      expect(round.committedAfter).toBeGreaterThan(round.committedBefore);
      // What had arrived and was not committed is what comes again: no more, no less.
      expect(round.duplicates).toBe(round.inFlight);
    }
    expect(report.rounds.filter(({ inFlight }) => inFlight > 0).length).toBeGreaterThan(0);
  });
});
