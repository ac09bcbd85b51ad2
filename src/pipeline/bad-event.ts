// An event that cannot be exported: where it is, and where in it the fault is.

import type { Delivery, Unreadable } from '../sources/delivery.ts';

export class BadEventError extends Error {
  readonly code = 'BAD_EVENT';
  override readonly name = 'BadEventError';
  /** The field, or empty for the event as a whole. */
  readonly path: string;

  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(path === '' ? problem : `in ${path}: ${problem}`, options);
    this.path = path;
  }
}

/** Where a bad event is: a datum of a Delivery, and the event in it where it holds several. */
export interface Place {
  readonly delivery: Delivery;
  readonly i: number;
  readonly event?: number;
  /** Events of the datum that are not painted, the bad one included. */
  readonly left: number;
}

/** The event's number in its message, from 0; undefined where it is the only one. */
export function eventNumber({ delivery, i, event }: Place): number | undefined {
  const { offsets } = delivery;
  let first = i;
  while (first > 0 && offsets[first - 1] === offsets[i]) first -= 1;
  const isAlone = first === i && offsets[i + 1] !== offsets[i];
  if (event === undefined) return isAlone ? undefined : i - first;
  return isAlone ? event : undefined;
}

/** A value in which no event can be found is a bad event as a whole. */
export const badValue = ({ problem, cause }: Unreadable): BadEventError =>
  new BadEventError('', problem, { cause });
