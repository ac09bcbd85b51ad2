// Whether any broker answers, and the lines that say so: once when they are away, each minute while they
// are, and once when they are back. The evidence is what the sockets see; before a line is written, the
// brokers are asked directly. It knows nothing of groups and topics.

import type { Logger } from 'pino';
import { afterTimeout, type After } from '../../clock.ts';
import { logEvent } from '../../log/log-events.ts';
import type { KafkaConnection } from '../kafkajs/kafka-client.ts';
import type { SocketWatch } from '../kafkajs/kafka-socket.ts';
import { Closings, type Finding, tryBrokers, unreachable } from '../kafkajs/reach-brokers.ts';

export interface BrokerContactOptions {
  readonly connection: KafkaConnection;
  /** Undefined where another Worker of the process logs for all. */
  readonly log: Logger | undefined;
  readonly tryBrokers?: (connection: KafkaConnection) => Promise<Finding | undefined>;
  readonly nowMs?: () => number;
  readonly after?: After;
}

export interface BrokersAway {
  readonly reason: string;
  /** Since a broker answered last, or since the start. */
  readonly sinceMs: number;
}

/** What the parts of a member use of it. */
export type Contact = Pick<
  BrokerContact,
  'away' | 'isDisturbed' | 'silentMs' | 'answered' | 'ended' | 'watch' | 'close'
>;

const lookEveryMs = 250;
/** Of several brokers another one answers within this time after one of them has gone. */
const afterEndMs = 700;
/** A member sends a heartbeat every second at least; a join may be silent for longer, and is asked about. */
const silentMaxMs = 4_000;
/** Within this time kafkajs has found its brokers again. */
const recoveryMaxMs = 10_000;
const tryAgainMs = 1_000;
const logAgainMs = 60_000;

export class BrokerContact implements SocketWatch {
  readonly #options: BrokerContactOptions;
  #answeredAtMs: number;
  #endedAtMs = -Infinity;
  #away: { reason: string; readonly sinceMs: number; loggedAtMs: number } | undefined;
  #backAtMs = -Infinity;
  #isTrying = false;
  #triedAtMs = -Infinity;
  #isClosed = false;
  #cancel: (() => void) | undefined;

  constructor(options: BrokerContactOptions) {
    this.#options = options;
    this.#answeredAtMs = this.#nowMs();
  }

  answered(): void {
    this.#answeredAtMs = this.#nowMs();
    if (this.#away) this.#back(this.#away.sinceMs);
  }

  ended(): void {
    this.#endedAtMs = this.#nowMs();
  }

  get silentMs(): number {
    return this.#nowMs() - this.#answeredAtMs;
  }

  /** Whether what fails now fails because of the brokers: they are away, or were until a moment ago. */
  get isDisturbed(): boolean {
    return this.#away !== undefined || this.#nowMs() - this.#backAtMs < recoveryMaxMs;
  }

  get away(): BrokersAway | undefined {
    return this.#away;
  }

  /**
   * The start: waits until a broker answers; false where `signal` ends that. Throws KafkaUnreachableError
   * for what waiting does not change.
   */
  async reach(signal: AbortSignal): Promise<boolean> {
    const { connection } = this.#options;
    const ended = aborted(signal);
    for (const closings = new Closings(); !signal.aborted;) {
      const sinceMs = this.#answeredAtMs;
      const finding = await Promise.race([this.#try(), ended]);
      if (finding === 'aborted') break;
      if (!finding) return true;
      if (closings.isFinal(finding)) throw unreachable(finding, connection);
      this.#lost(finding, sinceMs);
      await Promise.race([this.#pause(tryAgainMs), ended]);
    }
    return false;
  }

  /** From now on the brokers are watched. */
  watch(): void {
    this.#look();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
  }

  #look(): void {
    if (this.#isClosed) return;
    this.#cancel = this.#after(lookEveryMs, () => this.#look());
    if (!this.#isTrying && this.#isSuspected()) void this.#confirm();
  }

  async #confirm(): Promise<void> {
    const sinceMs = this.#answeredAtMs;
    const finding = await this.#try();
    // What a socket of the consumer heard meanwhile is the better evidence.
    const isHeard = this.#answeredAtMs !== sinceMs;
    if (finding && !isHeard && !this.#isClosed) this.#lost(finding, sinceMs);
  }

  #isSuspected(): boolean {
    const nowMs = this.#nowMs();
    if (nowMs - this.#triedAtMs < tryAgainMs) return false;
    if (this.#away) return true;
    const hasEnded = this.#endedAtMs >= this.#answeredAtMs && nowMs - this.#endedAtMs >= afterEndMs;
    return hasEnded || this.silentMs >= silentMaxMs;
  }

  async #try(): Promise<Finding | undefined> {
    this.#isTrying = true;
    const finding = await (this.#options.tryBrokers ?? tryBrokers)(this.#options.connection);
    this.#isTrying = false;
    this.#triedAtMs = this.#nowMs();
    if (!finding && !this.#isClosed) this.answered();
    return finding;
  }

  #lost({ problem: reason }: Finding, sinceMs: number): void {
    this.#away ??= { reason, sinceMs, loggedAtMs: -Infinity };
    this.#away.reason = reason;
    const nowMs = this.#nowMs();
    if (nowMs - this.#away.loggedAtMs < logAgainMs) return;
    this.#away.loggedAtMs = nowMs;
    const { log, connection } = this.#options;
    if (!log) return;
    const seconds = this.#secondsSince(sinceMs);
    logEvent(log, 'KAFKA_AWAY', { brokers: connection.brokers, reason, seconds });
  }

  #back(sinceMs: number): void {
    this.#away = undefined;
    this.#backAtMs = this.#nowMs();
    const { log, connection } = this.#options;
    const seconds = this.#secondsSince(sinceMs);
    log?.info({ brokers: connection.brokers, seconds }, 'Kafka answers again');
  }

  #secondsSince(ms: number): number {
    return Math.floor((this.#nowMs() - ms) / 1000);
  }

  #pause(ms: number): Promise<undefined> {
    return new Promise((resolve) => {
      this.#after(ms, () => resolve(undefined));
    });
  }

  #after(ms: number, action: () => void): () => void {
    return (this.#options.after ?? afterTimeout)(ms, action);
  }

  #nowMs(): number {
    return this.#options.nowMs?.() ?? performance.now();
  }
}

function aborted(signal: AbortSignal): Promise<'aborted'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('aborted');
    signal.addEventListener('abort', () => resolve('aborted'), { once: true });
  });
}
