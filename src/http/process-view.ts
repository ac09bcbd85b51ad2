// What the main thread knows of the Workers: the last snapshot of each, and when it came. It knows
// neither threads nor HTTP; whoever has the threads gives it the means to ask.

import type { WorkerSnapshot } from './worker-snapshot.ts';

/** What does not change while the process runs. */
export interface ProcessFacts {
  readonly version: string;
  /** The name of the host that the process runs on. */
  readonly host: string;
  readonly workerCount: number;
  readonly collector: string;
  /** Undefined where a file is read. */
  readonly kafka:
    | {
        readonly brokers: readonly string[];
        readonly topics: readonly string[];
        readonly group: string;
      }
    | undefined;
  readonly input: string | undefined;
}

interface ProcessViewOptions {
  readonly facts: ProcessFacts;
  /** Asks every Worker for a fresh snapshot, which comes by `note`. */
  readonly ask: () => void;
  /** Log lines dropped by all threads since the start. */
  readonly logLinesDropped?: () => number;
  readonly nowMs?: () => number;
}

/** The last snapshot of a Worker, if there is one, and how old it is. */
export interface WorkerView {
  readonly worker: number;
  readonly snapshot: WorkerSnapshot | undefined;
  readonly silentMs: number;
  readonly hasEnded: boolean;
}

/** A Worker whose event loop turns answers within a Delivery's time; one that does not is not waited for. */
const answerWithinMs = 250;

export class ProcessView {
  readonly facts: ProcessFacts;
  readonly startedAtMs = Date.now();
  /** SIGTERM came, or a Worker ended. */
  isDraining = false;
  readonly #options: ProcessViewOptions;
  readonly #snapshots: (WorkerSnapshot | undefined)[];
  readonly #heardAtMs: number[];
  readonly #ended = new Set<number>();
  #asked:
    { readonly waiting: Set<number>; readonly done: Promise<void>; end: () => void } | undefined;

  constructor(options: ProcessViewOptions) {
    this.#options = options;
    this.facts = options.facts;
    const { workerCount: workers } = options.facts;
    this.#snapshots = new Array<WorkerSnapshot | undefined>(workers).fill(undefined);
    this.#heardAtMs = new Array<number>(workers).fill(this.#nowMs());
  }

  note(snapshot: WorkerSnapshot): void {
    const { worker } = snapshot;
    this.#snapshots[worker] = snapshot;
    this.#heardAtMs[worker] = this.#nowMs();
    this.#answered(worker);
  }

  ended(worker: number): void {
    this.#ended.add(worker);
    this.isDraining = true;
    this.#answered(worker);
  }

  get workers(): WorkerView[] {
    return this.#snapshots.map((snapshot, worker) => ({
      worker,
      snapshot,
      silentMs: this.#nowMs() - this.#heardAtMs[worker]!,
      hasEnded: this.#ended.has(worker),
    }));
  }

  get logLinesDropped(): number {
    return this.#options.logLinesDropped?.() ?? 0;
  }

  /** Resolves when every Worker has reported its present state, or has not within a moment. */
  fresh(): Promise<void> {
    if (this.#asked) return this.#asked.done;
    const waiting = new Set(
      [...this.#snapshots.keys()].filter((worker) => !this.#ended.has(worker)),
    );
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const end = () => {
      clearTimeout(timer);
      this.#asked = undefined;
      resolve(undefined);
    };
    const timer = setTimeout(end, answerWithinMs);
    this.#asked = { waiting, done: promise, end };
    if (waiting.size === 0) end();
    else this.#options.ask();
    return promise;
  }

  #answered(worker: number): void {
    if (!this.#asked) return;
    this.#asked.waiting.delete(worker);
    if (this.#asked.waiting.size === 0) this.#asked.end();
  }

  #nowMs(): number {
    return this.#options.nowMs?.() ?? performance.now();
  }
}
