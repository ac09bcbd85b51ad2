// Exact numbers of octets out of a stream that comes in chunks of any size, and the error that says
// where in the container file reading failed. Holds no more than what was asked for and one chunk.

export class AvroContainerError extends Error {
  readonly code = 'AVRO_CONTAINER';
  readonly path: string;
  /** Counted from 1; 0 is the header. */
  readonly block: number;

  constructor(path: string, block: number, message: string, cause?: unknown) {
    super(`in ${path}: in ${block === 0 ? 'the header' : `block ${block}`}: ${message}`, { cause });
    this.path = path;
    this.block = block;
  }
}

export class OctetReader {
  readonly path: string;
  /** Where the reader is; its owner counts. */
  block = 0;
  readonly #chunks: AsyncIterator<Buffer>;
  #buffer: Buffer = Buffer.alloc(0);
  #position = 0;

  constructor(chunks: AsyncIterable<Buffer>, path: string) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.path = path;
  }

  async atEnd(): Promise<boolean> {
    return !(await this.#fill(1));
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

  error(message: string, cause?: unknown): AvroContainerError {
    return new AvroContainerError(this.path, this.block, message, cause);
  }

  /** Whether that many unread octets are there, reading on until they are. */
  async #fill(count: number): Promise<boolean> {
    let available = this.#buffer.length - this.#position;
    if (available >= count) return true;
    // Put together once, however many chunks a block takes.
    const parts = [this.#buffer.subarray(this.#position)];
    while (available < count) {
      const chunk = await this.#nextChunk();
      if (chunk === undefined) break;
      parts.push(chunk);
      available += chunk.length;
    }
    this.#buffer = Buffer.concat(parts);
    this.#position = 0;
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
