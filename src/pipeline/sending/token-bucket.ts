// EXPORT_RATE_LIMIT: a token bucket in Data Records, so that a backlog cannot empty a collector's
// receive buffer.

export class TokenBucket {
  readonly #perMs: number;
  readonly #burst: number;
  #tokens: number;
  #filledAtMs: number;

  /** `ratePerSecond` and `burst` in Data Records. The bucket begins full. */
  constructor(options: { ratePerSecond: number; burst: number; nowMs: number }) {
    this.#perMs = options.ratePerSecond / 1000;
    this.#burst = options.burst;
    this.#tokens = options.burst;
    this.#filledAtMs = options.nowMs;
  }

  /**
   * Takes `count` tokens and returns 0, or takes none and returns the milliseconds to wait. More
   * than the bucket holds is taken from a full one and leaves a debt, so the rate holds for any
   * Message.
   */
  take(count: number, nowMs: number): number {
    this.#tokens = Math.min(this.#burst, this.#tokens + (nowMs - this.#filledAtMs) * this.#perMs);
    this.#filledAtMs = nowMs;
    const wanted = Math.min(count, this.#burst);
    if (this.#tokens < wanted) return (wanted - this.#tokens) / this.#perMs;
    this.#tokens -= count;
    return 0;
  }
}
