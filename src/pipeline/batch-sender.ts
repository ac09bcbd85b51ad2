// Many datagrams in one call, on Linux: `sendmsg(2)` with UDP_SEGMENT, by which the kernel cuts a run
// of equally long Messages apart. Nothing is ever fragmented (IP_PMTUDISC_DO), and refusals come from
// the socket's error queue, each one by itself.

import type { Logger } from 'pino';
import { endpointText } from '../endpoint.ts';
import { CollectorAddress } from './collector-address.ts';
import { errorName, type Libc } from './libc.ts';
import {
  type CollectorHost,
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

  get seen() {
    return this.#address.seen;
  }

  /** Keeps the socket within an IP version: SOURCE_PORT is taken as long as there is one. */
  async connect(): Promise<void> {
    const candidates = await this.#address.candidates();
    const isSame = candidates[0]!.address === this.#address.current?.address;
    if (this.#socket && isSame && !this.#isStale) return;
    this.#address.current = firstThat(candidates, (host) => this.#connectTo(host));
    this.#isStale = false;
  }

  #connectTo(host: CollectorHost): void {
    const { port, sourceAddress, sourcePort } = this.#options;
    const before = this.#address.current;
    if (this.#socket && before?.family === host.family) {
      this.#socket.reconnect(host.address, before.address, port);
      return;
    }
    // First: the new socket may need the same port.
    this.close();
    const source = { address: sourceAddress, port: sourcePort };
    const peer = { address: host.address, port };
    this.#socket = UdpSocket.open(this.#libc, host.family, source, peer);
  }

  send(run: readonly Message[]): Outcome {
    const socket = this.#socket;
    // None of the addresses could be connected to: what would be sent is refused until one can.
    if (!socket) return { kind: 'refused', code: 'ENOTCONN' };
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
    const outcome = outcomeOf(error.code, error);
    if (outcome.kind === 'refused') this.#address.refused();
    return outcome;
  }

  #sendSingly(code: string): void {
    this.#runMax = 1;
    const problem = 'the kernel does not cut runs of Messages apart here; each one is sent alone';
    this.#options.log.warn({ code, collector: this.peer }, problem);
  }

  /** Looks at the error queue, so that a refusal of anything taken by now has been told. */
  confirm(): Promise<void> {
    this.#socket?.readRefusals((code) => {
      if (code !== tooLongCode) this.#address.refused();
      this.onRefused(code);
    });
    return Promise.resolve();
  }

  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }
}

/** The first of them that the call does not fail for; throws the first failure where there is none. */
function firstThat<T>(items: readonly T[], call: (item: T) => void): T {
  let failure: unknown;
  for (const item of items) {
    try {
      call(item);
      return item;
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

/** Of a run: an interface without checksums, IPsec on the way; or, in older kernels, a shorter way. */
const cannotSegment = new Set(['EINVAL', 'EIO']);
