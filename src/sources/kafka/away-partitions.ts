// Partitions that nothing can be read of now: their topic was deleted, their leader is away, or their
// start is not known yet. Each waits by itself and is tried again; the others go on. A topic that does not
// exist, so that nobody knows its partitions, is here as partition -1. It knows of Kafka only how to ask
// for another try.

import type { Logger } from 'pino';
import { logEvent } from '../../log/log-events.ts';
import type { Origin } from '../delivery.ts';
import type { AwaySeen } from '../source-snapshot.ts';

export interface AwayOptions {
  /** Looks again at what is away: resolves when each has been tried, or been given a new reason. */
  readonly lookAgain: () => Promise<void>;
  /** Whether all brokers are or were away: that has a line of its own. */
  readonly isQuiet: () => boolean;
  readonly log: Logger;
  readonly nowMs?: () => number;
}

interface Away {
  readonly sinceMs: number;
  reason: string;
  /** It is asked for again; it is not back before it answers. */
  isTried: boolean;
  loggedAtMs: number;
}

const lookMinMs = 250;
const lookMaxMs = 2_000;
/** A leader that moves is away for less. */
const quietMs = 2_000;
const logAgainMs = 60_000;
const namedMax = 20;

export class AwayPartitions {
  readonly #options: AwayOptions;
  readonly #away = new Map<Origin, Away>();
  #returned: Origin[] = [];
  #returnedAfterS = 0;
  #lookMs = lookMinMs;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: AwayOptions) {
    this.#options = options;
  }

  /** Whether it is to be left out of fetches. */
  has(origin: Origin): boolean {
    const away = this.#away.get(origin);
    return away !== undefined && !away.isTried;
  }

  all(): Origin[] {
    return [...this.#away.keys()];
  }

  /** Nothing can be read of it; `reason` says why, and what to do. */
  add(origin: Origin, reason: string): void {
    const away = this.#away.get(origin);
    if (away) {
      away.reason = reason;
      away.isTried = false;
    } else {
      const sinceMs = this.#nowMs();
      this.#away.set(origin, { sinceMs, reason, isTried: false, loggedAtMs: -Infinity });
      this.#lookMs = lookMinMs;
    }
    this.#lookLater();
  }

  /** It is asked for again. */
  try(origin: Origin): void {
    const away = this.#away.get(origin);
    if (away) away.isTried = true;
  }

  /** It answered. */
  back(origin: Origin): void {
    const away = this.#away.get(origin);
    if (!away) return;
    this.#away.delete(origin);
    if (away.loggedAtMs === -Infinity) return;
    if (this.#returned.length === 0) setImmediate(() => this.#logReturned());
    this.#returned.push(origin);
    this.#returnedAfterS = Math.max(this.#returnedAfterS, this.#seconds(away));
  }

  /** One line for all that came back at once. */
  #logReturned(): void {
    const partitions = inOrder(this.#returned).map(nameOf);
    const seconds = this.#returnedAfterS;
    this.#returned = [];
    this.#returnedAfterS = 0;
    this.#options.log.info(
      { partitions, seconds },
      `${named(partitions)} can be read again after ${seconds} s`,
    );
  }

  /** It is not this member's any more, or another log took its place. */
  forget(origin: Origin): void {
    this.#away.delete(origin);
  }

  /** After a rejoin. */
  keepOnly(holds: (origin: Origin) => boolean): void {
    for (const origin of this.#away.keys()) if (!holds(origin)) this.#away.delete(origin);
  }

  seen(): AwaySeen[] {
    return Array.from(this.#away, ([origin, away]) => ({
      topic: origin.topic,
      partition: origin.partition,
      reason: away.reason,
      seconds: this.#seconds(away),
    }));
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #lookLater(): void {
    if (this.#timer || this.#isClosed) return;
    this.#timer = setTimeout(() => {
      void this.#look();
    }, this.#lookMs);
  }

  async #look(): Promise<void> {
    // A broker that does not answer either is the reason it had.
    await this.#options.lookAgain().catch(() => undefined);
    this.#timer = undefined;
    this.#lookMs = Math.min(lookMaxMs, 2 * this.#lookMs);
    if (this.#away.size === 0) return;
    if (!this.#options.isQuiet()) this.#log();
    this.#lookLater();
  }

  /** One line for each reason. */
  #log(): void {
    const nowMs = this.#nowMs();
    const due = new Map<string, Origin[]>();
    for (const [origin, { sinceMs, loggedAtMs, reason }] of this.#away) {
      if (nowMs - sinceMs < quietMs || nowMs - loggedAtMs < logAgainMs) continue;
      due.set(reason, [...(due.get(reason) ?? []), origin]);
    }
    for (const [reason, origins] of due) {
      for (const origin of origins) this.#away.get(origin)!.loggedAtMs = nowMs;
      const partitions = inOrder(origins).map(nameOf);
      const seconds = Math.max(...origins.map((origin) => this.#seconds(this.#away.get(origin)!)));
      logEvent(this.#options.log, 'PARTITIONS_UNREADABLE', { partitions, reason, seconds });
    }
  }

  #seconds({ sinceMs }: Away): number {
    return Math.floor((this.#nowMs() - sinceMs) / 1000);
  }

  #nowMs(): number {
    return this.#options.nowMs?.() ?? performance.now();
  }
}

/** Stands for a topic whose partitions nobody knows. */
export const wholeTopic = -1;

const nameOf = ({ topic, partition }: Origin): string =>
  partition === wholeTopic ? topic : `${topic}[${partition}]`;

const inOrder = (origins: readonly Origin[]): Origin[] =>
  origins.toSorted((a, b) => a.topic.localeCompare(b.topic) || a.partition - b.partition);

function named(partitions: readonly string[]): string {
  const more = partitions.length - namedMax;
  const names = partitions.slice(0, namedMax).join(', ');
  return more > 0 ? `${names} and ${more} more` : names;
}
