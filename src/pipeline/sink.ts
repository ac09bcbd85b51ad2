// The Sink numbers Messages, hands them to the kernel in order, and keeps their octets until they
// settle: until the confirm window has passed and the socket was asked once more after that. A
// refusal suspects everything in the window: nobody knows which datagram it was for.

import { Subject } from 'rxjs';
import { Pauses } from '../pauses.ts';
import { FrameQueue, type Frame } from './frame.ts';
import { Histogram } from './histogram.ts';
import type { CollectorSeen, PipelineSnapshot } from './pipeline-snapshot.ts';
import { Session, type SessionOptions, type SentCounts } from './session.ts';
import { TokenBucket } from './token-bucket.ts';

export interface SinkOptions extends SessionOptions {
  readonly confirmWindowMs: number;
  /** Data Records a second, and how many at once; undefined is no limit. */
  readonly rateLimit?: { readonly ratePerSecond: number; readonly burst: number } | undefined;
}

/** What the Sink tells of a Worker. */
export type SinkSeen = Omit<PipelineSnapshot, 'observationDomainId' | 'account' | 'receivedOctets'>;

/** Seconds. A Message waits for FLUSH_INTERVAL, or for the collector. */
const ageBoundsS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];
const delayBoundsS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 10_800, 86_400];

/** Sockets and timers get their turn after so many datagrams. */
const yieldEvery = 64;
const backoffMinMs = 100;
const backoffMaxMs = 5_000;

export class Sink {
  /** Frames whose Messages left and were not refused; errors when the session cannot go on. */
  readonly settled = new Subject<Frame>();
  /** Called when a further Transport Session has begun, and was told its Templates. */
  onBegun: () => void = () => undefined;
  readonly #options: SinkOptions;
  readonly #session: Session;
  readonly #bucket: TokenBucket | undefined;
  /** Sealed, not taken by the kernel yet; suspects of a refusal stand in front. */
  readonly #waiting = new FrameQueue();
  /** Taken by the kernel, in the order of sending, not settled. */
  readonly #window = new FrameQueue();
  #sequenceNumber = 0;
  /** Before the next try with a collector that refuses: the longer, the less it has settled. */
  #backoffMs = backoffMinMs;
  #ending = false;
  #settling = false;
  /** The code of the refusal that is being probed for. */
  #refusedBy: string | undefined;
  readonly #refusals = new Pauses();
  readonly #messageAge = new Histogram(ageBoundsS);
  readonly #exportDelay = new Histogram(delayBoundsS);
  #wake: (() => void) | undefined;

