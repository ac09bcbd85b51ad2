// Where commands write data: standard output, or a file. All write by this one way: it waits for the
// reader and never blocks, so that signals are heard, and what could not be written is never a success.

import { Writable } from 'node:stream';
import { exitCode } from '../exit-code.ts';
import { UnblockedStream } from '../log/unblocked-stream.ts';

/** Data was not written, all or in part. */
export class OutputError extends Error {
  readonly code: 'OUTPUT_CLOSED' | 'OUTPUT_FAILED';
  override readonly name = 'OutputError';
  /** What the process ends with. */
  readonly exitCode: number;

  constructor(place: string, cause: NodeJS.ErrnoException) {
    const isClosed = cause.code === 'EPIPE';
    super(
      isClosed
        ? `the reader of ${place} has closed it`
        : `cannot write ${place}: ${cause.message}; what was written there is incomplete`,
      { cause },
    );
    this.code = isClosed ? 'OUTPUT_CLOSED' : 'OUTPUT_FAILED';
    this.exitCode = isClosed ? exitCode.brokenPipe : exitCode.io;
  }
}

export class Output {
  /** Called once, at the first failure; nothing is written after it. */
  onFailed: (error: OutputError) => void = () => undefined;
  readonly #place: string;
  readonly #stream: UnblockedStream;
  #waiting: Buffer[] = [];
  #heldOctets = 0;
  #isWriting = false;
  #written = Promise.resolve();
  #error: OutputError | undefined;

  /** `place` is for messages. */
  constructor(place: string, fd: number) {
    this.#place = place;
    this.#stream = new UnblockedStream(fd);
  }

  /** Octets that wait for the reader. */
  get heldOctets(): number {
    return this.#heldOctets;
  }

  /** Takes it without waiting; a failure comes by `onFailed` and `flushed`. */
  push(data: string | Buffer): void {
    if (this.#error || data.length === 0) return;
    const octets = typeof data === 'string' ? Buffer.from(data) : data;
    this.#waiting.push(octets);
    this.#heldOctets += octets.length;
    if (this.#isWriting) return;
    this.#isWriting = true;
    this.#written = this.#write();
  }

  /** Resolves when all of it is written. Rejects with OutputError. */
  async flushed(): Promise<void> {
    await this.#written;
    if (this.#error) throw this.#error;
  }

  /** Both. */
  async write(data: string | Buffer): Promise<void> {
    this.push(data);
    await this.flushed();
  }

  /** A stream for those who need one. Its errors are OutputErrors. */
  asWritable(): Writable {
    return new Writable({
      write: (chunk: Buffer, _encoding, done: (error?: Error) => void) => {
        this.write(chunk).then(() => done(), done);
      },
    });
  }

  async #write(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const octets =
          this.#waiting.length === 1 ? this.#waiting[0]! : Buffer.concat(this.#waiting);
        this.#waiting = [];
        const waits = this.#stream.write(octets);
        if (waits) await waits;
        this.#heldOctets -= octets.length;
      }
    } catch (error) {
      this.#waiting = [];
      this.#error = new OutputError(this.#place, error as NodeJS.ErrnoException);
      this.onFailed(this.#error);
    }
    this.#isWriting = false;
  }
}

const stdoutFd = 1;

/** The standard output of this process. */
export const standardOutput = new Output('standard output', stdoutFd);
