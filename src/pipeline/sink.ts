// The Sink: one Transport Session to one collector. It numbers Messages, hands them to the kernel in
// order, and keeps their octets until they settle: until the confirm window has passed and the
// socket was asked once more after that. A refusal suspects everything in the window.

import { Subject } from 'rxjs';
import type { Logger } from 'pino';
import { templateMessages, type Template } from '../ipfix/template.ts';
import { writeMessageHeader } from '../ipfix/message.ts';
import type { ActiveTemplates } from './active-templates.ts';
import type { Clock } from './clock.ts';
import { FrameQueue, type Frame } from './frame.ts';
import type { Sender } from './sender.ts';
import { TokenBucket } from './token-bucket.ts';

export interface SinkOptions {
  readonly sender: Sender;
  readonly clock: Clock;
  readonly templates: ActiveTemplates;
  readonly observationDomainId: number;
  readonly messageOctetsMax: number;
  readonly confirmWindowMs: number;
  readonly templateRefreshIntervalMs: number;
  readonly templateRefreshMessages: number;
  /** Data Records a second, and how many at once; undefined is no limit. */
  readonly rateLimit?: { readonly ratePerSecond: number; readonly burst: number } | undefined;
  readonly log: Logger;
}

/** What left, counted when the kernel took it; Messages sent again count again. */
export interface SinkCounts {
  messages: number;
  records: number;
  octets: number;
  templateMessages: number;
  refusals: number;
  resentMessages: number;
}

/** RFC 7011 §8.4: a Template goes out several times before its first use, UDP may lose one. */
const templateCopies = 2;
/** Sockets and timers get their turn after so many datagrams. */
const yieldEvery = 64;
const backoffMinMs = 100;
const backoffMaxMs = 5_000;

export class Sink {
  /** Frames whose Messages left and were not refused; errors when the session cannot go on. */
  readonly settled = new Subject<Frame>();
  readonly counts: SinkCounts = {
    messages: 0,
    records: 0,
    octets: 0,
    templateMessages: 0,
    refusals: 0,
    resentMessages: 0,
  };
  readonly #options: SinkOptions;
  readonly #bucket: TokenBucket | undefined;
  /** Sealed, not taken by the kernel yet; suspects of a refusal stand in front. */
  readonly #waiting = new FrameQueue();
  /** Taken by the kernel, in the order of sending, not settled. */
  readonly #window = new FrameQueue();
  #sequenceNumber = 0;
  #refusal: string | undefined;
  #templatesSentAtMs = 0;
  #messagesSinceTemplates = 0;
  #ending = false;
  #closed = false;
  #settling = false;
  #wake: (() => void) | undefined;

  constructor(options: SinkOptions) {
    this.#options = options;
    const { rateLimit, clock, sender } = options;
    if (rateLimit) this.#bucket = new TokenBucket({ ...rateLimit, nowMs: clock.monotonicMs() });
    sender.onRefused = (code) => {
      this.#refuse(code);
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
    this.#poke();
  }

  /** No more Frames come: `settled` completes when all of them are settled. */
  end(): void {
    this.#ending = true;
    this.#poke();
  }

  /** Stops at once; what is not settled stays unsettled. */
  close(): void {
    this.#closed = true;
    this.#poke();
    this.#options.sender.close();
  }

  async #run(): Promise<void> {
    const { clock, templates } = this.#options;
    await this.#announce(templates.all(), templateCopies);
    for (let sent = 1; !this.#closed; sent += 1) {
      if (sent % yieldEvery === 0) await clock.afterPoll();
      if (this.#isRefused) {
        await this.#recover();
        continue;
      }
      if (this.#templatesDue()) await this.#announce(templates.all(), 1);
      const frame = this.#waiting.head;
      if (frame) await this.#transmitNext(frame);
      else if (this.#ending && !this.#window.head) break;
      else await this.#idle();
    }
    if (!this.#closed) this.settled.complete();
  }

  async #transmitNext(frame: Frame): Promise<void> {
    const { clock, templates } = this.#options;
    const waitMs = this.#bucket?.take(frame.records, clock.monotonicMs()) ?? 0;
    if (waitMs > 0) {
      await this.#pause(waitMs);
      return;
    }
    if (!templates.isAnnounced(frame.template)) {
      await this.#announce([frame.template], templateCopies);
      if (this.#isRefused || this.#closed) return;
    }
    await this.#handOver(frame);
  }

  // Nothing newer overtakes a Message that the kernel did not take: it stays at the head.
  async #handOver(frame: Frame): Promise<void> {
    const again = frame.sequenceNumber >= 0;
    const sequenceNumber = again ? frame.sequenceNumber : this.#sequenceNumber;
    const outcome = await this.#send(frame.buffer, frame.length, sequenceNumber);
    if (!outcome) return;
    frame.sequenceNumber = sequenceNumber;
    if (again) this.counts.resentMessages += 1;
    // RFC 7011 §3.1: Data Records are counted, not Messages; mod 2^32.
    else this.#sequenceNumber = (this.#sequenceNumber + frame.records) >>> 0;
    frame.sentAtMs = this.#options.clock.monotonicMs();
    this.counts.records += frame.records;
    this.#messagesSinceTemplates += 1;
    this.#waiting.shift();
    this.#window.push(frame);
    this.#settleSoon();
  }

  /** Hands over one Message with a fresh header; false when it must wait, after having waited. */
  async #send(message: Buffer, length: number, sequenceNumber: number): Promise<boolean> {
    const { clock, sender, observationDomainId, log } = this.#options;
    const header = [clock.exportTimeS(), sequenceNumber, observationDomainId] as const;
    writeMessageHeader(message, length, ...header);
    for (let waitMs = 1; !this.#closed && !this.#isRefused; waitMs *= 2) {
      const outcome = await sender.send(message, length);
      switch (outcome.kind) {
        case 'taken':
          this.counts.messages += 1;
          this.counts.octets += length;
          return true;
        case 'refused':
          this.#refuse(outcome.code);
          return false;
        case 'failed':
          throw new Error(`sending to ${sender.peer} failed: ${outcome.error.message}`, {
            cause: outcome.error,
          });
        case 'later':
          if (waitMs === 1024) log.warn({ code: outcome.code }, 'the kernel takes no datagram now');
          await this.#pause(Math.min(waitMs, 1024));
          writeMessageHeader(
            message,
            length,
            clock.exportTimeS(),
            sequenceNumber,
            observationDomainId,
          );
      }
    }
    return false;
  }

  async #announce(templates: readonly Template[], copies: number): Promise<void> {
    const { messageOctetsMax, clock } = this.#options;
    const messages = templateMessages(templates, messageOctetsMax);
    // What is sent again has its old numbers: Templates before it carry the rewound one.
    const next = this.#waiting.head?.sequenceNumber ?? -1;
    const sequenceNumber = next >= 0 ? next : this.#sequenceNumber;
    for (let copy = 0; copy < copies; copy += 1) {
      for (const message of messages) {
        if (!(await this.#send(message, message.length, sequenceNumber))) return;
        this.counts.templateMessages += 1;
      }
    }
    this.#options.templates.announced(templates);
    this.#templatesSentAtMs = clock.monotonicMs();
    this.#messagesSinceTemplates = 0;
  }

  #templatesDue(): boolean {
    const { clock, templateRefreshIntervalMs, templateRefreshMessages } = this.#options;
    return (
      this.#messagesSinceTemplates >= templateRefreshMessages ||
      clock.monotonicMs() - this.#templatesSentAtMs >= templateRefreshIntervalMs
    );
  }

  // A getter, because it changes behind every await.
  get #isRefused(): boolean {
    return this.#refusal !== undefined;
  }

