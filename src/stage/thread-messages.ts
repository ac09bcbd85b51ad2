// The messages between the main thread and the Workers' threads. Types only.

import type { MessagePort } from 'node:worker_threads';
import type { Config } from '../config/config.ts';
import type { LoggedError } from '../log/error-serializer.ts';
import type { Account } from '../pipeline/frames/ledger.ts';
import type { SentCounts } from '../pipeline/sending/session.ts';
import type { Figures } from '../pipeline/options/statistics.ts';
import type { FilesRead } from '../config/preparation.ts';
import type { Plan } from './plan.ts';

/** What the main thread gives to a Worker's thread. */
export interface WorkerAssignment {
  readonly config: Config;
  readonly plan: Plan;
  readonly files: FilesRead;
  readonly index: number;
  /** Where the thread reports what it does, and is asked to. */
  readonly watcher: MessagePort;
  /** The room that the threads' log lines share. */
  readonly logRoom: SharedArrayBuffer;
}

export type ToWorker = { readonly kind: 'stop' } | { readonly kind: 'account' } | FiguresMessage;

export type FromWorker = Ending | FiguresMessage | AccountMessage | LogLine;

/** How a Worker's thread ended. */
export interface Ending {
  readonly kind: 'ended';
  readonly code: number;
  /** Undefined where the parts could not be made. */
  readonly account: Account | undefined;
  readonly counts: SentCounts | undefined;
  /** The error that ended it. */
  readonly error?: LoggedError | undefined;
}

/** What was asked for by `account`; taken in one turn, so that it balances. */
export interface AccountMessage {
  readonly kind: 'account';
  readonly account: Account | undefined;
  readonly counts: SentCounts | undefined;
}

/** A line of the log that has its room: only the main thread writes. */
export interface LogLine {
  readonly kind: 'log';
  readonly line: string;
}

/** From a Worker's thread to the main one, and from there to Worker 0's. */
export interface FiguresMessage {
  readonly kind: 'figures';
  readonly figures: Figures;
}
