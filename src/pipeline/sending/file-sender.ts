// A Sender whose collector is a file (RFC 5655). Each file is a Transport Session of its own: it is
// readable by itself, so the sender is informed when a new one begins. A Message that cannot be
// written is tried again; one that may not have reached the disk counts as refused.

import { basename, dirname, extname, join } from 'node:path';
import type { Logger } from 'pino';
import { logEvent } from '../../log/log-events.ts';
import { messageHeaderOctets } from '../../ipfix/message.ts';
import { templateIdMin } from '../../ipfix/template.ts';
import type { Clock } from '../../clock.ts';
import { IpfixFile } from './ipfix-file.ts';
import type { Message } from '../frames/message.ts';
import { oneTaken, type Outcome, type Sender } from './sender.ts';

export interface FileSenderOptions {
  /** Of all files: each one's start, domain and number are put before the name's extension. */
  readonly path: string;
  readonly observationDomainId: number;
  /** A file that would pass this many octets gives way to the next one. */
  readonly rotateOctets: number;
  /** Files end at whole multiples of this, counted from 1970 in UTC. */
  readonly rotateIntervalMs: number;
  /** Settled means on the disk; false: in the kernel, which a crash of the machine takes along. */
  readonly syncs: boolean;
  readonly clock: Clock;
  readonly log: Logger;
  readonly create?: typeof IpfixFile.create;
}

const exportTimeAt = 4;

export class FileSender implements Sender {
  readonly keepsTemplates = true;
  onRefused: (code: string) => void = () => undefined;
  readonly #options: FileSenderOptions;
  readonly #create: typeof IpfixFile.create;
  #file: IpfixFile | undefined;
  #hasData = false;
  #period = 0;
  #lastExportTimeS = 0;
  #number = 0;
  #stopTimer: (() => void) | undefined;
  /** What is done with files is done one after the other; only a sync may run during a write. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: FileSenderOptions) {
    this.#options = options;
    this.#create = options.create ?? ((paths, syncs) => IpfixFile.create(paths, syncs));
  }

  get peer(): string {
    return `file:${this.#options.path}`;
  }

  /** A file is begun by the first Message that has to be in it. */
  connect(): Promise<void> {
    return Promise.resolve();
  }

  send([message]: readonly Message[]): Promise<Outcome> {
    const { buffer, start, length } = message!;
    const octets = buffer.subarray(start, start + length);
    return this.#inTurn(async (): Promise<Outcome> => {
      if (this.#file && this.#isDue(octets, length)) {
        const refused = await this.#finish(this.#file);
        if (refused) return refused;
      }
      try {
        if (!this.#file) {
          await this.#begin();
          return { kind: 'anew' };
        }
        await this.#file.append(octets, length);
      } catch (error) {
        return outcomeOf(error as NodeJS.ErrnoException);
      }
      this.#hasData ||= octets.readUInt16BE(messageHeaderOctets) >= templateIdMin;
      this.#lastExportTimeS = octets.readUInt32BE(exportTimeAt);
      return oneTaken;
    });
  }

  /** Resolves when what was taken is on the disk; where it may not be, a refusal is reported first. */
  async confirm(): Promise<void> {
    await this.#turn;
    const file = this.#file;
    if (!file) return;
    try {
      await file.sync();
    } catch (error) {
      const refused = await this.#inTurn(() => this.#giveUp(file, error));
      this.onRefused(refused.code);
    }
  }

  /** Nothing more is sent: the file gets its name. What is in it was confirmed before. */
  async end(): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#file) await this.#finish(this.#file);
    });
  }

  close(): void {
    this.#stopTimer?.();
    void this.#file?.close();
    this.#file = undefined;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  // Without data it is not left: the Templates of a new file are never what it ends by.
  #isDue(message: Buffer, length: number): boolean {
    if (!this.#hasData) return false;
    const { octets } = this.#file!;
    // RFC 5655 §7.2: ascending Export Time, also where the clock was set back.
    const isEarlier = message.readUInt32BE(exportTimeAt) < this.#lastExportTimeS;
    return octets + length > this.#options.rotateOctets || isEarlier || this.#isOver;
  }

  get #isOver(): boolean {
    return this.#periodNow !== this.#period;
  }

  get #periodNow(): number {
    const { clock, rotateIntervalMs } = this.#options;
    return Math.floor((clock.exportTimeS() * 1000) / rotateIntervalMs);
  }

  async #begin(): Promise<void> {
    const number = this.#number;
    try {
      this.#file = await this.#create(this.#paths(), this.#options.syncs);
    } catch (error) {
      // A number that is missing would look like a file that is.
      this.#number = number;
      throw error;
    }
    this.#hasData = false;
    this.#period = this.#periodNow;
    this.#armTimer();
  }

  *#paths(): Iterable<string> {
    const { path, observationDomainId, clock } = this.#options;
    const startS = clock.exportTimeS();
    for (;;) {
      this.#number += 1;
      yield filePath(path, startS, observationDomainId, this.#number);
    }
  }

  // A stage that has nothing to write finishes its file no less.
  #armTimer(): void {
    const { clock, rotateIntervalMs } = this.#options;
    const nowMs = clock.exportTimeS() * 1000;
    const endsInMs = (Math.floor(nowMs / rotateIntervalMs) + 1) * rotateIntervalMs - nowMs;
    const file = this.#file;
    this.#stopTimer?.();
    this.#stopTimer = clock.after(endsInMs, () => {
      void this.#inTurn(async () => {
        if (this.#file !== file || !file) return;
        if (!this.#isOver || !this.#hasData) this.#armTimer();
        else {
          const refused = await this.#finish(file);
          if (refused) this.onRefused(refused.code);
        }
      });
    });
  }

  async #finish(file: IpfixFile): Promise<Refused | undefined> {
    this.#stopTimer?.();
    this.#file = undefined;
    try {
      await file.finish();
      this.#options.log.info({ file: file.path, octets: file.octets }, 'a file is finished');
      return undefined;
    } catch (error) {
      return this.#giveUp(file, error);
    }
  }

  async #giveUp(file: IpfixFile, error: unknown): Promise<Refused> {
    if (this.#file === file) {
      this.#stopTimer?.();
      this.#file = undefined;
    }
    await file.abandon();
    logEvent(this.#options.log, 'OUTPUT_FILE_UNFINISHED', { err: error, file: file.path });
    return { kind: 'refused', code: codeOf(error as NodeJS.ErrnoException) };
  }
}

type Refused = Extract<Outcome, { kind: 'refused' }>;

const codeOf = ({ code }: NodeJS.ErrnoException): string => code ?? 'UNKNOWN';

/** Nothing that a disk does is for ever: it is fixed, or emptied, and then written to. */
const ours = new Set(['EBADF', 'EINVAL']);

function outcomeOf(error: NodeJS.ErrnoException): Outcome {
  const code = codeOf(error);
  if (error.code === undefined || ours.has(code)) return { kind: 'failed', error };
  return { kind: 'later', code, problem: `the file cannot be written (${error.message})` };
}

// name => stem "-" start "-d" domain "-" number extension
//   start => year month day "T" hour minute second "Z", so that names sort by time
/** `/a/flows.ipfix` → `/a/flows-20260701T120000Z-d1-000001.ipfix`. */
export function filePath(path: string, startS: number, domain: number, number: number): string {
  const extension = extname(path);
  const start = new Date(startS * 1000).toISOString().replace(/[-:]|\.\d+/g, '');
  const name = `${basename(path, extension)}-${start}-d${domain}-${String(number).padStart(6, '0')}`;
  return join(dirname(path), `${name}${extension}`);
}
