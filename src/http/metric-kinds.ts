// What a metric is said by: a name, a type, a meaning, labels, and how its samples are read from the
// view of the Workers. It knows no client library.

import type { HistogramSeen } from '../pipeline/sending/histogram.ts';
import type { PipelineSnapshot } from '../pipeline/pipeline-snapshot.ts';
import type { SourceSnapshot } from '../sources/source-snapshot.ts';
import type { WorkerSnapshot } from './worker-snapshot.ts';
import type { ProcessFacts, ProcessView } from './process-view.ts';

export type Labels = Readonly<Record<string, string | number>>;
export type Sample<T> = readonly [labels: Labels, value: T];

interface Described {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
}

export interface NumberDefinition extends Described {
  readonly type: 'counter' | 'gauge';
  readonly samples: (view: ProcessView) => readonly Sample<number>[];
}

export interface HistogramDefinition extends Described {
  readonly type: 'histogram';
  readonly samples: (view: ProcessView) => readonly Sample<HistogramSeen>[];
}

export type MetricDefinition = NumberDefinition | HistogramDefinition;

export type SamplesOf<S> = (snapshot: S, facts: ProcessFacts) => readonly Sample<number>[];

const prefix = 'kafka2ipfix_';

/** One definition; the samples of each Worker get its number as a label. */
const perWorker =
  (type: 'counter' | 'gauge') =>
  (
    name: string,
    help: string,
    labels: readonly string[],
    of: SamplesOf<WorkerSnapshot>,
  ): NumberDefinition => ({
    name: prefix + name,
    type,
    help,
    labels: ['worker', ...labels],
    samples: (view) =>
      view.workers.flatMap(({ worker, snapshot }) =>
        (snapshot ? of(snapshot, view.facts) : []).map(
          ([more, value]) => [{ worker, ...more }, value] as const,
        ),
      ),
  });

export const counter = perWorker('counter');
export const gauge = perWorker('gauge');

export const ofPipeline =
  (of: SamplesOf<PipelineSnapshot>): SamplesOf<WorkerSnapshot> =>
  ({ pipeline }, facts) =>
    pipeline ? of(pipeline, facts) : [];

export const ofSource =
  (of: SamplesOf<SourceSnapshot>): SamplesOf<WorkerSnapshot> =>
  ({ source }, facts) =>
    source ? of(source, facts) : [];

export const histogram = (
  name: string,
  help: string,
  of: (pipeline: PipelineSnapshot) => HistogramSeen,
): HistogramDefinition => ({
  name: prefix + name,
  type: 'histogram',
  help,
  labels: ['worker'],
  samples: (view) =>
    view.workers.flatMap(({ worker, snapshot }) =>
      snapshot?.pipeline ? [[{ worker }, of(snapshot.pipeline)] as const] : [],
    ),
});

const perProcess =
  (type: 'counter' | 'gauge') =>
  (
    name: string,
    help: string,
    labels: readonly string[],
    samples: (view: ProcessView) => readonly Sample<number>[],
  ): NumberDefinition => ({ name: prefix + name, type, help, labels, samples });

export const ofProcess = perProcess('gauge');
export const counterOfProcess = perProcess('counter');
