// The Sink numbers Messages, hands them to the kernel in order, and keeps their octets until they
// settle: until the confirm window has passed and the socket was asked once more after that. A
// refusal suspects everything in the window: nobody knows which datagram it was for.

import type { PausesSeen } from '../../pauses.ts';
import type { TemplateSeen } from '../templates/active-templates.ts';
import type { Frame } from '../frames/frame.ts';
import { FrameQueue } from '../frames/frame-queue.ts';
import { FrameStream } from '../frames/frame-stream.ts';
import { Histogram, type HistogramSeen } from './histogram.ts';
import { looked, Recovery } from './recovery.ts';
import type { Message } from '../frames/message.ts';
import { runOctetsMax, droppedHereCode, tooLongCode } from './sender.ts';
import { Session, type SessionOptions, type SentCounts } from './session.ts';
import { splitFrame } from '../frames/split-frame.ts';
import { TokenBucket } from './token-bucket.ts';

export interface SinkOptions extends SessionOptions {
  readonly confirmWindowMs: number;
  /** Data Records a second, and how many at once; undefined is no limit. */
  readonly rateLimit?: { readonly ratePerSecond: number; readonly burst: number } | undefined;
  /** How often the collector's name is looked up in peace; undefined is never. */
  readonly resolveIntervalMs?: number | undefined;
}

/** What can be seen of the Sink, at one moment. */
export interface SinkSeen {
  readonly sent: SentCounts;
  /** The send errors, by their code. */
  readonly sendErrors: Readonly<Record<string, number>>;
  readonly collector: CollectorSeen;
  /** Whether the next Message waits for EXPORT_RATE_LIMIT. */
  readonly isRateLimited: boolean;
  readonly refusals: PausesSeen;
  readonly templates: readonly TemplateSeen[];
  /** Seconds from a Message's first record to its hand-over. */
  readonly messageAge: HistogramSeen;
  /** Seconds from the Kafka timestamp of a Message's first event to its hand-over. */
  readonly exportDelay: HistogramSeen;
}

export interface CollectorSeen {
  readonly address: string;
  /** `refusing`: probed until it is back. `stalled`: the kernel, or the disk, takes nothing now. */
  readonly state: 'sending' | 'refusing' | 'stalled';
  /** The code of the refusal, or of what stalls. */
  readonly code?: string | undefined;
}

/** Seconds. A Message waits for FLUSH_INTERVAL, or for the collector. */
const ageBoundsS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];
const delayBoundsS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 10_800, 86_400];

/** This many Messages at once are put in order by Template: some runs of them. */
const broughtTogether = 512;

/** Sockets and timers get their turn after this many datagrams. */
const yieldEvery = 64;

export class Sink {
  /** Frames whose Messages left and were not refused; errors when the session cannot go on. */
  readonly settled = new FrameStream();
  /** Called when a further Transport Session has begun, and its Templates were sent. */
  onBegun: () => void = () => undefined;
  /** Called with what a Frame can no longer send: the number of its records that are longer than the path takes. */
  onUnsendable: (frame: Frame, records: number) => void = () => undefined;
  readonly #options: SinkOptions;
  readonly #session: Session;
  readonly #recovery: Recovery;
  readonly #bucket: TokenBucket | undefined;
  /** Sealed, in the order of sealing; their order of sending is made when all before them have left. */
  readonly #arrived = new FrameQueue();
  /** The Frames in the order of sending, not taken by the kernel yet; suspects of a refusal stand in front. */
  readonly #waiting = new FrameQueue();
  /** Taken by the kernel, in the order of sending, not settled. */
  readonly #window = new FrameQueue();
  readonly #run: Frame[] = [];
  readonly #messageAge = new Histogram(ageBoundsS);
  readonly #exportDelay = new Histogram(delayBoundsS);
  #sequenceNumber = 0;
  #sinceYield = 0;
  #ending = false;
  #settling = false;
  #hasMoved = false;
  #isRateLimited = false;
  #stopWatching: (() => void) | undefined;
  #wake: (() => void) | undefined;

