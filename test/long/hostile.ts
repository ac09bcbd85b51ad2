// A million damaged messages in every framing: nothing but records, skips and named faults comes of
// them, and memory does not grow.

import { paintHostile } from '../support/arbitrary/hostile-datums.ts';
import type { LongCheck } from './check.ts';

const rounds = 10;
const messagesEach = 100_000;
const growthMax = 100 * 1024 * 1024;

export const hostileCheck: LongCheck = {
  name: 'hostile',
  about: `${(rounds * messagesEach).toLocaleString('en')} damaged messages`,
  run({ seed, log }) {
    const each: { round: number; records: number; skipped: number; faults: number; rss: number }[] =
      [];
    const unhandled: unknown[] = [];
    process.on('unhandledRejection', (reason) => unhandled.push(reason));
    const faults: string[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      try {
        const counts = paintHostile(seed + round, messagesEach);
        each.push({ round, ...counts, rss: process.memoryUsage().rss });
        log(`round ${round}: ${JSON.stringify(each.at(-1))}`);
      } catch (error) {
        faults.push(`seed ${seed + round}: ${String(error)}`);
      }
    }
    // The first round fills the caches.
    const growth = (each.at(-1)?.rss ?? 0) - (each[0]?.rss ?? 0);
    if (growth > growthMax) faults.push(`memory grew by ${growth} octets`);
    if (unhandled.length > 0) faults.push(`${unhandled.length} unhandled rejections`);
    const sum = (key: 'records' | 'skipped' | 'faults') =>
      each.reduce((total, counts) => total + counts[key], 0);
    const counts = {
      messages: rounds * messagesEach,
      records: sum('records'),
      skipped: sum('skipped'),
      namedFaults: sum('faults'),
      rssGrowth: growth,
    };
    return Promise.resolve({ counts, rounds: each, faults });
  },
};
