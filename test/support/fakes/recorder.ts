// A UDP socket that keeps every datagram as it came, and decodes them when it is asked to. A busy
// test loses nothing, because receiving has its own thread; what the kernel dropped is told.

import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker as Thread } from 'node:worker_threads';
import { type KernelDrops, kernelDrops } from '../../../src/collector/receive-buffer.ts';
import { type DecodedMessage, type DecodedRecord, Decoder } from '../../../src/ipfix/decoder.ts';
import { type SequenceCounts, SequenceTracker } from '../../../src/ipfix/sequence-tracker.ts';

export interface Datagram {
  readonly octets: Buffer;
  /** When it came: milliseconds since 1970, with fractions. */
  readonly atMs: number;
  /** Of the sender. */
  readonly address: string;
  readonly port: number;
}

/** A Datagram as it comes out of the thread: a Buffer crosses as a bare Uint8Array. */
export type SentDatagram = Omit<Datagram, 'octets'> & { readonly octets: Uint8Array };

export interface RecorderAssignment {
  readonly host: string;
  readonly port: number;
}

export type FromRecorder =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'datagrams'; readonly datagrams: readonly SentDatagram[] }
  | { readonly kind: 'closed' };

export class Recorder {
  readonly host: string;
  readonly port: number;
  /** In the order of arrival. */
  readonly datagrams: Datagram[] = [];
  readonly #thread: Thread;
  readonly #decoder = new Decoder();
  readonly #sequence = new SequenceTracker();
  readonly #messages: DecodedMessage[] = [];
  #dataRecords = 0;
  #drops: KernelDrops | undefined;

  private constructor(thread: Thread, host: string, port: number) {
    this.#thread = thread;
    this.host = host;
    this.port = port;
    thread.on('message', (message: FromRecorder) => {
      if (message.kind === 'datagrams') this.#keep(message.datagrams);
    });
  }

  /** On 127.0.0.1 or another address; port 0 lets the system choose. */
  static async listen({ host = '127.0.0.1', port = 0 } = {}): Promise<Recorder> {
    const workerData = { host, port } satisfies RecorderAssignment;
    const thread = new Thread(threadFile, { workerData, execArgv: [] });
    const [told] = (await once(thread, 'message')) as [FromRecorder];
    if (told.kind !== 'listening') throw new Error('the Recorder spoke before it listened');
    return new Recorder(thread, host, told.port);
  }

  /** As the setting COLLECTORS wants it. */
  get collector(): string {
    return `ipfix://${this.host.includes(':') ? `[${this.host}]` : this.host}:${this.port}`;
  }

  /** Every Message so far, decoded in order; a malformed one throws DecodeError. */
  messages(): readonly DecodedMessage[] {
    while (this.#messages.length < this.datagrams.length) {
      const { octets, address, port } = this.datagrams[this.#messages.length]!;
      const session = `${address} ${port}`;
      const message = this.#decoder.decode(octets, session);
      this.#sequence.observe(message, session);
      this.#messages.push(message);
      this.#dataRecords += message.dataRecordCount;
    }
    return this.#messages;
  }

  records(): DecodedRecord[] {
    return this.messages().flatMap(({ records }) => records);
  }

  /** Gaps, repeats and restarts in the Sequence Numbers, summed over sessions and domains. */
  sequence(): SequenceCounts {
    this.messages();
    return this.#sequence.totals();
  }

  /** Datagrams that came and found no room; what a test calls lost must not be these. */
  get kernelDrops(): KernelDrops {
    return this.#drops ?? kernelDrops(this.port);
  }

  /** Resolves with the number of Data Records once there are so many; rejects when time is up. */
  async untilRecords(count: number, timeoutMs = 60_000): Promise<number> {
    const giveUpAt = performance.now() + timeoutMs;
    for (;;) {
      this.messages();
      if (this.#dataRecords >= count) return this.#dataRecords;
      if (performance.now() > giveUpAt) {
        const drops = `the kernel dropped ${this.kernelDrops} datagrams`;
        throw new Error(
          `${this.#dataRecords} of ${count} Data Records in ${timeoutMs} ms; ${drops}`,
        );
      }
      await sleep(20);
    }
  }

  /** Reads what has arrived, then lets go of the socket. What was recorded stays. */
  async close(): Promise<void> {
    if (this.#drops !== undefined) return;
    this.#drops = kernelDrops(this.port);
    const exited = once(this.#thread, 'exit');
    this.#thread.postMessage('close');
    await exited;
  }

  #keep(datagrams: readonly SentDatagram[]): void {
    for (const { octets, ...rest } of datagrams) {
      const { buffer, byteOffset, byteLength } = octets;
      this.datagrams.push({ ...rest, octets: Buffer.from(buffer, byteOffset, byteLength) });
    }
  }
}

const threadFile = new URL('./recorder-thread.ts', import.meta.url);