  #refuse(code: string): void {
    this.#refusal ??= code;
    this.counts.refusals += 1;
    this.#poke();
  }

  /**
   * A refusal: all in the window goes back to wait, in its order and with its numbers. Template
   * Messages probe, backing off, until two of them a window apart were not refused.
   */
  async #recover(): Promise<void> {
    const { sender, templates, log } = this.#options;
    this.#waiting.prepend(this.#window);
    log.warn({ code: this.#refusal, collector: sender.peer }, 'the collector refuses; probing');
    let backoffMs = backoffMinMs;
    for (let quiet = 0; quiet < 2 && !this.#closed;) {
      if (this.#isRefused) {
        quiet = 0;
        await this.#pause(backoffMs);
        backoffMs = Math.min(backoffMs * 2, backoffMaxMs);
        this.#refusal = undefined;
        await this.#resolveAgain();
      }
      await this.#announce(templates.all(), 1);
      await this.#quietWindow();
      if (!this.#isRefused) quiet += 1;
    }
    if (!this.#closed) log.info({ collector: sender.peer }, 'the collector is back; sending again');
  }

  async #resolveAgain(): Promise<void> {
    const { sender, log } = this.#options;
    try {
      await sender.connect();
    } catch (error) {
      log.warn({ err: error, collector: sender.peer }, 'not resolved; the last address is kept');
    }
  }

  async #quietWindow(): Promise<void> {
    await this.#pause(this.#options.confirmWindowMs);
    await this.#options.clock.afterPoll();
  }

  // One round a window's tenth at most, for many Frames: a timer each would cost more than sending.
  #settleSoon(): void {
    if (this.#settling) return;
    const { clock, confirmWindowMs } = this.#options;
    const oldest = this.#window.head;
    if (!oldest) return;
    this.#settling = true;
    const dueInMs = oldest.sentAtMs + confirmWindowMs - clock.monotonicMs();
    clock.after(Math.max(Math.ceil(dueInMs), confirmWindowMs / 10), () => {
      const sentBefore = clock.monotonicMs() - confirmWindowMs;
      void clock.afterPoll().then(() => {
        this.#settling = false;
        this.#settle(sentBefore);
        this.#settleSoon();
      });
    });
  }

  #settle(sentBeforeMs: number): void {
    // Refused in the meantime: nothing in the window settles until it was sent again.
    if (this.#isRefused || this.#closed) return;
    while (this.#window.head && this.#window.head.sentAtMs <= sentBeforeMs) {
      this.settled.next(this.#window.shift()!);
    }
    if (!this.#window.head) this.#poke();
  }

  /** Until something comes, or Templates are due. */
  async #idle(): Promise<void> {
    const { clock, templateRefreshIntervalMs } = this.#options;
    const dueInMs = this.#templatesSentAtMs + templateRefreshIntervalMs - clock.monotonicMs();
    await new Promise<void>((resolve) => {
      const callOff = clock.after(Math.max(1, dueInMs), resolve);
      this.#wake = () => {
        callOff();
        resolve();
      };
    });
    this.#wake = undefined;
  }

  #poke(): void {
    this.#wake?.();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#options.clock.after(Math.max(1, ms), resolve));
  }
}
