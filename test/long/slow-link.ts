// Two million events behind a link of 4 Mbit/s, until the last of them is committed: the stage's memory is
// flat, and it keeps its place in the group.

import { isLocal, slowLink } from '../support/rounds/slow-link-rounds.ts';
import type { LongCheck } from './check.ts';

const count = 2_000_000;
/** The link needs less than nine minutes. */
const watchedS = 1_200;
const rssMiBMax = 60;

export const slowLinkCheck: LongCheck = {
  name: 'slow-link',
  about: `${count} events behind a link of 4 Mbit/s`,
  needsBroker: true,
  async run({ brokers, seed, log }) {
    if (!isLocal(brokers)) throw new Error('slow-link needs one broker on 127.0.0.1');
    const report = await slowLink({ broker: brokers[0]!, count, watchedS, seed, log });
    const { rssMiB, samples, ...rest } = report;
    const { joined, start, most, last } = rssMiB;
    const counts = {
      ...{ watchedS: samples.length, ...rest, rssMiBJoined: joined, rssMiBStart: start },
      ...{ rssMiBMost: most, rssMiBLast: last },
    };
    const { produced, received, lost, repeated, missingNumbers, joins, linkDropped, lag } = report;
    const faults = [
      ...(most - start <= rssMiBMax ? [] : [`RSS grew by ${most - start} MiB`]),
      ...(joins === 1 ? [] : [`${joins} generations`]),
      ...(lag === 0 && received === produced ? [] : [`${received} received, a lag of ${lag}`]),
      ...(lost + missingNumbers === 0 ? [] : [`${lost} lost, ${missingNumbers} numbers missing`]),
      ...(repeated === 0 ? [] : [`${repeated} repeated`]),
      ...(linkDropped === 0 ? [] : [`the link dropped ${linkDropped} datagrams`]),
    ];
    return { counts, rounds: samples.filter(({ atS }) => atS === 1 || atS % 20 === 0), faults };
  },
};
