// The account of all Workers as a line in the log: at the end, and at SIGUSR1.

import type { Worker as Thread } from 'node:worker_threads';
import type { Logger } from 'pino';
import { within } from '../clock.ts';
import { logEvent } from '../log/log-events.ts';
import { type Account, isBalanced, sumOfAccounts } from '../pipeline/frames/ledger.ts';
import type { SentCounts } from '../pipeline/sending/session.ts';
import type { FromWorker, ToWorker } from './thread-messages.ts';

/** What a Worker has counted; undefined where its parts could not be made. */
interface Counted {
  readonly account: Account | undefined;
  readonly counts: SentCounts | undefined;
}

export function logAccount(
  log: Logger,
  message: string,
  workers: readonly Counted[],
  fields: object = {},
): void {
  const account = sumOfAccounts(workers.flatMap((worker) => worker.account ?? []));
  const sent = {
    messages: 0,
    records: 0,
    octets: 0,
    resentMessages: 0,
    splitMessages: 0,
    refusals: 0,
  };
  for (const { counts } of workers) {
    for (const key of Object.keys(sent) as (keyof typeof sent)[]) sent[key] += counts?.[key] ?? 0;
  }
  log.info({ ...fields, account, sent }, message);
  if (isBalanced(account)) return;
  logEvent(log, 'ACCOUNT_UNBALANCED', { account });
}

/** Asks the threads that run, and logs the sum of their answers. */
export class LiveAccounts {
  readonly #threads: Set<Thread>;
  readonly #log: Logger;
  /** The last answers; of a thread that has ended, its last word. */
  readonly #answers = new Map<Thread, Counted>();
  readonly #asked = new Set<Thread>();
  #allAnswered: PromiseWithResolvers<void> | undefined;
  #underWay: Promise<void> | undefined;

  constructor(threads: readonly Thread[], log: Logger) {
    this.#threads = new Set(threads);
    this.#log = log;
    for (const thread of threads) {
      thread.on('message', (message: FromWorker) => {
        if (message.kind === 'account' || message.kind === 'ended') this.#note(thread, message);
      });
      thread.on('exit', () => {
        this.#threads.delete(thread);
        this.#answered(thread);
      });
    }
  }

  /** Resolves when it is logged: when all have answered, or after this time, with the last known of the rest. */
  async logWithin(timeoutMs: number, message: string, fields: object = {}): Promise<void> {
    // The threads are asked one question at a time.
    while (this.#underWay) await this.#underWay;
    this.#underWay = this.#ask(timeoutMs, message, fields).finally(() => {
      this.#underWay = undefined;
    });
    await this.#underWay;
  }

  /** The same, for somebody who asks again and again; nothing is logged while an answer is under way. */
  async logNow(timeoutMs: number, message: string): Promise<void> {
    if (!this.#underWay) await this.logWithin(timeoutMs, message);
  }

  async #ask(timeoutMs: number, message: string, fields: object): Promise<void> {
    this.#allAnswered = Promise.withResolvers();
    for (const thread of this.#threads) {
      this.#asked.add(thread);
      thread.postMessage({ kind: 'account' } satisfies ToWorker);
    }
    if (this.#asked.size === 0) this.#allAnswered.resolve();
    const isComplete = await within(timeoutMs, this.#allAnswered.promise);
    const silent = isComplete ? {} : { workersSilent: this.#asked.size };
    logAccount(this.#log, message, [...this.#answers.values()], { ...fields, ...silent });
    this.#asked.clear();
    this.#allAnswered = undefined;
  }

  #note(thread: Thread, counted: Counted): void {
    this.#answers.set(thread, counted);
    this.#answered(thread);
  }

  #answered(thread: Thread): void {
    this.#asked.delete(thread);
    if (this.#asked.size === 0) this.#allAnswered?.resolve();
  }
}
