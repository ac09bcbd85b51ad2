// The account of all Workers as a line in the log: at the end, and at SIGUSR1.

import type { Worker as Thread } from 'node:worker_threads';
import type { Logger } from 'pino';
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

/** Asks the threads that run, and logs the sum when all have answered. */
export class LiveAccounts {
  readonly #threads: Set<Thread>;
  readonly #log: Logger;
  readonly #told = new Map<Thread, Counted>();
  #isAsked = false;

  constructor(threads: readonly Thread[], log: Logger) {
    this.#threads = new Set(threads);
    this.#log = log;
    for (const thread of threads) {
      thread.on('message', (message: FromWorker) => {
        // The last one has it too: a thread that ends answers no more.
        if (message.kind === 'account' || message.kind === 'ended') this.#note(thread, message);
      });
      thread.on('exit', () => {
        this.#threads.delete(thread);
        this.#logWhenTold();
      });
    }
  }

  tell(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    for (const thread of this.#threads) {
      thread.postMessage({ kind: 'account' } satisfies ToWorker);
    }
    this.#logWhenTold();
  }

  #note(thread: Thread, counted: Counted): void {
    this.#told.set(thread, counted);
    this.#logWhenTold();
  }

  #logWhenTold(): void {
    const told = this.#told;
    if (!this.#isAsked || [...this.#threads].some((thread) => !told.has(thread))) return;
    logAccount(this.#log, 'account', [...told.values()]);
    for (const thread of this.#threads) told.delete(thread);
    this.#isAsked = false;
  }
}
