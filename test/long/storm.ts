// Members join and die every two seconds for five minutes, while two million events go through.

import { faultsOf, rebalanceStorm } from '../support/rounds/rebalance-storm.ts';
import type { LongCheck } from './check.ts';

const forMs = 5 * 60_000;
const count = 2_000_000;

export const stormCheck: LongCheck = {
  name: 'storm',
  about: `members join and die every 2 s for ${forMs / 60_000} minutes, ${count} events`,
  needsBroker: true,
  async run({ brokers, seed, log }) {
    const ratePerSecond = Math.ceil(count / (forMs / 1000));
    const report = await rebalanceStorm({ brokers, seed, log, forMs, count, ratePerSecond });
    const { exitCodes, ...counts } = report;
    return { counts, rounds: [], faults: faultsOf({ ...counts, exitCodes }) };
  },
};
