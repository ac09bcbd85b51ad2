// The times of those records of a partition that are in flight, by offset: samples, between which they are
// interpolated. So the age of any of them is known, at the price of a few numbers.

const samplesMax = 256;

export class RecordTimes {
  /** Ascending, and their times in milliseconds since 1970. */
  #offsets: number[] = [];
  #timesMs: number[] = [];
  #endOffset = -1;
  #endTimeMs = 0;

  /** A record; those before `committed` are not asked for again. */
  add(offset: number, timeMs: number, committed: number): void {
    if (offset <= (this.#offsets.at(-1) ?? -1)) this.#cut(offset);
    this.#forgetBefore(committed);
    if (this.#offsets.length >= samplesMax) this.#thinOut();
    this.#offsets.push(offset);
    this.#timesMs.push(timeMs);
  }

  /** The newest record. */
  end(offset: number, timeMs: number): void {
    this.#endOffset = offset;
    this.#endTimeMs = timeMs;
  }

  /** The time of the record at this offset, or of the first one after it; undefined where it is not known. */
  at(offset: number): number | undefined {
    if (offset > this.#endOffset || this.#offsets.length === 0) return undefined;
    const after = this.#offsets.findIndex((one) => one > offset);
    if (after === 0) return this.#timesMs[0];
    const before = after < 0 ? this.#offsets.length - 1 : after - 1;
    const [fromOffset, fromMs] = [this.#offsets[before]!, this.#timesMs[before]!];
    const toOffset = after < 0 ? this.#endOffset : this.#offsets[after]!;
    const toMs = after < 0 ? this.#endTimeMs : this.#timesMs[after]!;
    if (toOffset <= fromOffset) return fromMs;
    return fromMs + ((toMs - fromMs) * (offset - fromOffset)) / (toOffset - fromOffset);
  }

  /** It is read again from here. */
  #cut(offset: number): void {
    const kept = this.#offsets.filter((one) => one < offset).length;
    this.#offsets.length = kept;
    this.#timesMs.length = kept;
  }

  #forgetBefore(committed: number): void {
    let count = 0;
    while (count + 1 < this.#offsets.length && this.#offsets[count + 1]! <= committed) count += 1;
    if (count === 0) return;
    this.#offsets.splice(0, count);
    this.#timesMs.splice(0, count);
  }

  #thinOut(): void {
    this.#offsets = this.#offsets.filter((_, i) => i % 2 === 0);
    this.#timesMs = this.#timesMs.filter((_, i) => i % 2 === 0);
  }
}
