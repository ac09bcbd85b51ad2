// A Transport Session with one collector (RFC 7011 §2): what every Message of an Observation Domain
// needs to leave. It writes the headers at hand-over, tries again what the kernel does not take, knows
// whether the collector refuses and how long a Message may be, and sends the Templates.

import type { Logger } from 'pino';
import { logEvent } from '../../log/log-events.ts';
import { writeMessageHeader } from '../../ipfix/message.ts';
import { type Template, templateMessages } from '../../ipfix/template.ts';
import type { ActiveTemplates } from '../templates/active-templates.ts';
import type { Clock } from '../../clock.ts';
import { type Message, unknownAddress } from '../frames/message.ts';
import { type Outcome, type Sender, tooLongCode } from './sender.ts';

export interface SessionOptions {
  readonly sender: Sender;
  readonly clock: Clock;
  readonly templates: ActiveTemplates;
  readonly observationDomainId: number;
  /** At the start; the path may turn out to take less. */
  readonly messageOctetsMax: number;
  readonly templateRefreshIntervalMs: number;
  readonly templateRefreshMessages: number;
  /** The maximum of Templates in a Message. Undefined: as many as it has room for. */
  readonly templatesInMessageMax?: number;
  readonly log: Logger;
}

/** What left, counted when the kernel took it; Messages sent again count again. */
export interface SentCounts {
  messages: number;
  /** Flow Records; those of Options Templates are counted beside them. */
  records: number;
  optionsRecords: number;
  octets: number;
  templateMessages: number;
  refusals: number;
  resentMessages: number;
  /** Messages that became several, because the path takes only shorter ones now. */
  splitMessages: number;
}

/** A datagram that the kernel will never take. */
class SendError extends Error {
  readonly code = 'SEND_FAILED';
  override readonly name = 'SendError';
}

type Later = Extract<Outcome, { kind: 'later' }>;

const laterMaxMs = 1024;
/** How often it is logged that the kernel accepts nothing. */
const laterToldMs = 10_000;
/** The longest that a timer can wait. */
const neverMs = 2 ** 31 - 1;

