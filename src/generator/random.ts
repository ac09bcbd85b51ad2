// A small seeded random number generator (sfc32 by Chris Doty-Humphrey: 128 bits of state), so
// that equal seeds give equal flow events on every machine. Not for anything secret.

/** Values with their relative weights. */
export type Weighted<T> = readonly (readonly [weight: number, value: T])[];

export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number) {
    // A 53-bit seed counts with all its bits.
    this.#a = seed >>> 0;
    this.#b = Math.floor(seed / 2 ** 32) >>> 0;
    this.#c = 0x9e3779b9;
    // The first numbers of neighbouring seeds resemble each other; these rounds part them.
    for (let round = 0; round < 16; round++) this.uint32();
  }

  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) >>> 0;
    this.#counter = (this.#counter + 1) >>> 0;
    this.#a = (this.#b ^ (this.#b >>> 9)) >>> 0;
    this.#b = (this.#c + (this.#c << 3)) >>> 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) >>> 0;
    return sum;
  }

  /** A number from 0 up to, not including, 1. */
  float(): number {
    return this.uint32() / 2 ** 32;
  }

  /** A whole number, both ends included; ranges of at most 2^32 values. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.float() * (max - min + 1));
  }

  chance(probability: number): boolean {
    return this.float() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.integer(0, items.length - 1)]!;
  }

  pickWeighted<T>(items: Weighted<T>): T {
    let total = 0;
    for (const [weight] of items) total += weight;
    let rest = this.float() * total;
    for (const [weight, value] of items) {
      rest -= weight;
      if (rest < 0) return value;
    }
    return items.at(-1)![1];
  }

  /** Most sizes and durations: half of the values lie below the median, a few far above. */
  logNormal(median: number, sigma: number): number {
    // Box-Muller; 1 - float() is never 0, so the logarithm stays finite.
    const radius = Math.sqrt(-2 * Math.log(1 - this.float()));
    return median * Math.exp(sigma * radius * Math.cos(2 * Math.PI * this.float()));
  }

  /** Elephant flows: no value below the minimum, a tail that is heavier the smaller the shape. */
  pareto(minimum: number, shape: number): number {
    return minimum / (1 - this.float()) ** (1 / shape);
  }
}
