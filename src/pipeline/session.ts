// A Transport Session with one collector (RFC 7011 §2): what every Message of an Observation Domain
// needs to leave. It writes the header at hand-over, tries again what the kernel does not take,
// knows whether the collector refuses, and tells it the Templates.

import type { Logger } from 'pino';
import { writeMessageHeader } from '../ipfix/message.ts';
import { type Template, templateMessages } from '../ipfix/template.ts';
import type { ActiveTemplates } from './active-templates.ts';
import type { Clock } from './clock.ts';
import type { Sender } from './sender.ts';

export interface SessionOptions {
  readonly sender: Sender;
  readonly clock: Clock;
  readonly templates: ActiveTemplates;
  readonly observationDomainId: number;
  readonly messageOctetsMax: number;
  readonly templateRefreshIntervalMs: number;
  readonly templateRefreshMessages: number;
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
}

/** A datagram that the kernel will never take, such as one longer than the path allows. */
export class SendError extends Error {
  readonly code = 'SEND_FAILED';
  override readonly name = 'SendError';
}

const mendOf = (error: Error): string =>
  (error as NodeJS.ErrnoException).code === 'EMSGSIZE' ? '; lower PATH_MTU' : '';

const laterMaxMs = 1024;
/** How often it is told that the kernel takes nothing. */
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
  };
  /** Called at each refusal, whichever way it was learnt. */
  onRefused: () => void = () => undefined;
  closed = false;
  /** What the socket said when it did not take a Message, or was refused one: by code, how often. */
  readonly errors: Record<string, number> = {};
  /** The code for which nothing is taken now, when that lasts. */
  stalledBy: string | undefined;
  readonly #options: SessionOptions;
  #refusal: string | undefined;
  #isNew = false;
  #templatesSentAtMs = 0;
  /** The Export Time of the Message that left last, and of the last one with Templates. */
  #exportTimeS = 0;
  #templatesExportTimeS = 0;
  #messagesSinceTemplates = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
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

  /**
   * Hands over the first `length` octets of a Message whose Sets are complete, with a fresh header.
   * True when the kernel took it; false when a refusal or `close` came first. Throws SendError.
   */
  async send(message: Buffer, length: number, sequenceNumber: number): Promise<boolean> {
    const { clock, sender, observationDomainId, log } = this.#options;
    let toldAtMs = -Infinity;
    for (let waitMs = 1; this.isOpen; waitMs = Math.min(waitMs * 2, laterMaxMs)) {
      const exportTimeS = clock.exportTimeS();
      writeMessageHeader(message, length, exportTimeS, sequenceNumber, observationDomainId);
      const outcome = await sender.send(message, length);
      switch (outcome.kind) {
        case 'taken':
          this.stalledBy = undefined;
          this.counts.messages += 1;
          this.counts.octets += length;
          this.#exportTimeS = exportTimeS;
          this.#messagesSinceTemplates += 1;
          return true;
        case 'refused':
          this.#refuse(outcome.code);
          return false;
        case 'anew':
          this.#isNew = true;
          return false;
        case 'failed': {
          const { error } = outcome;
          const problem = `${length} octets cannot be sent to ${sender.peer}: ${error.message}`;
          throw new SendError(`${problem}${mendOf(error)}`, { cause: error });
        }
        case 'later':
          this.#count(outcome.code);
          if (waitMs >= laterMaxMs / 2) this.stalledBy = outcome.code;
          if (waitMs >= laterMaxMs / 2 && clock.monotonicMs() - toldAtMs >= laterToldMs) {
            toldAtMs = clock.monotonicMs();
            const problem = outcome.problem ?? 'the kernel takes no datagram now';
            log.warn({ code: outcome.code, collector: sender.peer }, `${problem}; trying again`);
          }
          await this.pause(waitMs);
      }
    }
    return false;
  }

  /** Tells Templates, in Messages of their own; `sequenceNumber` as of the next Data Record. */
  async announce(
    templates: readonly Template[],
    sequenceNumber: number,
    copies = this.#options.templates.copies,
  ): Promise<void> {
    const messages = templateMessages(templates, this.#options.messageOctetsMax);
    for (let copy = 0; copy < copies; copy += 1) {
      for (const message of messages) {
        if (!(await this.send(message, message.length, sequenceNumber))) return;
        this.counts.templateMessages += 1;
        this.#templatesExportTimeS = this.#exportTimeS;
      }
      this.#options.templates.told(templates);
    }
  }

  /** Tells a new session all active Templates; its Sequence Number begins at 0. */
  async begin(): Promise<void> {
    this.#isNew = false;
    this.#options.templates.forget();
    await this.refreshTemplates(0, this.#options.templates.copies);
  }

  /** RFC 7011 §8.4: all active Templates again, from time to time. */
  async refreshTemplates(sequenceNumber: number, copies = 1): Promise<void> {
    await this.announce(this.#options.templates.all(), sequenceNumber, copies);
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
    this.onRefused();
  }
}
