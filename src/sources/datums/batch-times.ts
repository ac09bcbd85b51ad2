// What the batches of a Delivery say of the times of their records, for when somebody asks. A batch may
// have a single record, so there is no object for a batch either.

export class BatchTimes {
  count = 0;
  readonly #firstDatums: Int32Array;
  readonly #baseTimestamps: Float64Array;
  /** NaN where each record has its own. */
  readonly #logAppendTimes: Float64Array;

  constructor(batchesMax: number) {
    this.#firstDatums = new Int32Array(batchesMax);
    this.#baseTimestamps = new Float64Array(batchesMax);
    this.#logAppendTimes = new Float64Array(batchesMax);
  }

  note(firstDatum: number, baseTimestamp: number, logAppendTime = Number.NaN): void {
    this.#firstDatums[this.count] = firstDatum;
    this.#baseTimestamps[this.count] = baseTimestamp;
    this.#logAppendTimes[this.count] = logAppendTime;
    this.count += 1;
  }

  timestampOf(datum: number, delta: number): number {
    let [low, high] = [0, this.count - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#firstDatums[middle]! <= datum) low = middle;
      else high = middle - 1;
    }
    const logAppendTime = this.#logAppendTimes[low]!;
    return Number.isNaN(logAppendTime) ? this.#baseTimestamps[low]! + delta : logAppendTime;
  }

  /** The same with more room. */
  grown(batchesMax: number): BatchTimes {
    const larger = new BatchTimes(batchesMax);
    larger.#firstDatums.set(this.#firstDatums);
    larger.#baseTimestamps.set(this.#baseTimestamps);
    larger.#logAppendTimes.set(this.#logAppendTimes);
    larger.count = this.count;
    return larger;
  }
}
