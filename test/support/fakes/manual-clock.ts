// A Clock that moves only when a test moves it, and polls its sockets only when it may.

import type { Clock } from '../../../src/clock.ts';

interface Timer {
  readonly dueAtMs: number;
  readonly action: () => void;
}

/** Lets every promise that can go on do so; takes no time on any ManualClock. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class ManualClock implements Clock {
  nowMs: number;
  /** Seconds since 1970 at the time 0 of this clock. */
  readonly epochS: number;
  /** While true, `afterPoll` waits for `poll()`. */
  pollsHeld = false;
  #timers: Timer[] = [];
  #polls: (() => void)[] = [];

  constructor({ nowMs = 0, epochS = 1_785_585_600 } = {}) {
    this.nowMs = nowMs;
    this.epochS = epochS;
  }

  monotonicMs(): number {
    return this.nowMs;
  }

  exportTimeS(): number {
    return this.epochS + Math.floor(this.nowMs / 1000);
  }

  wallMs(): number {
    return this.epochS * 1000 + this.nowMs;
  }

  after(ms: number, action: () => void): () => void {
    // As setTimeout has it: whole milliseconds, and one at least.
    const timer = { dueAtMs: this.nowMs + Math.max(1, Math.trunc(ms)), action };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  afterPoll(): Promise<void> {
    if (!this.pollsHeld) return Promise.resolve();
    return new Promise((resolve) => this.#polls.push(resolve));
  }

  get timers(): number {
    return this.#timers.length;
  }

  /** How many wait for the sockets to be looked at. */
  get waitingForPoll(): number {
    return this.#polls.length;
  }

  /** The sockets were looked at once. */
  async poll(): Promise<void> {
    const polls = this.#polls;
    this.#polls = [];
    for (const resolve of polls) resolve();
    await turn();
  }

  /** Goes on by `ms`: every timer runs at its own time, and what it sets free before the next. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    await turn();
    for (let timer = this.#next(untilMs); timer; timer = this.#next(untilMs)) {
      this.nowMs = Math.max(this.nowMs, timer.dueAtMs);
      this.#timers = this.#timers.filter((other) => other !== timer);
      timer.action();
      await turn();
    }
    this.nowMs = untilMs;
  }

  #next(untilMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueAtMs <= untilMs && (!next || timer.dueAtMs < next.dueAtMs)) next = timer;
    }
    return next;
  }
}
