// What a Worker's thread reports of itself, once a second and when asked. Types only.

import type { PipelineSnapshot } from '../pipeline/pipeline-snapshot.ts';
import type { Trouble } from '../log/recent-troubles.ts';
import type { DeadLettersSeen, SourceSnapshot } from '../sources/source-snapshot.ts';

export interface WorkerSnapshot {
  /** Counted from 0. */
  readonly worker: number;
  /** Undefined until its parts are made; the source also where a file is read. */
  readonly pipeline: PipelineSnapshot | undefined;
  readonly source: SourceSnapshot | undefined;
  /** No broker answers: why, and for how long. Undefined while one does. */
  readonly brokersAway?: { readonly reason: string; readonly seconds: number } | undefined;
  /** Undefined where there is no dead-letter topic. */
  readonly deadLetters?: DeadLettersSeen | undefined;
  /** Members found with another one's Observation Domain, if this one leads its group. */
  readonly domainConflicts: number;
  readonly troubles: readonly Trouble[];
  /** How long its event loop was at work. */
  readonly busyMs: number;
  readonly heapOctets: number;
}
