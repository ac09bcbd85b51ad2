// The last ten minutes, second by second, so that a page that is opened now has a past to draw.

import type { Stats } from './stats.ts';

/** One second: totals, not rates. */
interface Sample {
  readonly atMs: number;
  readonly consumed: number;
  readonly exported: number;
  /** Dead-lettered, or discarded as bad. */
  readonly badEventCount: number;
  readonly sentOctets: number;
  readonly inFlight: number;
  readonly lagRecords: number;
}

export const sampleEveryMs = 1_000;
const keptMs = 600_000;

export class History {
  #samples: Sample[] = [];

  note(stats: Stats): void {
    this.#samples.push(sampleOf(stats));
    const beforeMs = stats.atMs - keptMs;
    const firstKept = this.#samples.findIndex(({ atMs }) => atMs >= beforeMs);
    if (firstKept > 0) this.#samples.splice(0, firstKept);
  }

  get samples(): readonly Sample[] {
    return this.#samples;
  }
}

const sampleOf = ({ atMs, account, badEventCount, sent, lagRecords }: Stats): Sample => ({
  atMs,
  lagRecords,
  badEventCount,
  consumed: account.consumed,
  exported: account.exported,
  inFlight: account.inFlight,
  sentOctets: sent['octets'] ?? 0,
});
