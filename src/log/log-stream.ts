// Standard error, for the log and for what commands say: lines wait in a buffer that has a bound, for
// all threads together. A line that finds no room is dropped and counted. Nothing waits for the reader.

import { within } from '../clock.ts';

/** Characters of all lines that wait, in all threads. */
const roomChars = 2 ** 20;
/** The least serious lines leave room for the others. */
const debugRoomChars = roomChars / 2;
const debugLevel = 20;

/** Characters that are written at once; this much room comes back at once, too. */
const chunkChars = 2 ** 15;

/** How long the last lines of a process are waited for. */
const endWithinMs = 800;

/** How much waits, and how many lines found no room: shared by the threads of a process. */
export class LogRoom {
  readonly shared: SharedArrayBuffer;
  /** Characters that wait; lines that were dropped. */
  readonly #cells: Uint32Array;

  constructor(shared = new SharedArrayBuffer(8)) {
    this.shared = shared;
    this.#cells = new Uint32Array(shared);
  }

  /** False where the line has to be dropped; it is counted then. */
  take(chars: number, level: number): boolean {
    const { held } = this;
    const most = level <= debugLevel ? debugRoomChars : roomChars;
    // One longer than all the room still goes where nothing else waits.
    const isTaken = held === 0 || held + chars <= most;
    if (isTaken) Atomics.add(this.#cells, 0, chars);
    else this.drop(1);
    return isTaken;
  }

  free(chars: number): void {
    Atomics.sub(this.#cells, 0, chars);
  }

  drop(lines: number): void {
    Atomics.add(this.#cells, 1, lines);
  }

  get held(): number {
    return Atomics.load(this.#cells, 0);
  }

  get dropped(): number {
    return Atomics.load(this.#cells, 1);
  }
}

export interface OctetStream {
  write(octets: Buffer): Promise<void> | undefined;
}

export class LogStream {
  readonly room = new LogRoom();
  /** Says how many lines were dropped, once others are taken again. */
  sayDropped = (lines: number): void => this.write(`${droppedText(lines)}\n`);
  readonly #stream: OctetStream;
  #lines: string[] = [];
  #isDraining = false;
  #drained = Promise.resolve();
  #hasReader = true;
  #saidDropped = 0;

  constructor(stream: OctetStream) {
    this.#stream = stream;
  }

  /** One line or several, with their end. */
  write(line: string, level = Infinity): void {
    if (this.room.take(line.length, level)) this.accept(line);
  }

  /** A line that has its room already, from another thread. */
  accept(line: string): void {
    this.#lines.push(line);
    if (this.#isDraining) return;
    this.#isDraining = true;
    this.#drained = this.#drain();
  }

  /** Resolves when all lines are written, or when that takes too long. */
  async end(withinMs = endWithinMs): Promise<void> {
    await within(withinMs, this.#drained);
  }

  // Up to its first wait it is synchronous: a line is out when `write` returns, where there is room.
  async #drain(): Promise<void> {
    while (this.#lines.length > 0) {
      const { text, lines } = this.#chunk();
      try {
        const waits = this.#hasReader ? this.#stream.write(Buffer.from(text)) : undefined;
        if (waits) await waits;
        this.room.free(text.length);
        if (this.#hasReader) this.#flows();
        else this.room.drop(lines);
      } catch (error) {
        // The reader has left, or the disk is full. The process has other work than its log.
        this.#hasReader &&= (error as NodeJS.ErrnoException).code !== 'EPIPE';
        this.room.free(text.length);
        this.room.drop(lines);
      }
    }
    this.#isDraining = false;
  }

  #chunk(): { text: string; lines: number } {
    let chars = 0;
    const enough = this.#lines.findIndex((line) => (chars += line.length) >= chunkChars);
    const lines = enough < 0 ? this.#lines : this.#lines.splice(0, enough + 1);
    if (lines === this.#lines) this.#lines = [];
    return { text: lines.join(''), lines: lines.length };
  }

  #flows(): void {
    const { dropped, held } = this.room;
    const lines = (dropped - this.#saidDropped) >>> 0;
    if (lines === 0 || held > debugRoomChars / 2) return;
    this.#saidDropped = dropped;
    this.sayDropped(lines);
  }
}

const droppedText = (lines: number): string =>
  `${lines} log ${lines === 1 ? 'line was' : 'lines were'} dropped: nobody read the log fast enough, or it could not be written`;