  constructor(options: SinkOptions) {
    this.#options = options;
    this.#session = new Session(options);
    this.#session.onRefused = () => {
      this.#wake?.();
    };
    const { rateLimit, clock } = options;
    if (rateLimit) this.#bucket = new TokenBucket({ ...rateLimit, nowMs: clock.monotonicMs() });
  }

  get counts(): SentCounts {
    return this.#session.counts;
  }

  /** What it did so far and how the collector is, for people. */
  get seen(): SinkSeen {
    const { sender, templates, clock } = this.#options;
    const code = this.#refusedBy ?? this.#session.refusal;
    const { stalledBy } = this.#session;
    const collector: CollectorSeen =
      code !== undefined
        ? { address: sender.peer, state: 'refusing', code }
        : stalledBy !== undefined
          ? { address: sender.peer, state: 'stalled', code: stalledBy }
          : { address: sender.peer, state: 'sending' };
    return {
      collector,
      sent: this.counts,
      sendErrors: this.#session.errors,
      refusals: this.#refusals.seen(clock.monotonicMs()),
      templates: templates.seen(),
      messageAge: this.#messageAge.seen,
      exportDelay: this.#exportDelay.seen,
    };
  }

  /** Connects and begins to send. Rejects when the collector's name does not resolve. */
  async start(): Promise<void> {
    await this.#options.sender.connect();
    this.#run().catch((error: unknown) => {
      this.settled.error(error);
    });
  }

  /** Takes over a sealed Frame; it comes out of `settled` when it is settled. */
  transmit(frame: Frame): void {
    this.#waiting.push(frame);
    this.#wake?.();
  }

  /** No more Frames come: `settled` completes when all of them are settled. */
  end(): void {
    this.#ending = true;
    this.#wake?.();
  }

  /** Stops at once; what is not settled stays unsettled. */
  close(): void {
    this.#session.closed = true;
    this.#wake?.();
    this.#options.sender.close();
  }

  async #run(): Promise<void> {
    const session = this.#session;
    if (!this.#options.sender.keepsTemplates) {
      await session.refreshTemplates(this.#nextSequenceNumber, 2);
    }
    for (let turn = 1; !session.closed; turn += 1) {
      if (turn % yieldEvery === 0) await this.#options.clock.afterPoll();
      const frame = this.#waiting.head;
      if (session.refusal !== undefined) await this.#recover(session.refusal);
      else if (session.isNew) await this.#begin();
      else if (session.templatesDueInMs === 0) {
        await session.refreshTemplates(this.#nextSequenceNumber);
      } else if (frame?.isAbandoned) this.settled.next(this.#waiting.shift()!);
      else if (frame) await this.#transmitNext(frame);
      else if (this.#ending && !this.#window.head) break;
      else await this.#idle();
    }
    if (session.closed) return;
    await this.#options.sender.end?.();
    this.settled.complete();
  }

  /** RFC 7011 §3.1: the Sequence Number is one of the Transport Session. */
  async #begin(): Promise<void> {
    this.#sequenceNumber = 0;
    for (let frame = this.#waiting.head; frame; frame = frame.next) frame.sequenceNumber = -1;
    await this.#session.begin();
    this.onBegun();
  }

  async #transmitNext(frame: Frame): Promise<void> {
    const session = this.#session;
    const waitMs = this.#bucket?.take(frame.records, this.#options.clock.monotonicMs()) ?? 0;
    if (waitMs > 0) {
      await this.#idle(waitMs);
      return;
    }
    if (!this.#options.templates.isAnnounced(frame.template)) {
      await session.announce([frame.template], this.#nextSequenceNumber);
      if (!session.isOpen) return;
    }
    await this.#handOver(frame);
  }

  // Nothing newer overtakes a Message that the kernel did not take: it stays at the head.
  async #handOver(frame: Frame): Promise<void> {
    const sequenceNumber = this.#nextSequenceNumber;
    if (!(await this.#session.send(frame.buffer, frame.length, sequenceNumber))) return;
    frame.sentAtMs = this.#options.clock.monotonicMs();
    if (frame.sequenceNumber >= 0) this.counts.resentMessages += 1;
    else {
      // RFC 7011 §3.1: Data Records are counted, not Messages; mod 2^32.
      this.#sequenceNumber = (this.#sequenceNumber + frame.records) >>> 0;
      this.#observe(frame);
    }
    frame.sequenceNumber = sequenceNumber;
    if (frame.template.scopeFieldCount === undefined) this.counts.records += frame.records;
    else this.counts.optionsRecords += frame.records;
    this.#waiting.shift();
    this.#window.push(frame);
    this.#settleSoon();
  }

  #observe(frame: Frame): void {
    this.#options.templates.sent(frame.template, frame.records);
    const ageMs = frame.sentAtMs - frame.openedAtMs;
    this.#messageAge.observe(ageMs / 1000);
    const delayMs = ageMs + frame.eventAgeMs;
    if (delayMs >= 0) this.#exportDelay.observe(delayMs / 1000);
  }

  /** What is sent again has its old number, and Templates before it carry the rewound one. */
  get #nextSequenceNumber(): number {
    const again = this.#waiting.head?.sequenceNumber ?? -1;
    return again >= 0 ? again : this.#sequenceNumber;
  }

  /**
   * All in the window goes back to wait, in its order and with its numbers. Template Messages probe,
   * backing off, until two of them a window apart were not refused.
   */
  async #recover(code: string): Promise<void> {
    const { sender, log } = this.#options;
    const session = this.#session;
    this.#waiting.prepend(this.#window);
    this.#refusedBy = code;
    this.#refusals.begin(this.#options.clock.monotonicMs());
    log.warn(
      { code, collector: sender.peer },
      'the collector refuses; probing until it is back, nothing is lost: start it, or mend COLLECTORS',
    );
    for (let quiet = 0; quiet < 2 && !session.closed;) {
      if (session.refusal !== undefined) {
        quiet = 0;
        await session.pause(this.#backoffMs);
        this.#backoffMs = Math.min(this.#backoffMs * 2, backoffMaxMs);
        session.forgive();
        await this.#resolveAgain();
        // What keeps all it took has nothing to be probed with: a new session begins with the data.
        if (sender.keepsTemplates) break;
      }
      await session.refreshTemplates(this.#nextSequenceNumber);
      await session.pause(this.#options.confirmWindowMs);
      await this.#options.clock.afterPoll();
      if (session.isOpen) quiet += 1;
    }
    this.#refusedBy = undefined;
    this.#refusals.end(this.#options.clock.monotonicMs());
    if (session.isOpen)
      log.info({ collector: sender.peer }, 'the collector is back; sending again');
  }

  async #resolveAgain(): Promise<void> {
    const { sender, log } = this.#options;
    try {
      await sender.connect();
    } catch (error) {
      log.warn(
        { err: error, collector: sender.peer },
        'the name is not resolved, its last address is kept; mend COLLECTORS or the name server',
      );
    }
  }

  // One round a window's tenth at most, for many Frames: a timer each would cost more than sending.
  #settleSoon(): void {
    const oldest = this.#window.head;
    if (this.#settling || !oldest) return;
    this.#settling = true;
    const { clock, sender, confirmWindowMs } = this.#options;
    const dueInMs = oldest.sentAtMs + confirmWindowMs - clock.monotonicMs();
    clock.after(Math.max(Math.ceil(dueInMs), confirmWindowMs / 10), () => {
      const sentBeforeMs = clock.monotonicMs() - confirmWindowMs;
      void (sender.confirm?.() ?? clock.afterPoll()).then(() => {
        this.#settling = false;
        this.#settle(sentBeforeMs);
        this.#settleSoon();
      });
    });
  }

  #settle(sentBeforeMs: number): void {
    // Refused in the meantime: nothing in the window settles until it was sent again.
    if (!this.#session.isOpen) return;
    while (this.#window.head && this.#window.head.sentAtMs <= sentBeforeMs) {
      this.#backoffMs = backoffMinMs;
      this.settled.next(this.#window.shift()!);
    }
    if (!this.#window.head) this.#wake?.();
  }

  /** Until something comes, or Templates are due, or the time is up. */
  async #idle(mostMs = Infinity): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const wake = () => resolve(undefined);
    const waitMs = Math.max(1, Math.min(mostMs, this.#session.templatesDueInMs));
    const callOff = this.#options.clock.after(waitMs, wake);
    this.#wake = wake;
    await promise;
    this.#wake = undefined;
    callOff();
  }
}
