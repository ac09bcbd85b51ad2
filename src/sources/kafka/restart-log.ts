// kafkajs gives a member up and begins it again for much that passes by itself: a coordinator that loads its
// groups, a broker that restarts. It is a warning only where it does not help.

import type { Logger } from 'pino';
import { type After, afterTimeout } from '../../clock.ts';
import { logEvent } from '../../log/log-events.ts';
import type { Contact } from './broker-contact.ts';

export interface RestartLogOptions {
  readonly groupId: string;
  readonly contact: Pick<Contact, 'isDisturbed'>;
  readonly log: Logger;
  readonly after?: After;
  readonly nowMs?: () => number;
}

/** A member is back in its group sooner. */
const joinMaxMs = 10_000;
/** Several failures within this time do not pass by themselves. */
const manyWithinMs = 30_000;
const many = 3;
const logAgainMs = 60_000;

export class RestartLog {
  readonly #options: RestartLogOptions;
  #failedAtMs: number[] = [];
  #loggedAtMs = -Infinity;
  #error = '';
  #cancel: (() => void) | undefined;

  constructor(options: RestartLogOptions) {
    this.#options = options;
  }

  failed({ message }: Error): void {
    const nowMs = this.#nowMs();
    this.#error = message;
    this.#failedAtMs = [...this.#failedAtMs.filter((ms) => nowMs - ms < manyWithinMs), nowMs];
    if (this.#failedAtMs.length >= many) this.#log();
    this.#cancel ??= (this.#options.after ?? afterTimeout)(joinMaxMs, () => {
      this.#cancel = undefined;
      this.#log();
    });
  }

  joined(): void {
    this.close();
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** Brokers that are away are the reason for it, and have a line of their own. */
  #log(): void {
    const { contact, groupId: group, log } = this.#options;
    const nowMs = this.#nowMs();
    if (contact.isDisturbed || nowMs - this.#loggedAtMs < logAgainMs) return;
    this.#loggedAtMs = nowMs;
    logEvent(log, 'CONSUMER_RESTARTED', { group, error: this.#error });
  }

  #nowMs(): number {
    return this.#options.nowMs?.() ?? performance.now();
  }
}
