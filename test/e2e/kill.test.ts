// kill -9 while events are in flight. test/long/kill-rounds.ts does the same many times over.

import { expect, test } from 'vitest';
import { describeWithKafka } from '../support/kafka.ts';
import { killRounds } from '../support/kill-rounds.ts';

const rounds = 10;
/** A safety net only: the group misses each of the killed for as long as its session is. */
const timeoutMs = 600_000;

describeWithKafka('kill -9', (brokers) => {
  test(
    'repeats what was not committed and loses nothing',
    async () => {
      const log = (line: string) => console.log(line);
      const report = await killRounds({
        ...{ brokers, rounds, ratePerSecond: 8_000, seed: 7, log, killAfterMs: [20, 400] },
      });

      expect(report.missing).toBe(0);
      expect(report.received).toBe(report.produced);
      expect(report.lastExitCode).toBe(0);
      for (const round of report.rounds) {
        expect(round.committedUnreceived).toBe(0);
        expect(round.committedAfter).toBeGreaterThanOrEqual(round.committedBefore);
        // What had arrived and was not committed is what comes again: no more, no less.
        expect(round.duplicates).toBe(round.inFlight);
      }
      const landed = report.rounds.filter(({ inFlight }) => inFlight > 0).length;
      console.log(`${landed} of ${rounds} kills had events in flight`);
      expect(landed).toBeGreaterThanOrEqual(0.8 * rounds);
      expect(report.rounds.every(({ inFlight, bound }) => inFlight <= bound)).toBe(true);
    },
    timeoutMs,
  );
});
