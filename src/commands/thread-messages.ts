// What the main thread and the Workers' threads tell each other. Types only.

import type { MessagePort } from 'node:worker_threads';
import type { Config } from '../config.ts';
import type { Account } from '../pipeline/ledger.ts';
import type { SentCounts } from '../pipeline/session.ts';
import type { Figures } from '../pipeline/statistics.ts';
import type { FilesRead } from '../preparation.ts';
import type { Plan } from './plan.ts';

/** What the main thread gives to a Worker's thread. */
export interface WorkerAssignment {
  readonly config: Config;
  readonly plan: Plan;
  readonly files: FilesRead;
  readonly index: number;
  /** Where the thread tells what it does, and is asked to. */
  readonly watcher: MessagePort;
}

export type ToWorker = { readonly kind: 'stop' } | FiguresMessage;

export type FromWorker = Ending | FiguresMessage;

/** How a Worker's thread ended. */
export interface Ending {
  readonly kind: 'ended';
  readonly code: number;
  /** Undefined where the parts could not be made. */
  readonly account: Account | undefined;
  readonly counts: SentCounts | undefined;
}

/** From a Worker's thread to the main one, and from there to Worker 0's. */
export interface FiguresMessage {
  readonly kind: 'figures';
  readonly figures: Figures;
}
