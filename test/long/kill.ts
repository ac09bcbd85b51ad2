// Two hundred times kill -9 under a steady load: what may be repeated, and that nothing is lost.

import { type KillReport, killRounds } from '../support/rounds/kill-rounds.ts';
import type { LongCheck } from './check.ts';

const rounds = 200;
const ratePerSecond = 20_000;
/** So many of the kills must land while events are in flight. */
const landedShareMin = 0.8;

export const killCheck: LongCheck = {
  name: 'kill',
  about: `${rounds} times kill -9 at ${ratePerSecond} events a second`,
  needsBroker: true,
  async run({ brokers, seed, untilMs, log }) {
    const env = { KAFKA_SESSION_TIMEOUT: '6s', KAFKA_DRAIN_TIMEOUT: '5s' };
    const report = await killRounds({
      ...{ brokers, seed, log, rounds, ratePerSecond, env, untilMs },
    });
    const { rounds: each, ...counts } = report;
    const landed = each.filter(({ inFlight }) => inFlight > 0).length;
    const inFlightMost = Math.max(...each.map(({ inFlight }) => inFlight));
    const aboveBound = each.filter(({ inFlight, bound }) => inFlight > bound).length;
    return {
      counts: { kills: each.length, landed, ...counts, inFlightMost, aboveBound },
      rounds: each,
      faults: faultsOf(report, landed),
    };
  },
};

function faultsOf(report: KillReport, landed: number): string[] {
  const faults: string[] = [];
  const expectThat = (isSo: boolean, otherwise: string) => {
    if (!isSo) faults.push(otherwise);
  };
  const made = report.rounds.length;
  expectThat(
    landed >= landedShareMin * made,
    `only ${landed} of ${made} kills had events in flight`,
  );
  expectThat(report.missing === 0, `${report.missing} events never arrived`);
  expectThat(report.lastExitCode === 0, `the last process ended with ${report.lastExitCode}`);
  for (const round of report.rounds) {
    const at = `kill ${round.round}`;
    const { committedBefore, committedAfter, duplicates, inFlight, bound } = round;
    expectThat(round.committedUnreceived === 0, `${at}: committed events that never arrived`);
    expectThat(committedAfter > committedBefore, `${at}: nothing committed since the last one`);
    // Less where the last commit was under way at the kill, and reached the broker after the count.
    expectThat(duplicates <= inFlight, `${at}: ${inFlight} in flight, ${duplicates} repeated`);
    expectThat(inFlight <= bound, `${at}: ${inFlight} in flight, above the bound of ${bound}`);
  }
  return faults;
}