  constructor(options: SinkOptions) {
    this.#options = options;
    this.#session = new Session(options);
    this.#recovery = new Recovery(this.#session, options);
    this.#session.onRefused = () => {
      this.#wake?.();
    };
    const { rateLimit, clock } = options;
    if (rateLimit) this.#bucket = new TokenBucket({ ...rateLimit, nowMs: clock.monotonicMs() });
  }

  get counts(): SentCounts {
    return this.#session.counts;
  }

  /** What it did so far and the state of the collector, for the status page. */
  get seen(): SinkSeen {
    const { templates, clock } = this.#options;
    return {
      collector: this.#collector,
      isRateLimited: this.#isRateLimited,
      sent: this.counts,
      sendErrors: this.#session.errors,
      refusals: this.#recovery.refusals.seen(clock.monotonicMs()),
      templates: templates.seen(),
      messageAge: this.#messageAge.seen,
      exportDelay: this.#exportDelay.seen,
    };
  }

  get #collector(): CollectorSeen {
    const { peer: address } = this.#options.sender;
    const code = this.#recovery.refusedBy ?? this.#session.refusal;
    if (code !== undefined) return { address, state: 'refusing', code };
    const { stalledBy } = this.#session;
    return stalledBy === undefined
      ? { address, state: 'sending' }
      : { address, state: 'stalled', code: stalledBy };
  }

  /** Called when Messages have to be shorter from now on. */
  set onLowered(call: (messageOctetsMax: number) => void) {
    this.#session.onLowered = call;
  }

  /** Connects and begins to send. Rejects when the collector's name does not resolve. */
  async start(): Promise<void> {
    await this.#session.connect();
    this.#watchName();
    this.#send().catch((error: unknown) => {
      this.settled.error(error);
    });
  }

  /** Takes over a sealed Frame; it comes out of `settled` when it is settled. */
  transmit(frame: Frame): void {
    this.#arrived.push(frame);
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
    this.#stopWatching?.();
    this.#wake?.();
    this.#options.sender.close();
  }

  async #send(): Promise<void> {
    const session = this.#session;
    if (!this.#options.sender.keepsTemplates) await this.#refreshTemplates(2);
    while (!session.closed) {
      if (this.#sinceYield >= yieldEvery) {
        this.#sinceYield = 0;
        await this.#options.clock.afterPoll();
      }
      if (!this.#waiting.head) {
        if (this.#isWorthWaiting) await this.#more();
        this.#takeArrived();
      }
      const frame = this.#waiting.head;
      if (session.refusal !== undefined) await this.#recover(session.refusal);
      else if (session.isNew) await this.#begin();
      else if (this.#hasMoved) await this.#follow();
      else if (session.templatesDueInMs === 0) await this.#refreshTemplates();
      else if (frame) {
        const waits = this.#next(frame);
        if (waits) await waits;
      } else if (this.#ending && !this.#window.head) break;
      else await this.#idle();
    }
    this.#stopWatching?.();
    if (session.closed) return;
    await this.#options.sender.end?.();
    this.settled.complete();
  }

  // What goes together in one call has to be equally long, and is where it has one Template. Of a long
  // backlog only the oldest: what is overtaken holds back the commit of what overtook it.
  #takeArrived(): void {
    if (this.#runMax > 1) this.#waiting.takeByTemplate(this.#arrived, broughtTogether);
    else this.#waiting.prepend(this.#arrived);
  }

  /** Messages of several Templates make long runs only where there are many of them. */
  get #isWorthWaiting(): boolean {
    const { isMixed, size } = this.#arrived;
    return isMixed && size < broughtTogether && this.#runMax > 1;
  }

  /** Waits for as long as each turn of the event loop brings some. */
  async #more(): Promise<void> {
    for (let before = 0; before < this.#arrived.size && this.#isWorthWaiting;) {
      before = this.#arrived.size;
      await this.#options.clock.afterPoll();
    }
  }

  get #runMax(): number {
    return this.#options.sender.runMax ?? 1;
  }

  /** RFC 7011 §3.1: the Sequence Number is one of the Transport Session. */
  async #begin(): Promise<void> {
    this.#sequenceNumber = 0;
    for (let frame = this.#waiting.head; frame; frame = frame.next) frame.sequenceNumber = -1;
    await this.#session.begin();
    this.onBegun();
  }

  /** A promise where it has to wait. */
  #next(frame: Frame): Promise<void> | undefined {
    if (frame.isAbandoned) {
      this.settled.next(this.#waiting.shift()!);
      return undefined;
    }
    if (frame.length > this.#session.messageOctetsMax) {
      this.#split(frame);
      return undefined;
    }
    const waitMs = this.#take(frame.records);
    this.#isRateLimited = waitMs > 0;
    if (waitMs > 0) return this.#idle(waitMs);
    const isAnnounced = this.#options.templates.isAnnounced(frame.template);
    return isAnnounced ? this.#sendRun(frame) : this.#announceAndSend(frame);
  }

  // One that was retired meanwhile is never among the announced ones: what waits with it leaves now.
  async #announceAndSend(frame: Frame): Promise<void> {
    const isTold = await this.#session.announce([frame.template], this.#nextSequenceNumber);
    this.#lookLater();
    // Its Message counts too: all Templates may be due now.
    const session = this.#session;
    if (isTold && session.isOpen && session.templatesDueInMs > 0) await this.#sendRun(frame);
  }

  #sendRun(frame: Frame): Promise<void> | undefined {
    this.#collectRun(frame);
    const taken = this.#session.send(this.#run, this.#nextSequenceNumber);
    if (typeof taken !== 'number') return taken.then((count) => this.#handedOver(count));
    this.#handedOver(taken);
    return undefined;
  }

  #take(records: number): number {
    return this.#bucket?.take(records, this.#options.clock.monotonicMs()) ?? 0;
  }

  /** Those behind `first` that can go in one call with it. Nothing is passed over. */
  #collectRun(first: Frame): void {
    const run = this.#run;
    // One by one: an array whose length is set loses its room.
    while (run.length > 0) run.pop();
    run.push(first);
    let octets = first.length;
    let last = first;
    const most = Math.min(this.#runMax, this.#session.messagesUntilTemplates);
    while (run.length < most && last.next && last.length === first.length) {
      const next = last.next;
      octets += next.length;
      if (next.length > first.length || octets > runOctetsMax || !this.#follows(last, next)) break;
      if (this.#take(next.records) > 0) break;
      run.push(next);
      last = next;
    }
  }

  /** Whether nothing comes between the two: no Template, no other number, no Frame that stays here. */
  #follows(last: Frame, next: Frame): boolean {
    if (last.sequenceNumber >= 0) {
      const number = next.sequenceNumber >= 0 ? next.sequenceNumber : this.#sequenceNumber;
      if (number !== after(last.sequenceNumber, last)) return false;
    }
    if (next.isAbandoned) return false;
    return next.template === last.template || this.#options.templates.isAnnounced(next.template);
  }

  // Nothing newer overtakes a Message that the kernel did not take: it stays at the head.
  #handedOver(taken: number): void {
    const nowMs = this.#options.clock.monotonicMs();
    let sequenceNumber = this.#nextSequenceNumber;
    for (let i = 0; i < taken; i += 1) {
      const frame = this.#waiting.shift()!;
      const next = after(sequenceNumber, frame);
      frame.sentAtMs = nowMs;
      if (frame.sequenceNumber >= 0) this.counts.resentMessages += 1;
      else {
        this.#sequenceNumber = next;
        this.#observe(frame);
      }
      frame.sequenceNumber = sequenceNumber;
      if (frame.template.scopeFieldCount === undefined) this.counts.records += frame.records;
      else this.counts.optionsRecords += frame.records;
      this.#window.push(frame);
      sequenceNumber = next;
    }
    this.#sinceYield += Math.max(1, taken);
    this.#settleSoon();
  }

  #observe(frame: Frame): void {
    this.#options.templates.sent(frame.template, frame.records, frame.progress.origin.topic);
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

  // Its front parts go before it: it settles behind them, and with it the events of them all.
  #split(frame: Frame): void {
    this.#waiting.shift();
    const { parts, tooLong } = splitFrame(frame, this.#session.messageOctetsMax);
    if (tooLong > 0) this.onUnsendable(frame, tooLong);
    if (frame.records > 0) this.#waiting.unshift(frame);
    else this.settled.next(frame);
    for (const part of parts.reverse()) this.#waiting.unshift(part);
    this.counts.splitMessages += 1;
  }

  /** All in the window goes back to wait, in its order and with its numbers. */
  async #recover(code: string): Promise<void> {
    this.#waiting.prepend(this.#window);
    if (code === droppedHereCode) await this.#recovery.afterDrops(this.#nextSequenceNumber);
    else if (code === tooLongCode) await this.#recovery.untilShorter(this.#nextSequenceNumber);
    else await this.#recovery.untilBack(code, this.#nextSequenceNumber);
  }

  // Nobody hears any more whether what is in the window was refused at the old address.
  async #follow(): Promise<void> {
    const { log, sender, templates } = this.#options;
    this.#hasMoved = false;
    this.#waiting.prepend(this.#window);
    if (!(await this.#recovery.resolveAgain())) return;
    log.info({ collector: sender.peer }, 'the address of the collector has changed');
    await this.#refreshTemplates(templates.copies);
  }

  #watchName(): void {
    const { sender, clock, resolveIntervalMs } = this.#options;
    if (!sender.hasMoved || resolveIntervalMs === undefined) return;
    this.#stopWatching = clock.after(resolveIntervalMs, () => {
      void sender.hasMoved!().then((hasMoved) => {
        if (this.#session.closed) return;
        this.#hasMoved ||= hasMoved;
        if (hasMoved) this.#wake?.();
        this.#watchName();
      });
    });
  }

  async #refreshTemplates(copies = 1): Promise<void> {
    await this.#session.refreshTemplates(this.#nextSequenceNumber, copies);
    this.#lookLater();
  }

  // Templates do not settle, and there may be no data behind them that would show a refusal.
  #lookLater(): void {
    const { clock, sender, confirmWindowMs } = this.#options;
    if (sender.keepsTemplates) return;
    clock.after(confirmWindowMs, () => {
      if (!this.#session.closed) void sender.confirm?.();
    });
  }

  // At most one round in a tenth of a window, for many Frames: a timer each would cost more than sending.
  #settleSoon(): void {
    const oldest = this.#window.head;
    if (this.#settling || !oldest) return;
    this.#settling = true;
    const { clock, confirmWindowMs } = this.#options;
    const dueInMs = oldest.sentAtMs + confirmWindowMs - clock.monotonicMs();
    clock.after(Math.max(Math.ceil(dueInMs), confirmWindowMs / 10), () => {
      const sentBeforeMs = clock.monotonicMs() - confirmWindowMs;
      void looked(this.#options).then(() => {
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
      this.#recovery.restore();
      const frame = this.#window.shift()!;
      if (!frame.isPart) this.settled.next(frame);
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

/** RFC 7011 §3.1: Data Records are counted, not Messages; mod 2^32. */
const after = (sequenceNumber: number, { records }: Message): number =>
  (sequenceNumber + records) >>> 0;
