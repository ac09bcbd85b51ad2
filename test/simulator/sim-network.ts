// The way from a process's kernel to the collector: a name that may move or not resolve, an address where
// somebody listens or nobody, refusals that come back a little later, and a kernel that takes nothing now.

import type { Random } from '../../src/generator/random.ts';
import type { Message } from '../../src/pipeline/frames/message.ts';
import type { Outcome, Sender } from '../../src/pipeline/sending/sender.ts';
import type { Oracle } from './oracle.ts';
import type { Stream } from './stream.ts';
import { processNow, type SimProcess, type VirtualTime } from './virtual-time.ts';

export type Kernel = 'takes' | 'is full' | 'stalls';

const refusedAfterMs = 15;

export class SimNetwork {
  /** Where the collector's name leads; undefined: it does not resolve. */
  address: string | undefined = 'first';
  /** Where a collector listens now. */
  listening: string | undefined = 'first';
  /** The kernel of the host, for all processes. */
  kernel: Kernel = 'takes';
  readonly time: VirtualTime;
  readonly random: Random;
  readonly oracle: Oracle;

  constructor(options: { time: VirtualTime; random: Random; oracle: Oracle }) {
    this.time = options.time;
    this.random = options.random;
    this.oracle = options.oracle;
  }

  pause(ms: number): Promise<void> {
    const process = processNow();
    return new Promise((resolve) => this.time.after(ms, resolve, process));
  }
}

const pollMs = 7;

export class SimSender implements Sender {
  readonly peer = 'collector:4739';
  readonly runMax = 8;
  onRefused: (code: string) => void = () => undefined;
  readonly #network: SimNetwork;
  readonly #stream: Stream;
  readonly #process: SimProcess | undefined = processNow();
  #address: string | undefined;
  #isClosed = false;
  /** An ICMP answer that the socket keeps for whoever asks first. */
  #error: string | undefined;

  constructor(network: SimNetwork, stream: Stream) {
    this.#network = network;
    this.#stream = stream;
  }

  async connect(): Promise<void> {
    await this.#network.pause(this.#network.random.integer(0, 5));
    const { address } = this.#network;
    if (address === undefined) throw new Error('getaddrinfo ENOTFOUND collector');
    this.#address = address;
  }

  /** Takes the whole run, or some of it. */
  async send(run: readonly Message[]): Promise<Outcome> {
    const network = this.#network;
    const attempt = this.#stream.attempt();
    // As a rule at once.
    if (network.random.chance(0.2)) await network.pause(network.random.float());
    while (network.kernel === 'stalls' && !this.#isClosed) await network.pause(pollMs);
    const code = this.#error;
    if (code !== undefined) {
      this.#error = undefined;
      this.#stream.refused();
      return { kind: 'refused', code };
    }
    if (network.kernel === 'is full') return { kind: 'later', code: 'ENOBUFS' };
    const count = network.random.chance(0.5) ? run.length : network.random.integer(1, run.length);
    for (const { buffer, start, length } of run.slice(0, count)) {
      this.#stream.taken(Buffer.from(buffer.subarray(start, start + length)), attempt);
    }
    if (network.listening !== this.#address) {
      network.time.inWorld(network.random.float() * refusedAfterMs, () => this.#refuse());
    }
    return { kind: 'taken', count };
  }

  /** A look at the socket: what has come to this host is known then, whenever the event would come. */
  confirm(): Promise<void> {
    this.#tell();
    return Promise.resolve();
  }

  close(): void {
    this.#isClosed = true;
  }

  /** The answer has come to this host: the socket tells of it at the next call, or by an event. */
  #refuse(): void {
    if (this.#isClosed || this.#process?.isDead) return;
    this.#stream.suspect();
    this.#error = 'ECONNREFUSED';
    const tellMs = this.#network.random.chance(0.3) ? 0.5 : 0;
    this.#network.time.after(tellMs, () => this.#tell(), this.#process);
  }

  #tell(): void {
    const code = this.#error;
    if (code === undefined) return;
    this.#error = undefined;
    this.#stream.refused();
    this.onRefused(code);
  }
}
