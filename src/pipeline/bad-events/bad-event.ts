// An event that cannot be exported: where it is, and where in it the fault is.

import type { Delivery, Unreadable } from '../../sources/delivery.ts';

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

/** Whether datum i is the only one of its message. */
export const isAlone = ({ offsets }: Delivery, i: number): boolean =>
  offsets[i - 1] !== offsets[i] && offsets[i + 1] !== offsets[i];

/** Datum i's number among those of its message, from 0. A message may hold very many. */
export function numberInMessage({ offsets }: Delivery, i: number): number {
  let first = 0;
  for (let last = i; first < last;) {
    const middle = (first + last) >>> 1;
    if (offsets[middle]! < offsets[i]!) first = middle + 1;
    else last = middle;
  }
  return i - first;
}

/**
 * The event's number in its message, from 0; undefined where it is the only one, or where nothing of
 * the message can be read. A datum among several has one number for all its events.
 */
export const eventNumber = ({ delivery, i, event }: Place): number | undefined =>
  isAlone(delivery, i) ? event : numberInMessage(delivery, i);

/** A value in which no event can be found is a bad event as a whole. */
export const badValue = ({ problem, cause }: Unreadable): BadEventError =>
  new BadEventError('', problem, { cause });
