// How values are spread over buckets, as Prometheus expects it. Plain numbers: it is filled once
// for each Message.

export interface HistogramSeen {
  /** The upper bound of each bucket but the last, which has none. */
  readonly bounds: readonly number[];
  /** One more than there are bounds; not cumulative. */
  readonly counts: readonly number[];
  readonly sum: number;
}

export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.#bounds.length && value > this.#bounds[bucket]!) bucket += 1;
    this.#counts[bucket]! += 1;
    this.#sum += value;
  }

  get seen(): HistogramSeen {
    return { bounds: this.#bounds, counts: [...this.#counts], sum: this.#sum };
  }
}
