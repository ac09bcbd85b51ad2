// kill -9 while events are in flight. test/long/kill.ts does the same many times over.

import { expect, test } from 'vitest';
import { describeWithKafka } from '../support/kafka/kafka.ts';
import { killRounds } from '../support/rounds/kill-rounds.ts';

// A group misses each of the killed for as long as its session is: several groups wait side by side.
const groups = 3;
const rounds = 6;
/** A safety net only. */
const timeoutMs = 600_000;

describeWithKafka('kill -9', (brokers) => {
  test(
    'repeats what was not committed and loses nothing',
    async () => {
      const log = (line: string) => console.log(line);
      const reports = await Promise.all(
        Array.from({ length: groups }, (_, group) =>
          killRounds({
            ...{ brokers, rounds, ratePerSecond: 3_000, seed: 7 + group, killAfterMs: [20, 400] },
            log: (line) => log(`group ${group}, ${line}`),
          }),
        ),
      );

      for (const report of reports) {
        expect(report.missing).toBe(0);
        expect(report.received).toBe(report.produced);
        expect(report.lastExitCode).toBe(0);
      }
      const all = reports.flatMap((report) => report.rounds);
      expect(all).toHaveLength(groups * rounds);
      for (const round of all) {
        expect(round.committedUnreceived).toBe(0);
        expect(round.committedAfter).toBeGreaterThanOrEqual(round.committedBefore);
        // What had arrived and was not committed comes again; less where the last commit was under way
        // at the kill, and reached the broker after this was counted.
        expect(round.duplicates).toBeLessThanOrEqual(round.inFlight);
      }
      const landed = all.filter(({ inFlight }) => inFlight > 0).length;
      console.log(`${landed} of ${all.length} kills had events in flight`);
      expect(landed).toBeGreaterThanOrEqual(0.8 * all.length);
      expect(all.every(({ inFlight, bound }) => inFlight <= bound)).toBe(true);
    },
    timeoutMs,
  );
});
