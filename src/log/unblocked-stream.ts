// Octets to a file descriptor that may be a pipe or a terminal which nobody reads: no call blocks the
// thread. It knows nothing of what it writes.

import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Writable } from 'node:stream';

/** How often a terminal that is held (Ctrl-S) is tried again. */
const retryMs = 20;

interface Way {
  /** Its calls return at once. */
  readonly fd?: number;
  /** Takes what `fd` did not, and waits for room. */
  readonly stream?: Writable;
}

export class UnblockedStream {
  readonly #fd: number;
  #way: Way | undefined;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /**
   * Undefined where all octets were taken at once; else a promise, and the next call has to wait for
   * it. A failure comes by either way.
   */
  write(octets: Buffer): Promise<void> | undefined {
    this.#way ??= this.#open();
    const rest = taken(this.#way.fd, octets);
    if (rest.length === 0) return undefined;
    return this.#way.stream ? handedTo(this.#way.stream, rest) : this.#retry(rest);
  }

  async #retry(octets: Buffer): Promise<void> {
    let rest = octets;
    while (rest.length > 0) {
      await sleep(retryMs);
      rest = taken(this.#way!.fd, rest);
    }
  }

  #open(): Way {
    const stat = fstatSync(this.#fd);
    if (stat.isFile()) return { fd: this.#fd };
    const fd = stat.isSocket() ? undefined : this.#reopened();
    // A terminal cannot be waited for by a Socket, a pipe can.
    if (fd !== undefined && !stat.isFIFO()) return { fd };
    const stream = fd === undefined ? this.#inherited() : pipeOf(fd);
    // The callback of `write` has it too.
    stream.on('error', () => undefined);
    return { ...(fd !== undefined && { fd }), stream };
  }

  /**
   * The same pipe or terminal, opened once more: O_NONBLOCK belongs to what was opened, and other
   * programs share that. Undefined where this cannot be: another user's pipe, one without a reader.
   */
  #reopened(): number | undefined {
    const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
    try {
      return openSync(`/proc/self/fd/${this.#fd}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
    } catch {
      return undefined;
    }
  }

  #inherited(): Writable {
    if (this.#fd === 1) return process.stdout;
    return this.#fd === 2 ? process.stderr : pipeOf(this.#fd);
  }
}

/** What is left of the octets, after the descriptor took what it has room for. */
function taken(fd: number | undefined, octets: Buffer): Buffer {
  let rest = octets;
  try {
    while (fd !== undefined && rest.length > 0) rest = rest.subarray(writeSync(fd, rest));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
  }
  return rest;
}

const pipeOf = (fd: number): Writable => new Socket({ fd, readable: false, writable: true });

const handedTo = (stream: Writable, octets: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    stream.write(octets, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
