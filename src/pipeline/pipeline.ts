// The whole way on one screen: deliveries, paint, transmit, settle, commit.
//
// The unit that flows is a Delivery (a batch), then a Frame (a Message): never a single event. RxJS
// gives the shape; the pressure is the Ledger's bound, which the source awaits before each Delivery.
// Completion is the shutdown: when the source completes, every operator finishes its work in turn.
// Errors end the process with nothing more committed: here is no retry and no catchError.

import {
  concat,
  defer,
  endWith,
  exhaustMap,
  finalize,
  ignoreElements,
  interval,
  map,
  merge,
  type Observable,
  type OperatorFunction,
  takeWhile,
  tap,
} from 'rxjs';
import type { Delivery } from '../sources/delivery.ts';
import type { Frame } from './frames/frame.ts';
import type { Sink } from './sending/sink.ts';
import type { Worker } from './worker.ts';

/** What the pipeline needs of a source: Deliveries, and a way to commit what is settled of them. */
export interface Source {
  readonly deliveries: Observable<Delivery>;
  /** Commits what the Ledger allows; `last` is tried until it succeeds or the time is up. */
  commit(options: { last: boolean }): Promise<void>;
}

export const pipeline = (source: Source, worker: Worker, commitIntervalMs: number) =>
  source.deliveries.pipe(
    paint(worker),
    transmit(worker.sink),
    settle(worker),
    commit(source, commitIntervalMs),
    finalize(() => worker.close()),
  );

/** Delivery → sealed Frames, be it by MTU, age, pressure, a drain or the end. */
const paint =
  (worker: Worker): OperatorFunction<Delivery, Frame> =>
  (deliveries) =>
    merge(
      worker.frames.sealed,
      deliveries.pipe(
        takeWhile((delivery) => worker.paint(delivery)),
        ignoreElements(),
        tap({ complete: () => worker.end() }),
      ),
    );

/** Sealed Frames → the same, once their Messages left and were not refused. */
const transmit =
  (sink: Sink): OperatorFunction<Frame, Frame> =>
  (frames) =>
    merge(
      sink.settled,
      frames.pipe(
        tap({ next: (frame) => sink.transmit(frame), complete: () => sink.end() }),
        ignoreElements(),
      ),
    );

/**
 * Settled Frames → their number so far; the Ledger knows what may be committed. Completes when the
 * dead letters are written as well.
 */
const settle =
  (worker: Worker): OperatorFunction<Frame, number> =>
  (frames) =>
    concat(
      frames.pipe(
        map((frame, index) => {
          worker.settle(frame);
          return index + 1;
        }),
      ),
      defer(() => worker.ledger.empty()).pipe(ignoreElements()),
    );

const end = -1;
/** A commit takes a moment, and the interval bounds what a crash repeats: it begins earlier. */
const begunAfter = 0.9;

/** Commits at each interval, and once more at the end. Emits nothing, completes when all is done. */
const commit =
  (source: Source, intervalMs: number): OperatorFunction<number, never> =>
  (settled) =>
    concat(
      merge(interval(intervalMs * begunAfter), settled.pipe(ignoreElements(), endWith(end))).pipe(
        takeWhile((tick) => tick !== end),
        exhaustMap(() => source.commit({ last: false })),
      ),
      defer(() => source.commit({ last: true })),
    ).pipe(ignoreElements());
