// Two million events behind a link of 4 Mbit/s, watched for ten minutes: the stage's memory is flat, and
// it keeps its place in the group.

import { isLocal, slowLink } from '../support/slow-link.ts';
import type { LongCheck } from './check.ts';

const count = 2_000_000;
const watchedS = 600;
const rssMiBMax = 60;

export const slowLinkCheck: LongCheck = {
  name: 'slow-link',
  about: `${count} events behind a link of 4 Mbit/s, watched for ${watchedS} s`,
  needsBroker: true,
  async run({ brokers, seed, log }) {
    if (!isLocal(brokers)) throw new Error('slow-link needs one broker on 127.0.0.1');
    const report = await slowLink({ broker: brokers[0]!, count, watchedS, seed, log });
    const { rssMiB, samples, ...rest } = report;
    const { joined, start, most, last } = rssMiB;
    const counts = {
      ...{ watchedS, ...rest, rssMiBJoined: joined, rssMiBStart: start },
      ...{ rssMiBMost: most, rssMiBLast: last },
    };
    const { lost, repeated, missingNumbers, joins, linkDropped, lag } = report;
    const faults = [
      ...(most - start <= rssMiBMax ? [] : [`RSS grew by ${most - start} MiB`]),
      ...(joins === 1 ? [] : [`${joins} generations`]),
      ...(lag > 0 ? [] : ['the backlog was too small']),
      ...(lost + missingNumbers === 0 ? [] : [`${lost} lost, ${missingNumbers} numbers missing`]),
      ...(repeated === 0 ? [] : [`${repeated} repeated`]),
      ...(linkDropped === 0 ? [] : [`the link dropped ${linkDropped} datagrams`]),
    ];
    return { counts, rounds: samples.filter(({ atS }) => atS === 1 || atS % 20 === 0), faults };
  },
};
