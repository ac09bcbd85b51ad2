// How often something had to wait, and for how long in all. Plain numbers, for whoever shows them.

export interface PausesSeen {
  readonly count: number;
  /** What still waits is in it, up to now. */
  readonly ms: number;
  /** How many wait now. */
  readonly waiting: number;
}

export class Pauses {
  #count = 0;
  #waiting = 0;
  /** The sum of all ends less the sum of all beginnings. */
  #ms = 0;

  begin(nowMs: number): void {
    this.#count += 1;
    this.#waiting += 1;
    this.#ms -= nowMs;
  }

  end(nowMs: number): void {
    this.#waiting -= 1;
    this.#ms += nowMs;
  }

  seen(nowMs: number): PausesSeen {
    const ms = Math.max(0, this.#ms + this.#waiting * nowMs);
    return { count: this.#count, ms, waiting: this.#waiting };
  }
}
