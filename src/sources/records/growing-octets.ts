// Octets that are appended to and used again: room is taken once and kept, up to a size.

export class GrowingOctets {
  octets: Buffer;
  length = 0;
  readonly #kept: Buffer;

  /** What grows beyond `keptOctets` is let go with the next `clear`. */
  constructor(keptOctets: number) {
    this.#kept = Buffer.allocUnsafeSlow(keptOctets);
    this.octets = this.#kept;
  }

  /** Makes room for this many more. What is there keeps its place, in other octets where it has to grow. */
  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.octets.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.octets.length));
    this.octets.copy(larger, 0, 0, this.length);
    this.octets = larger;
  }

  append(octets: Buffer): void {
    this.reserve(octets.length);
    octets.copy(this.octets, this.length);
    this.length += octets.length;
  }

  clear(): void {
    this.length = 0;
    this.octets = this.#kept;
  }
}
