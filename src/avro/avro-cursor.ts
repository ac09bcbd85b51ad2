// Avro's binary encoding, value by value, with every step checked against the end of the datum
// (Avro specification, "Binary Encoding"). It knows no schema.

/** Octets that are no datum of the schema. */
export class AvroDataError extends Error {
  readonly code = 'AVRO_DATA';
  override readonly name = 'AvroDataError';
  /** Where in the datum, as `src.ports.3`; empty for the datum as a whole. */
  readonly path: string;
  readonly problem: string;

  constructor(path: string, problem: string) {
    super(path === '' ? problem : `at ${path}: ${problem}`);
    this.path = path;
    this.problem = problem;
  }

  /** The same fault, seen from one level further out. */
  within(segment: string | number): AvroDataError {
    return new AvroDataError(
      this.path === '' ? `${segment}` : `${segment}.${this.path}`,
      this.problem,
    );
  }
}

export interface ReadLimits {
  /** Records and lists inside each other. */
  readonly depthMax: number;
  /** Items of all arrays and maps of a datum. */
  readonly itemsMax: number;
  /** Octets of a string or of bytes. */
  readonly stringOctetsMax: number;
}

export const defaultLimits: ReadLimits = {
  depthMax: 64,
  itemsMax: 1_000_000,
  stringOctetsMax: 1_048_576,
};

const replacement = '\ufffd';
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class AvroCursor {
  bytes: Buffer = Buffer.alloc(0);
  at = 0;
  end = 0;
  depth = 0;
  items = 0;
  readonly limits: ReadLimits;

  constructor(limits: ReadLimits) {
    this.limits = limits;
  }

  open(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.depth = 0;
    this.items = 0;
  }

  #cut(): never {
    throw new AvroDataError('', 'the datum is cut short');
  }

  /** Passes `octets` over. */
  skip(octets: number): void {
    if (octets > this.end - this.at) this.#cut();
    this.at += octets;
  }

  octet(): number {
    if (this.at >= this.end) this.#cut();
    return this.bytes[this.at++]!;
  }

  boolean(): boolean {
    const octet = this.octet();
    if (octet > 1) throw new AvroDataError('', `a boolean of ${octet}; it must be 0 or 1`);
    return octet === 1;
  }

  // int, long => zigzag number in groups of 7 bits, low ones first; the last octet has no top bit
  /** An int, also a block count's, union's or enum's number. */
  int(): number {
    const octet = this.octet();
    if (octet < 0x80) return (octet >>> 1) ^ -(octet & 1);
    this.at -= 1;
    const value = this.long();
    if (typeof value === 'bigint' || value > 0x7fff_ffff || value < -0x8000_0000) {
      throw new AvroDataError('', `${value} does not fit an int`);
    }
    return value;
  }

  /** A number where it is exact, else a bigint. */
  long(): number | bigint {
    const { bytes, end } = this;
    let at = this.at;
    let low = 0;
    let octet = 0x80;
    for (let shift = 0; shift < 28 && octet >= 0x80; shift += 7) {
      if (at >= end) this.#cut();
      octet = bytes[at++]!;
      low |= (octet & 0x7f) << shift;
    }
    if (octet < 0x80) {
      this.at = at;
      return (low >>> 1) ^ -(low & 1);
    }
    let high = 0;
    for (let shift = 0; shift < 28 && octet >= 0x80; shift += 7) {
      if (at >= end) this.#cut();
      octet = bytes[at++]!;
      high |= (octet & 0x7f) << shift;
    }
    if (octet < 0x80 && high < 0x200_0000) {
      this.at = at;
      const zigzag = high * 0x1000_0000 + low;
      return (low & 1) === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
    }
    let top = 0;
    for (let shift = 0; shift < 14 && octet >= 0x80; shift += 7) {
      if (at >= end) this.#cut();
      octet = bytes[at++]!;
      top |= (octet & 0x7f) << shift;
    }
    if (octet >= 0x80 || top > 0xff) throw new AvroDataError('', 'a number longer than 64 bits');
    this.at = at;
    return exact(low, high, top);
  }

  skipLong(): void {
    const { bytes, end } = this;
    const first = this.at;
    let at = first;
    while (at < end && bytes[at]! >= 0x80) at += 1;
    if (at >= end) this.#cut();
    // The tenth octet has room for one bit.
    if (at - first > 9 || (at - first === 9 && bytes[at]! > 1)) {
      throw new AvroDataError('', 'a number longer than 64 bits');
    }
    this.at = at + 1;
  }

  float(): number {
    this.skip(4);
    return this.bytes.readFloatLE(this.at - 4);
  }

  double(): number {
    this.skip(8);
    return this.bytes.readDoubleLE(this.at - 8);
  }

  // bytes, string => long octets
  /** The length of a string or of bytes, checked against what is left. */
  length(): number {
    const octets = this.long();
    if (octets < 0) throw new AvroDataError('', `a length of ${octets} octets`);
    if (octets > this.end - this.at) this.#cut();
    if (octets > this.limits.stringOctetsMax) {
      throw new AvroDataError('', `${octets} octets; the limit is ${this.limits.stringOctetsMax}`);
    }
    return octets as number;
  }

  /** A view, not a copy. */
  octets(count: number): Buffer {
    this.skip(count);
    return this.bytes.subarray(this.at - count, this.at);
  }

  string(): string {
    const octets = this.length();
    const start = this.at;
    this.at += octets;
    const text = this.bytes.toString('utf8', start, this.at);
    if (text.includes(replacement)) this.#checkUtf8(start);
    return text;
  }

  // Node.js puts U+FFFD where octets are broken, and where they say just that.
  #checkUtf8(start: number): void {
    try {
      strictUtf8.decode(this.bytes.subarray(start, this.at));
    } catch {
      throw new AvroDataError('', 'the octets of the string are not UTF-8');
    }
  }

  // array, map => [block] 0
  // block => long count, items; or -count, long octets of the items, items
  /**
   * The number of items in the next block, 0 at the end. `octetsMin` is what an item takes at least:
   * a count that the octets left cannot hold is refused before any loop is begun for it.
   */
  block(octetsMin: number): number {
    let count = this.long();
    if (count === 0) return 0;
    if (count < 0) {
      count = -count;
      this.blockOctets = this.long();
      this.blockAt = this.at;
    } else this.blockOctets = -1;
    if (typeof count === 'bigint' || count * octetsMin > this.end - this.at) {
      throw new AvroDataError('', `a block of ${count} items in ${this.end - this.at} octets`);
    }
    this.items += count;
    if (this.items > this.limits.itemsMax) {
      throw new AvroDataError('', `more than ${this.limits.itemsMax} items of arrays and maps`);
    }
    return count;
  }

  /** What the last block said of its octets, -1 where nothing, and where they began. */
  blockOctets: number | bigint = -1;
  blockAt = 0;

  deeper(): void {
    this.depth += 1;
    if (this.depth > this.limits.depthMax) {
      throw new AvroDataError('', `nested deeper than ${this.limits.depthMax}`);
    }
  }
}

function exact(low: number, high: number, top: number): number | bigint {
  const zigzag = BigInt(low) | (BigInt(high) << 28n) | (BigInt(top) << 56n);
  const value = (zigzag >> 1n) ^ -(zigzag & 1n);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