export class Session {
  readonly counts: SentCounts = {
    messages: 0,
    records: 0,
    optionsRecords: 0,
    octets: 0,
    templateMessages: 0,
    refusals: 0,
    resentMessages: 0,
    splitMessages: 0,
  };
  /** Called at each refusal, whichever way it was learnt. */
  onRefused: () => void = () => undefined;
  /** Called when Messages have to be shorter from now on. */
  onLowered: (messageOctetsMax: number) => void = () => undefined;
  closed = false;
  /** What the socket said when it did not take a Message, or was refused one: by code, how often. */
  readonly errors: Record<string, number> = {};
  /** The code for which nothing is taken now, when that lasts. */
  stalledBy: string | undefined;
  readonly #options: SessionOptions;
  #messageOctetsMax: number;
  #refusal: string | undefined;
  #isNew = false;
  #templatesSentAtMs = 0;
  /** The Export Time of the Message that left last, and of the last one with Templates. */
  #exportTimeS = 0;
  #templatesExportTimeS = 0;
  #messagesSinceTemplates = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#messageOctetsMax = options.messageOctetsMax;
    options.sender.onRefused = (code) => {
      this.#refuse(code);
    };
  }

  /** The code of a refusal that was not forgiven yet. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  forgive(): void {
    this.#refusal = undefined;
  }

  /** A new Transport Session has begun: `begin` it before anything else is sent. */
  get isNew(): boolean {
    return this.#isNew;
  }

  /** False as long as nothing may be sent. */
  get isOpen(): boolean {
    return !this.closed && this.#refusal === undefined && !this.#isNew;
  }

  /** The longest Message, in octets, that goes as one. */
  get messageOctetsMax(): number {
    return this.#messageOctetsMax;
  }

  /** Connects; to another address, where the name stands for another one by now. */
  async connect(): Promise<void> {
    await this.#options.sender.connect();
    this.#lower();
  }

  /**
   * Hands over a run of Messages whose Sets are complete, with fresh headers; they are numbered on
   * from `sequenceNumber`. Answers how many were taken, the first ones: none where a refusal or
   * `close` came first, or where they are too long by now. Throws SendError.
   */
  send(run: readonly Message[], sequenceNumber: number): number | Promise<number> {
    if (!this.isOpen) return 0;
    const outcome = this.#handOver(run, sequenceNumber);
    // No promise for what is taken at once, as most is.
    if ('kind' in outcome && outcome.kind === 'taken') return this.#took(run, outcome.count);
    return this.#sendOn(run, sequenceNumber, outcome);
  }

  async #sendOn(
    run: readonly Message[],
    sequenceNumber: number,
    first: Outcome | Promise<Outcome>,
  ): Promise<number> {
    let outcome = await first;
    let toldAtMs = -Infinity;
    for (let waitMs = 1; outcome.kind === 'later'; waitMs = Math.min(waitMs * 2, laterMaxMs)) {
      const { clock } = this.#options;
      this.#count(outcome.code);
      if (waitMs >= laterMaxMs / 2) this.stalledBy = outcome.code;
      if (waitMs >= laterMaxMs / 2 && clock.monotonicMs() - toldAtMs >= laterToldMs) {
        toldAtMs = clock.monotonicMs();
        this.#tellLater(outcome);
      }
      await this.pause(waitMs);
      if (!this.isOpen) return 0;
      outcome = await this.#handOver(run, sequenceNumber);
    }
    if (outcome.kind === 'taken') return this.#took(run, outcome.count);
    this.#notTaken(outcome, run[0]!.length);
    return 0;
  }

  #handOver(run: readonly Message[], sequenceNumber: number): Outcome | Promise<Outcome> {
    const { clock, sender, observationDomainId } = this.#options;
    const exportTimeS = clock.exportTimeS();
    let next = sequenceNumber;
    for (const { buffer, start, length, records } of run) {
      writeMessageHeader(buffer, length, exportTimeS, next, observationDomainId, start);
      next += records;
    }
    this.#exportTimeS = exportTimeS;
    return sender.send(run);
  }

  #took(run: readonly Message[], count: number): number {
    this.stalledBy = undefined;
    this.counts.messages += count;
    this.#messagesSinceTemplates += count;
    for (let i = 0; i < count; i += 1) this.counts.octets += run[i]!.length;
    return count;
  }

  #notTaken(outcome: Exclude<Outcome, { kind: 'taken' | 'later' }>, length: number): void {
    switch (outcome.kind) {
      case 'refused':
        this.#refuse(outcome.code);
        return;
      case 'anew':
        this.#isNew = true;
        return;
      case 'tooLong': {
        const before = this.#messageOctetsMax;
        this.#lower();
        if (this.#messageOctetsMax < before) return;
        throw this.#sendError(
          length,
          'it is longer than the path MTU; lower PATH_MTU, or map fewer fields',
        );
      }
      case 'failed':
        throw this.#sendError(length, outcome.error.message, outcome.error);
    }
  }

  #sendError(length: number, problem: string, cause?: Error): SendError {
    const { peer } = this.#options.sender;
    return new SendError(`${length} octets cannot be sent to ${peer}: ${problem}`, { cause });
  }

  #tellLater({ code, problem = 'the kernel does not accept a datagram' }: Later): void {
    const { log, sender } = this.#options;
    logEvent(log, 'COLLECTOR_STALLED', { error: code, reason: problem, collector: sender.peer });
  }

  // It never rises again: nothing reports when it could, and a Message that is too long costs a repeat.
  #lower(): void {
    const { sender, log } = this.#options;
    const before = this.#messageOctetsMax;
    const octetsMax = sender.octetsMax ?? before;
    if (octetsMax >= before) return;
    this.#messageOctetsMax = octetsMax;
    const lengths = { messageOctetsMax: octetsMax, before };
    logEvent(log, 'PATH_MTU_DECREASED', { ...lengths, collector: sender.peer });
    this.onLowered(octetsMax);
  }

  /**
   * Tells Templates, in Messages of their own; `sequenceNumber` as of the next Data Record. False when
   * not all of them left.
   */
  async announce(
    templates: readonly Template[],
    sequenceNumber: number,
    copies = this.#options.templates.copies,
  ): Promise<boolean> {
    const messages = templateMessages(
      templates,
      this.#messageOctetsMax,
      this.#options.templatesInMessageMax,
    );
    for (let copy = 0; copy < copies; copy += 1) {
      for (const buffer of messages) {
        const { length } = buffer;
        const message = { buffer, start: 0, length, records: 0, address: unknownAddress };
        if ((await this.send([message], sequenceNumber)) === 0) return false;
        this.counts.templateMessages += 1;
        this.#templatesExportTimeS = this.#exportTimeS;
      }
      this.#options.templates.told(templates);
    }
    return true;
  }

  /** Tells a new session all active Templates; its Sequence Number begins at 0. */
  async begin(): Promise<void> {
    this.#isNew = false;
    this.#options.templates.forget();
    await this.refreshTemplates(0, this.#options.templates.copies);
  }

  /** RFC 7011 §8.4: all active Templates again, from time to time. */
  async refreshTemplates(sequenceNumber: number, copies = 1): Promise<void> {
    const { messageOctetsMax } = this;
    const isTold = await this.announce(this.#options.templates.all(), sequenceNumber, copies);
    if (!isTold && this.#messageOctetsMax < messageOctetsMax) return;
    this.#templatesSentAtMs = this.#options.clock.monotonicMs();
    this.#messagesSinceTemplates = 0;
  }

  /**
   * How long until Templates are due by time; 0 when they are due, by time or by count. They are, too,
   * when the wall clock went back: RFC 7011 §8.2 allows no Data Set with an Export Time before that of
   * its Template, and some collectors do not read one.
   */
  get templatesDueInMs(): number {
    const { clock, sender, templateRefreshIntervalMs, templateRefreshMessages } = this.#options;
    if (sender.keepsTemplates) return neverMs;
    if (this.#messagesSinceTemplates >= templateRefreshMessages) return 0;
    if (clock.exportTimeS() < this.#templatesExportTimeS) return 0;
    const dueAtMs = this.#templatesSentAtMs + templateRefreshIntervalMs;
    return Math.max(0, dueAtMs - clock.monotonicMs());
  }

  /** Messages until Templates are due by count. */
  get messagesUntilTemplates(): number {
    const { sender, templateRefreshMessages } = this.#options;
    return sender.keepsTemplates
      ? Infinity
      : templateRefreshMessages - this.#messagesSinceTemplates;
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#options.clock.after(Math.max(1, ms), resolve));
  }

  #count(code: string): void {
    this.errors[code] = (this.errors[code] ?? 0) + 1;
  }

  #refuse(code: string): void {
    this.#count(code);
    this.#refusal ??= code;
    this.counts.refusals += 1;
    if (code === tooLongCode) this.#lower();
    this.onRefused();
  }
}
