// The bad events that were met last, for those who did not read the log: one entry of each kind, because
// a burst of one kind must not push the others out.

import type { DeadLetterReason } from '../../sources/dead-letter.ts';

export interface BadEventSeen {
  /** Milliseconds since 1970, of the last one of its kind. */
  readonly atMs: number;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Its number in its message, from 0, where that has several. */
  readonly event: number | undefined;
  readonly reason: DeadLetterReason;
  /** The field, or empty for the event as a whole. */
  readonly path: string;
  readonly problem: string;
  /** Such as `dead-lettered to flows-dead-letters`, or `discarded`. */
  readonly done: string;
  /** How many of its kind there were since it is in the list. */
  readonly count: number;
}

/** Also of the list of a whole process. */
export const badEventKindsMax = 20;

/** It may quote a value, however long. */
const problemMax = 300;

/** What bad events of one kind have in common. A problem is not part of it: it may hold a value. */
export const badEventKind = ({ topic, reason, path, done }: Omit<BadEventSeen, 'count'>): string =>
  [topic, reason, path, done].join('\n');

export class RecentBadEvents {
  /** The newest last. */
  readonly #kinds = new Map<string, BadEventSeen>();

  note(event: Omit<BadEventSeen, 'count'>): void {
    const problem = event.problem.slice(0, problemMax);
    const kind = badEventKind(event);
    const count = (this.#kinds.get(kind)?.count ?? 0) + 1;
    this.#kinds.delete(kind);
    this.#kinds.set(kind, { ...event, problem, count });
    for (const oldest of this.#kinds.keys()) {
      if (this.#kinds.size <= badEventKindsMax) break;
      this.#kinds.delete(oldest);
    }
  }

  get list(): readonly BadEventSeen[] {
    return [...this.#kinds.values()];
  }
}
