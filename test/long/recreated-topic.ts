// A topic that is deleted and created again, fifty times under load; and offsets that an operator moves
// while all members are frozen, ten times.

import { movedOffsets, recreatedTopic } from '../support/rounds/recreated-topic-rounds.ts';
import type { LongCheck } from './check.ts';

const rounds = 50;
const movedRounds = 10;

export const recreatedCheck: LongCheck = {
  name: 'recreated-topic',
  about: `a topic created again ${rounds} times after 0 to 20 s under two processes that freeze; offsets moved ${movedRounds} times`,
  needsBroker: true,
  async run({ brokers, seed, untilMs, log }) {
    const goesOn = () => performance.now() < untilMs;
    const recreated = await recreatedTopic({
      ...{ brokers, rounds, seed, waitMaxMs: 20_000, freezeMaxMs: 9_000, log, goesOn },
    });
    const moved = await movedOffsets({ brokers, rounds: movedRounds, seed, log });
    const { accounts, exitCodes, ...counts } = recreated;
    const sum = (name: string) => accounts.reduce((all, account) => all + account[name]!, 0);
    const [consumed, exported, returned] = ['consumed', 'exported', 'returned'].map(sum);
    const faults = [
      ...(counts.missing === 0 ? [] : [`${counts.missing} events of new topics never arrived`]),
      ...(consumed === exported! + returned! ? [] : ['the account does not balance']),
      ...(moved.missing === 0 ? [] : [`${moved.missing} events behind moved offsets never came`]),
      ...([...exitCodes, ...moved.exitCodes].every((code) => code === 0) ? [] : ['an exit code']),
    ];
    return {
      counts: {
        ...{ ...counts, consumed: consumed!, exported: exported!, returned: returned! },
        ...{ movedRounds: moved.rounds, behindMoved: moved.behind, missingMoved: moved.missing },
      },
      rounds: [],
      faults,
    };
  },
};
