// Many datagrams in one call, on Linux: `sendmsg(2)` with UDP_SEGMENT, by which the kernel cuts a run
// of equally long Messages apart. Nothing is ever fragmented (IP_PMTUDISC_DO), and refusals come from
// the socket's error queue, each one by itself.

import type { Logger } from 'pino';
import { logEvent } from '../../log/log-events.ts';
import { endpointText } from '../../endpoint.ts';
import { CollectorAddress } from './collector-address.ts';
import { errorName, type Libc } from './libc.ts';
import { QueueDrops } from './queue-drops.ts';
import type { Message } from '../frames/message.ts';
import {
  type CollectorHost,
  droppedHereCode,
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

/** For this time Messages are sent one by one; for twice the time whenever runs fail again soon. */
const singlyMinMs = 60_000;
const singlyMaxMs = 3_600_000;
const soonAgainMs = 600_000;

const droppedOfRuns = 'it drops Messages of batches; what was sent lately is sent again';

type BatchSenderOptions = UdpSenderOptions & {
  readonly log: Logger;
  readonly nowMs?: () => number;
};

export class BatchSender implements Sender {
  onRefused: (code: string) => void = () => undefined;
  readonly #options: BatchSenderOptions;
  readonly #libc: Libc;
  readonly #drops: QueueDrops;
  readonly #address: CollectorAddress;
  #socket: UdpSocket | undefined;
  /** 1 for good, where the kernel does not cut runs apart. */
  #runMax = segmentsMax;
  /** Until then Messages go one by one, since a queue here is too short for runs. */
  #singlyUntilMs = -Infinity;
  #singlyMs = singlyMinMs;
  /** Runs left since the queue was looked at. */
  #hasRuns = false;
  /** The queue dropped what it said so of: that is not to be taken for a run's. */
  #hasOtherDrops = false;
  #isStale = false;

  constructor(libc: Libc, options: BatchSenderOptions) {
    this.#libc = libc;
    this.#options = options;
    this.#drops = new QueueDrops(libc);
    this.#address = new CollectorAddress(options);
  }

  get peer(): string {
    return endpointText(this.#options);
  }

  get runMax(): number {
    if (this.#singlyUntilMs === -Infinity) return this.#runMax;
    return this.#nowMs() < this.#singlyUntilMs ? 1 : this.#runMax;
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
    const { address, family } = this.#address.current;
    this.#drops.begin(family, address);
  }

  #connectTo(host: CollectorHost): void {
    const { port, sourceAddress, sourcePort } = this.#options;
    const before = this.#address.current;
    if (this.#socket && before?.family === host.family) {
      this.#socket.reconnect(host.address, before.address, port);
      return;
    }
    // First: the new socket may need the same port.
    this.#closeSocket();
    const source = { address: sourceAddress, port: sourcePort };
    const peer = { address: host.address, port };
    this.#socket = UdpSocket.open(this.#libc, host.family, source, peer);
  }

  send(run: readonly Message[]): Outcome {
    const socket = this.#socket;
    // None of the addresses could be connected to: what would be sent is refused until one can.
    if (!socket) return { kind: 'refused', code: 'ENOTCONN' };
    if (run.length > 1 && this.#hasOtherDrops && !this.#hasRuns) {
      this.#hasOtherDrops = false;
      this.#drops.growth();
    }
    let errno = socket.send(run, run.length);
    if (run.length > 1 && errno === 0) this.#hasRuns = true;
    if (errno === 0) return taken[run.length]!;
    if (run.length > 1 && cannotSegment.has(errorName(errno))) {
      // Whether it is the run's fault shows when its first Message is sent by itself.
      const inRun = errno;
      errno = socket.send(run, 1);
      if (errno === 0) {
        this.#sendSingly(errorName(inRun));
        return oneTaken;
      }
    }
    const error = new SocketError('sendmsg', errorName(errno), this.peer);
    // As short as the path allows: what a router dropped is one that was sent before.
    if (error.code === tooLongCode && run[0]!.length <= socket.octetsMax) {
      return { kind: 'refused', code: error.code };
    }
    this.#isStale ||= staleSource.has(error.code);
    if (error.code === droppedHereCode) this.#queueIsFull();
    const outcome = outcomeOf(error.code, error);
    if (outcome.kind === 'refused') this.#address.refused();
    return outcome;
  }

  // What the kernel said of this call is all that was dropped, where the count grew by 1.
  #queueIsFull(): void {
    const isAllSaid = !this.#hasRuns || this.#drops.growth() === 1;
    this.#hasOtherDrops = true;
    const isSinglyNow = this.runMax === 1;
    if (isSinglyNow && isAllSaid) this.#singlyUntilMs = this.#nowMs() + this.#singlyMs;
    else this.#sendSinglyForNow(isAllSaid ? 'it is full' : droppedOfRuns);
    if (!isAllSaid) this.onRefused(droppedHereCode);
  }

  /**
   * A queue that drops a datagram says so (ENOBUFS), but of a run it says nothing where it had room for
   * one: the count of what it dropped does. What was sent in runs lately goes again, one by one.
   */
  #queueHasDropped(): void {
    this.#sendSinglyForNow(droppedOfRuns);
    this.onRefused(droppedHereCode);
  }

  #sendSinglyForNow(what: string): void {
    const nowMs = this.#nowMs();
    const isSoonAgain = nowMs - this.#singlyUntilMs < soonAgainMs;
    this.#singlyMs = isSoonAgain ? Math.min(2 * this.#singlyMs, singlyMaxMs) : singlyMinMs;
    this.#singlyUntilMs = nowMs + this.#singlyMs;
    this.#hasRuns = false;
    logEvent(this.#options.log, 'HOST_QUEUE_DROPS', {
      error: droppedHereCode,
      collector: this.peer,
      reason: what,
      singlyS: this.#singlyMs / 1000,
    });
  }

  #nowMs(): number {
    return this.#options.nowMs?.() ?? performance.now();
  }

  #sendSingly(code: string): void {
    this.#runMax = 1;
    logEvent(this.#options.log, 'BATCHES_UNSUPPORTED', { error: code, collector: this.peer });
  }

  /** Looks at the error queue, so that a refusal of anything taken by now has been reported. */
  confirm(): Promise<void> {
    this.#socket?.readRefusals((code) => {
      if (code !== tooLongCode) this.#address.refused();
      this.onRefused(code);
    });
    if (this.#hasRuns) {
      this.#hasRuns = false;
      if ((this.#drops.growth() ?? 0) > 0) this.#queueHasDropped();
    }
    return Promise.resolve();
  }

  close(): void {
    this.#closeSocket();
    this.#drops.close();
  }

  #closeSocket(): void {
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

/** Of a run: an interface without checksums, IPsec on the path; or, in older kernels, a smaller path MTU. */
const cannotSegment = new Set(['EINVAL', 'EIO']);
