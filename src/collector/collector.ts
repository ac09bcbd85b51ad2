// A UDP collector of IPFIX: receives, decodes, counts. The `collect` command, the demo and tests
// stand on it. It distinguishes what its own socket lost from what never arrived.

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { setImmediate as setImmediatePromise } from 'node:timers/promises';
import { type CollectingOptions, CollectingProcess } from './collecting-process.ts';
import type { CollectorAddress, CollectorSummary } from './summary.ts';
import { askForBuffer, kernelDrops, type KernelDrops } from './receive-buffer.ts';

export type { CollectorAddress, CollectorSummary } from './summary.ts';

/** Datagrams decoded between two looks at the socket: few, so that its buffer never waits long. */
const sliceDatagrams = 16;
/** This many at one look mean that more wait (libuv reads at most 32): reading comes first. */
const burstDatagrams = 16;
/** Datagrams waiting to be decoded; past it, decoding holds up receiving. */
const queueDatagramsMax = 65_536;

/** How long `close()` goes on reading under traffic that does not end. */
const readOutMs = 250;

export interface Received {
  readonly octets: Buffer;
  /** When it came: milliseconds since 1970. */
  readonly atMs: number;
  readonly from: { readonly address: string; readonly port: number };
}

export interface CollectorOptions extends CollectingOptions {
  /** An address, or a name to be resolved; 127.0.0.1 by default. */
  readonly host?: string;
  /** 0, the default, lets the system choose. */
  readonly port?: number;
  /** What to ask of the kernel; 4 MiB by default. */
  readonly receiveBufferBytes?: number;
  /** Every datagram as it comes, before anything is made of it. */
  readonly onDatagram?: (datagram: Received) => void;
  /** After each slice of decoding: the place to write out what came together. */
  readonly onSlice?: () => void;
}

export class Collector {
  readonly #options: CollectorOptions;
  readonly #process: CollectingProcess;
  #socket: Socket | undefined;
  #address: CollectorAddress | undefined;
  #drops: KernelDrops = 'unknown';
  #queue: { datagram: Buffer; session: string }[] = [];
  #next = 0;
  #scheduled = false;
  #receivedThisTurn = 0;
  #lastDatagramAt: number | undefined;

  constructor(options: CollectorOptions = {}) {
    this.#options = options;
    this.#process = new CollectingProcess(options);
  }

  async listen(): Promise<CollectorAddress> {
    const { host = '127.0.0.1', port = 0, receiveBufferBytes = 4 * 2 ** 20 } = this.#options;
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    socket.on('message', (datagram, from) => this.#receive(datagram, from));
    socket.bind({ port, address: host, exclusive: true });
    try {
      await once(socket, 'listening');
    } catch (error) {
      socket.close();
      throw error;
    }
    // A later error of a bound UDP socket concerns one datagram; there is nothing to undo.
    socket.on('error', () => undefined);
    this.#socket = socket;
    const granted = askForBuffer(socket, receiveBufferBytes);
    const bound = socket.address();
    this.#address = { host: bound.address, port: bound.port, receiveBufferBytes: granted };
    return this.#address;
  }

  /** Stops receiving, decodes what has been received, and lets go of the socket. */
  async close(): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined) return;
    await this.#readOut();
    if (this.#socket === undefined) return;
    this.#drops = this.#kernelDrops();
    this.#socket = undefined;
    socket.close();
    await once(socket, 'close');
    while (this.#next < this.#queue.length) this.#decodeSlice(sliceDatagrams);
  }

  /** What already waits in the socket has arrived, so it is read: until a turn brings nothing. */
  async #readOut(): Promise<void> {
    const deadline = performance.now() + readOutMs;
    let seen: number | undefined;
    do {
      seen = this.#lastDatagramAt;
      // The first may come before the socket is looked at, the second cannot.
      await setImmediatePromise();
      await setImmediatePromise();
    } while (this.#lastDatagramAt !== seen && performance.now() < deadline);
  }

  /** What has been decoded up to now; datagrams still waiting are not in it. */
  summary(): CollectorSummary {
    return this.#process.summary({ address: this.#address, kernelDrops: this.#kernelDrops() });
  }

  /** Data Records so far, without those of Options Templates. */
  get dataRecords(): number {
    return this.#process.dataRecords;
  }

  /** A time of `performance.now()`; undefined before the first datagram. */
  get lastDatagramAt(): number | undefined {
    return this.#lastDatagramAt;
  }

  #kernelDrops(): KernelDrops {
    if (this.#socket === undefined || this.#address === undefined) return this.#drops;
    return kernelDrops(this.#address.port);
  }

  #receive(datagram: Buffer, from: RemoteInfo): void {
    this.#options.onDatagram?.({
      octets: datagram,
      atMs: performance.timeOrigin + performance.now(),
      from,
    });
    const host = from.family === 'IPv6' ? `[${from.address}]` : from.address;
    this.#queue.push({ datagram, session: `${host}:${from.port}` });
    this.#lastDatagramAt = performance.now();
    this.#receivedThisTurn += 1;
    if (this.#queue.length - this.#next > queueDatagramsMax) this.#decodeSlice(sliceDatagrams);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#receivedThisTurn < burstDatagrams) this.#decodeSlice(sliceDatagrams);
      this.#receivedThisTurn = 0;
      if (this.#next < this.#queue.length) this.#schedule();
    });
  }

  #decodeSlice(datagrams: number): void {
    const end = Math.min(this.#next + datagrams, this.#queue.length);
    if (this.#next === end) return;
    for (; this.#next < end; this.#next++) {
      const { datagram, session } = this.#queue[this.#next]!;
      this.#process.take(datagram, session);
    }
    // Moved down only now and then: shifting one by one would cost the queue's length each time.
    if (this.#next === this.#queue.length) {
      this.#queue = [];
      this.#next = 0;
    } else if (this.#next >= 4096) {
      this.#queue = this.#queue.slice(this.#next);
      this.#next = 0;
    }
    this.#options.onSlice?.();
  }
}
