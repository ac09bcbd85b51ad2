// Ten million damaged Messages through the Decoder: no crash, none that takes longer than 10 ms, and no
// more memory at the end than at the beginning.

import {
  decodeMutated,
  fieldsMax,
  type MutationCounts,
  valuesPerOctetMax,
} from '../support/arbitrary/mutated-messages.ts';
import type { LongCheck } from './check.ts';

const rounds = 20;
const messagesEach = 500_000;
const growthMax = 100 * 1024 * 1024;
const slowMs = 10;
/** A Message that was slow is decoded again, by the processor's time: others run beside it. */
const batches = 5;
const repeats = 8;

interface Timing {
  slowestMs: number;
  /** Slow by the clock, and not by the processor's time. */
  slowOnce: number;
  /** Slow by that too. */
  readonly slow: { readonly ms: number; readonly octets: string }[];
}

export const decoderCheck: LongCheck = {
  name: 'decoder',
  about: `${(rounds * messagesEach).toLocaleString('en')} damaged Messages through the Decoder`,
  run({ seed, untilMs, log }) {
    const each: (MutationCounts & { round: number; slowOnce: number; rss: number })[] = [];
    const faults: string[] = [];
    const unhandled: unknown[] = [];
    process.on('unhandledRejection', (reason) => unhandled.push(reason));
    const timing: Timing = { slowestMs: 0, slowOnce: 0, slow: [] };
    for (let round = 1; round <= rounds && performance.now() < untilMs; round += 1) {
      const before = timing.slowOnce;
      try {
        const counts = decodeMutated({
          seed: seed + round,
          count: messagesEach,
          onMessage: (octets, decode) => timed(timing, octets, decode),
        });
        const slowOnce = timing.slowOnce - before;
        each.push({ round, ...counts, slowOnce, rss: process.memoryUsage().rss });
        log(`round ${round}: ${JSON.stringify(each.at(-1))}`);
        faults.push(...faultsOf(counts).map((fault) => `seed ${seed + round}: ${fault}`));
      } catch (error) {
        faults.push(`seed ${seed + round}: ${String(error)}`);
      }
    }
    for (const { ms, octets } of timing.slow) faults.push(`${ms} ms of processor time: ${octets}…`);
    // The first round fills the caches.
    const growth = (each.at(-1)?.rss ?? 0) - (each[0]?.rss ?? 0);
    if (growth > growthMax) faults.push(`memory grew by ${growth} octets`);
    if (unhandled.length > 0) faults.push(`${unhandled.length} unhandled rejections`);
    const sum = (key: keyof MutationCounts) =>
      each.reduce((total, counts) => total + counts[key], 0);
    const counts = {
      messages: sum('messages'),
      decoded: sum('decoded'),
      refused: sum('refused'),
      records: sum('records'),
      lists: sum('lists'),
      unreadLists: sum('unreadLists'),
      slowestMs: Math.round(timing.slowestMs * 100) / 100,
      over10msByClockOnly: timing.slowOnce,
      over10ms: timing.slow.length,
      rssGrowth: growth,
    };
    return Promise.resolve({ counts, rounds: each, faults });
  },
};

function timed(timing: Timing, octets: Buffer, decode: () => void): void {
  const startMs = performance.now();
  decode();
  const byClockMs = performance.now() - startMs;
  const ms = byClockMs > slowMs ? processorMs(decode) : byClockMs;
  timing.slowestMs = Math.max(timing.slowestMs, ms);
  if (ms > slowMs) timing.slow.push({ ms, octets: octets.toString('hex', 0, 100) });
  else if (byClockMs > slowMs) timing.slowOnce += 1;
}

/**
 * The least mean of several batches. The system counts a thread's time in steps too coarse for one, and
 * what else runs on the core makes all of it slower for a while.
 */
function processorMs(decode: () => void): number {
  let least = Infinity;
  for (let batch = 0; batch < batches; batch += 1) {
    const start = process.threadCpuUsage();
    for (let i = 0; i < repeats; i += 1) decode();
    const { user, system } = process.threadCpuUsage(start);
    least = Math.min(least, (user + system) / 1_000 / repeats);
  }
  return least;
}

function faultsOf({ valuesPerOctet, fieldsKept }: MutationCounts): string[] {
  const faults: string[] = [];
  if (valuesPerOctet > valuesPerOctetMax) faults.push(`${valuesPerOctet} values for an octet`);
  if (fieldsKept > fieldsMax) faults.push(`${fieldsKept} fields are kept`);
  return faults;
}
