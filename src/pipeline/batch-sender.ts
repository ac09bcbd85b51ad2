// Many datagrams in one call, on Linux: `sendmsg(2)` with UDP_SEGMENT, by which the kernel cuts a run
// of equally long Messages apart. Nothing is ever fragmented (IP_PMTUDISC_DO), and refusals come from
// the socket's error queue, each one by itself.

import type { Logger } from 'pino';
import { endpointText } from '../endpoint.ts';
import { CollectorAddress } from './collector-address.ts';
import { errorName, type Libc } from './libc.ts';
import {
  type Message,
  oneTaken,
  type Outcome,
  outcomeOf,
  type Sender,
  staleSource,
  tooLongCode,
  type UdpSenderOptions,
} from './sender.ts';
import { SocketError, UdpSocket } from './udp-socket.ts';

/** The kernel cuts one call into no more. */
const segmentsMax = 64;

const taken: readonly Outcome[] = Array.from({ length: segmentsMax + 1 }, (_, count) => ({
  kind: 'taken' as const,
  count,
}));

export class BatchSender implements Sender {
  onRefused: (code: string) => void = () => undefined;
  readonly #options: UdpSenderOptions & { readonly log: Logger };
  readonly #libc: Libc;
  readonly #address: CollectorAddress;
  #socket: UdpSocket | undefined;
  #runMax = segmentsMax;
  #isStale = false;

  constructor(libc: Libc, options: UdpSenderOptions & { readonly log: Logger }) {
    this.#libc = libc;
    this.#options = options;
    this.#address = new CollectorAddress(options);
  }

  get peer(): string {
    return endpointText(this.#options);
  }

  get runMax(): number {
    return this.#runMax;
  }

  get octetsMax(): number | undefined {
    return this.#socket?.octetsMax;
  }

  hasMoved(): Promise<boolean> {
    return this.#address.hasMoved();
  }

  /** Keeps the socket: SOURCE_PORT is taken as long as there is one. */
  async connect(): Promise<void> {
    const { family, port, sourceAddress, sourcePort } = this.#options;
    const { current } = this.#address;
    const address = await this.#address.resolve();
    if (this.#socket && address === current && !this.#isStale) return;
    if (this.#socket) this.#socket.reconnect(address, current!, port);
    else {
      const source = { address: sourceAddress, port: sourcePort };
      this.#socket = UdpSocket.open(this.#libc, family, source, { address, port });
    }
    this.#isStale = false;
    this.#address.current = address;
  }

  send(run: readonly Message[]): Outcome {
    const socket = this.#socket!;
    let errno = socket.send(run, run.length);
    if (errno === 0) return taken[run.length]!;
    if (run.length > 1 && cannotSegment.has(errorName(errno))) {
      // Whether it is the run's fault shows when its first Message goes alone.
      const inRun = errno;
      errno = socket.send(run, 1);
      if (errno === 0) {
        this.#sendSingly(errorName(inRun));
        return oneTaken;
      }
    }
    const error = new SocketError('sendmsg', errorName(errno), this.peer);
    // As short as the way allows: what a router dropped is one that was sent before.
    if (error.code === tooLongCode && run[0]!.length <= socket.octetsMax) {
      return { kind: 'refused', code: error.code };
    }
    this.#isStale ||= staleSource.has(error.code);
    return outcomeOf(error.code, error);
  }

  #sendSingly(code: string): void {
    this.#runMax = 1;
    const problem = 'the kernel does not cut runs of Messages apart here; each one is sent alone';
    this.#options.log.warn({ code, collector: this.peer }, problem);
  }

  /** Looks at the error queue, so that a refusal of anything taken by now has been told. */
  confirm(): Promise<void> {
    this.#socket?.readRefusals(this.onRefused);
    return Promise.resolve();
  }

  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }
}

/** Of a run: an interface without checksums, IPsec on the way; or, in older kernels, a shorter way. */
const cannotSegment = new Set(['EINVAL', 'EIO']);
