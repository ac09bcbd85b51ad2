// Three brokers whose partitions move every five seconds for three minutes, under load.

import { KafkaCluster } from '../support/kafka/kafka-cluster.ts';
import { leaderMoves } from '../support/rounds/leader-move-rounds.ts';
import type { LongCheck } from './check.ts';

const everyMs = 5_000;
const moves = (3 * 60_000) / everyMs;
const ratePerSecond = 10_000;

export const leaderMovesCheck: LongCheck = {
  name: 'leader-moves',
  about: `three brokers, ${moves} moves of a partition at ${ratePerSecond} events a second`,
  async run({ seed, log }) {
    const cluster = await KafkaCluster.start();
    try {
      const report = await leaderMoves({ cluster, moves, everyMs, ratePerSecond, seed, log });
      const { exitCodes, ...counts } = report;
      const faults = [
        ...(report.missing === 0 ? [] : [`${report.missing} events never arrived`]),
        ...(exitCodes.every((code) => code === 0) ? [] : [`exit codes ${exitCodes.join(', ')}`]),
      ];
      return { counts, rounds: [], faults };
    } finally {
      await cluster.stop();
    }
  },
};
