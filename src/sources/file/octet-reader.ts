// Exact numbers of octets out of a stream that comes in chunks of any size, and the error that says
// where in the container file reading failed. Holds no more than what was asked for and one chunk, and
// what was read since the last mark.

export class AvroContainerError extends Error {
  readonly code = 'AVRO_CONTAINER';
  readonly path: string;
  /** Counted from 1; 0 is the first header. */
  readonly block: number;
  /** Where in the file the block, or the header, begins. */
  readonly octet: number;

  constructor(
    { path, block, octet }: { path: string; block: number; octet: number },
    message: string,
    cause?: unknown,
  ) {
    const where = block === 0 ? 'the header' : `block ${block}, which begins at octet ${octet}`;
    super(`in ${path}: in ${where}: ${message}`, { cause });
    this.path = path;
    this.block = block;
    this.octet = octet;
  }
}

export class OctetReader {
  readonly path: string;
  /** Where the reader is; its owner counts. */
  block = 0;
  readonly #chunks: AsyncIterator<Buffer>;
  #buffer: Buffer = Buffer.alloc(0);
  /** The position in the file of the buffer's first octet. */
  #offset = 0;
  #mark = 0;
  #position = 0;

  constructor(chunks: AsyncIterable<Buffer>, path: string) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.path = path;
  }

  async atEnd(): Promise<boolean> {
    return !(await this.#fill(1));
  }

  /** What `rewind` goes back to, and where errors say that the block begins. */
  mark(): void {
    this.#mark = this.#position;
  }

  rewind(): void {
    this.#position = this.#mark;
  }

  /** The next octets, fewer at the end; they stay unread. */
  async peek(count: number): Promise<Buffer> {
    await this.#fill(count);
    return this.#buffer.subarray(this.#position, this.#position + count);
  }

  /** A view that stays valid: chunks are never written to again. */
  async octets(count: number): Promise<Buffer> {
    if (!(await this.#fill(count))) throw this.error('the file ends in the middle of it');
    const octets = this.#buffer.subarray(this.#position, this.#position + count);
    this.#position += count;
    return octets;
  }

  // Avro's long: zigzag, then 7 bits in each octet, low ones first; the last has no top bit.
  async long(): Promise<number> {
    let zigzag = 0n;
    for (let shift = 0n; ; shift += 7n) {
      if (shift > 63n) throw this.error('a number longer than 64 bits');
      const octet = (await this.octets(1))[0]!;
      zigzag |= BigInt(octet & 0x7f) << shift;
      if (octet < 0x80) break;
    }
    return Number((zigzag >> 1n) ^ -(zigzag & 1n));
  }

  /**
   * Goes on, from one octet behind the mark, to the first place where `found` says that something
   * begins or ends: what it returns is how far from there. False at the end of the file.
   */
  async seek(found: (octets: Buffer) => number, octetsMin: number): Promise<boolean> {
    this.#position = this.#mark + 1;
    for (;;) {
      if (!(await this.#fill(octetsMin))) return false;
      const at = found(this.#buffer.subarray(this.#position));
      if (at >= 0) {
        this.#position += at;
        this.#mark = this.#position;
        return true;
      }
      // What is searched for may begin here and end in the next chunk.
      this.#position = this.#buffer.length - octetsMin + 1;
      this.#mark = this.#position;
    }
  }

  error(message: string, cause?: unknown): AvroContainerError {
    const { path, block } = this;
    const octet = this.#offset + this.#mark;
    return new AvroContainerError({ path, block, octet }, message, cause);
  }

  /** Whether that many unread octets are there, reading on until they are. */
  async #fill(count: number): Promise<boolean> {
    let available = this.#buffer.length - this.#position;
    if (available >= count) return true;
    // Put together once, however many chunks a block takes.
    const parts = [this.#buffer.subarray(this.#mark)];
    while (available < count) {
      const chunk = await this.#nextChunk();
      if (chunk === undefined) break;
      parts.push(chunk);
      available += chunk.length;
    }
    this.#buffer = Buffer.concat(parts);
    this.#offset += this.#mark;
    this.#position -= this.#mark;
    this.#mark = 0;
    return available >= count;
  }

  async #nextChunk(): Promise<Buffer | undefined> {
    try {
      const next = await this.#chunks.next();
      return next.done === true ? undefined : next.value;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw this.error(`it cannot be read: ${reason}`, cause);
    }
  }
}
