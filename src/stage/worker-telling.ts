// A Worker's thread reports what it does: once a second, and when it is asked. That it reports anything
// at all shows that its event loop is alive.

import type { MessagePort } from 'node:worker_threads';
import type { Worker } from '../pipeline/worker.ts';
import type { RecentTroubles } from '../log/recent-troubles.ts';
import type { BrokersAway } from '../sources/kafka/broker-contact.ts';
import type { DeadLettersSeen, SourceSnapshot } from '../sources/source-snapshot.ts';
import type { SharedDomains } from './shared-domains.ts';
import type { WorkerSnapshot } from '../http/worker-snapshot.ts';

/** What the main thread asks for beside that. */
export type Asked = 'snapshot' | 'flush';

interface TellingOptions {
  readonly worker: number;
  readonly port: MessagePort;
  readonly troubles: RecentTroubles;
  /** False where nobody looks: then nothing is reported unasked. */
  readonly isWatched: boolean;
}

/** The parts to report on, as soon as they are made. */
interface ToldParts {
  readonly worker: Worker;
  readonly source: { readonly snapshot: SourceSnapshot | undefined };
  readonly domains: SharedDomains | undefined;
  readonly deadLetters?: { readonly seen: DeadLettersSeen } | undefined;
}

const tellEveryMs = 1_000;

export class Telling {
  parts: ToldParts | undefined;
  /** The brokers, where it reads from some. */
  contact: { readonly away: BrokersAway | undefined } | undefined;
  readonly #options: TellingOptions;

  constructor(options: TellingOptions) {
    this.#options = options;
    options.port.on('message', (asked: Asked) => {
      if (asked === 'flush') this.parts?.worker.flush();
      else this.tell();
    });
    if (!options.isWatched) return;
    setInterval(() => this.tell(), tellEveryMs).unref();
    this.tell();
  }

  tell(): void {
    const { worker, port, troubles } = this.#options;
    port.postMessage({
      worker,
      pipeline: this.parts?.worker.snapshot,
      source: this.parts?.source.snapshot,
      deadLetters: this.parts?.deadLetters?.seen,
      brokersAway: this.#brokersAway(),
      domainConflicts: this.parts?.domains?.conflicts ?? 0,
      troubles: troubles.list,
      busyMs: performance.eventLoopUtilization().active,
      heapOctets: process.memoryUsage().heapUsed,
    } satisfies WorkerSnapshot);
  }

  #brokersAway(): WorkerSnapshot['brokersAway'] {
    const away = this.contact?.away;
    return away && { reason: away.reason, seconds: (performance.now() - away.sinceMs) / 1000 };
  }
}
