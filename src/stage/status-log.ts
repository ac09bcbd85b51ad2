// What the process does, as a line in the log now and then, and the reminder of a collector that stays
// away. Both are for those who read the log afterwards.

import type { Logger } from 'pino';
import type { ProcessView } from '../http/process-view.ts';
import { type Stats, statsOf } from '../http/stats.ts';
import { waitingFor } from '../http/waiting-for.ts';
import { logEvent } from '../log/log-events.ts';

export interface StatusLogOptions {
  readonly view: ProcessView;
  /** Between two lines; undefined for none. */
  readonly intervalMs: number | undefined;
  readonly log: Logger;
  readonly nowMs?: () => number;
}

const lookEveryMs = 5_000;
const remindEveryMs = 60_000;

export class StatusLog {
  readonly #options: StatusLogOptions;
  readonly #timer: NodeJS.Timeout;
  #last: { readonly atMs: number; readonly exported: number; readonly consumed: number };
  /** Since when a collector takes nothing, and when that was logged last. */
  #awaySinceMs: number | undefined;
  #remindedAtMs = 0;

  constructor(options: StatusLogOptions) {
    this.#options = options;
    this.#last = { atMs: this.#nowMs(), exported: 0, consumed: 0 };
    this.#timer = setInterval(() => void this.#look(), lookEveryMs).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const { view, intervalMs } = this.#options;
    await view.fresh();
    if (view.isDraining) return;
    const stats = statsOf(view);
    this.#remind(stats);
    if (
      intervalMs !== undefined &&
      this.#nowMs() - this.#last.atMs >= intervalMs - lookEveryMs / 2
    ) {
      this.#logStatus(stats);
    }
  }

  #logStatus(stats: Stats): void {
    const { view, log } = this.#options;
    const { consumed, exported, deadLettered, discarded, inFlight } = stats.account;
    const atMs = this.#nowMs();
    const perSecond = (count: number) => Math.round((count * 1_000) / (atMs - this.#last.atMs));
    const waits = new Set(view.workers.flatMap((worker) => waitingFor(worker) ?? []));
    log.info(
      {
        consumedPerSecond: perSecond(consumed - this.#last.consumed),
        exportedPerSecond: perSecond(exported - this.#last.exported),
        ...{ exported, deadLettered, discarded, inFlight },
        ...(stats.kafka && lagOf(stats)),
        ...(waits.size > 0 && { waitingFor: [...waits] }),
      },
      'status',
    );
    this.#last = { atMs, consumed, exported };
  }

  #remind(stats: Stats): void {
    const away = stats.collectors.find(({ state }) => state !== 'sending');
    if (!away) {
      this.#awaySinceMs = undefined;
      return;
    }
    const nowMs = this.#nowMs();
    if (this.#awaySinceMs === undefined) {
      this.#awaySinceMs = nowMs;
      this.#remindedAtMs = nowMs;
      return;
    }
    if (nowMs - this.#remindedAtMs < remindEveryMs) return;
    this.#remindedAtMs = nowMs;
    logEvent(this.#options.log, 'COLLECTOR_STILL_AWAY', {
      collector: away.address,
      error: away.code,
      seconds: Math.round((nowMs - this.#awaySinceMs) / 1_000),
      ...(stats.kafka && { ...lagOf(stats), ...retentionOf(stats) }),
    });
  }

  #nowMs(): number {
    return this.#options.nowMs?.() ?? performance.now();
  }
}

function lagOf({ lagRecords, partitions }: Stats) {
  const lagSeconds = Math.max(0, ...partitions.map((partition) => partition.lagSeconds ?? 0));
  const isLowerBound = partitions.some(({ lagIsLowerBound }) => lagIsLowerBound);
  return {
    lagRecords,
    lagSeconds: Math.round(lagSeconds),
    ...(isLowerBound && { lagIsLowerBound: true }),
  };
}

/** How long it takes until retention removes the first record that waits. */
function retentionOf({ partitions }: Stats): { retentionLeft: string } {
  const left = partitions
    .filter(({ lagRecords = 0 }) => lagRecords > 0)
    .map(({ retentionMs, lagSeconds = 0 }) =>
      retentionMs === undefined ? undefined : retentionMs / 1_000 - lagSeconds,
    );
  const known = left.filter((seconds) => seconds !== undefined);
  if (known.length < left.length || left.length === 0) return { retentionLeft: 'unknown' };
  return { retentionLeft: durationText(Math.max(0, Math.min(...known))) };
}

/** `6d 23h`, `59m 10s`: the two largest units. */
function durationText(seconds: number): string {
  if (seconds === Infinity) return 'no limit';
  const whole = Math.floor(seconds);
  const parts = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3_600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'm'],
    [whole % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return '0s';
  return parts
    .slice(first, first + 2)
    .map(([count, unit]) => `${count}${unit}`)
    .join(' ');
}
