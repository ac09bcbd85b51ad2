// SIGTERM at a hundred random moments under a steady load.

import { faultsOf, terminateRounds } from '../support/rounds/terminate-rounds.ts';
import type { LongCheck } from './check.ts';

const rounds = 100;
const ratePerSecond = 10_000;

export const terminateCheck: LongCheck = {
  name: 'sigterm',
  about: `SIGTERM at ${rounds} random moments at ${ratePerSecond} events a second`,
  needsBroker: true,
  async run({ brokers, seed, log }) {
    const report = await terminateRounds({ brokers, seed, log, rounds, ratePerSecond });
    const { rounds: each, ...counts } = report;
    const longestMs = Math.max(...each.map(({ endedAfterMs }) => endedAfterMs));
    const endedWith0 = each.filter(({ exitCode }) => exitCode === 0).length;
    return {
      counts: { terminated: each.length, endedWith0, ...counts, longestMs },
      rounds: each,
      faults: faultsOf(report),
    };
  },
};
