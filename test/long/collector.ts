// A collector that goes and comes back at random for minutes, once with each Sender.

import { collectorRestarts } from '../support/rounds/collector-restarts.ts';
import type { LongCheck } from './check.ts';

const seconds = 60;
const ratePerSecond = 5_000;
/** Of what is sent while a socket is closed, so much may lie in it unread. */
const unreadMaxMs = 20;

export const collectorCheck: LongCheck = {
  name: 'collector',
  about: `a collector that is away at random, ${ratePerSecond} events a second for ${seconds} s of sending`,
  async run({ seed }) {
    const rounds = await Promise.all(
      (['batch', 'dgram'] as const).map(async (sender) => {
        const { sent, ...report } = await collectorRestarts({
          ...{ sender, ratePerSecond, seconds, seed },
        });
        const { refusals = 0, resentMessages = 0 } = sent;
        return { sender, ...report, refusals, resentMessages };
      }),
    );
    const faults = rounds.flatMap((round) => {
      const unread = (round.outages * ratePerSecond * unreadMaxMs) / 1000;
      return [
        ...(round.code === 0 ? [] : [`${round.sender}: exit code ${round.code}`]),
        ...(round.missing <= unread ? [] : [`${round.sender}: ${round.missing} never arrived`]),
        ...(round.missingNumbers === round.missing ? [] : [`${round.sender}: gaps in the numbers`]),
        ...(round.unknownSets === 0 ? [] : [`${round.sender}: data before its Template`]),
      ];
    });
    const counts = Object.fromEntries(
      rounds.flatMap(({ sender, ...each }) =>
        Object.entries(each).map(([name, count]) => [`${sender}: ${name}`, count] as const),
      ),
    );
    return { counts, rounds, faults };
  },
};
