// A log that does not flood: the same warning only once in a while, then with how many of its kind
// were held back. It does not know what the lines are about.

import type { Logger } from 'pino';
import type { After } from '../clock.ts';
import { type LimitedCode, logEvent, type LogFields } from './log-events.ts';

const everyMs = 10_000;

/** A process that has nothing else to do ends. */
const afterUnheld: After = (ms, action) => {
  const timer = setTimeout(action, ms).unref();
  return () => clearTimeout(timer);
};

interface Kind {
  heldBack: number;
  /** Writes the newest of what was held back. */
  say: () => void;
}

export class LimitedLog {
  readonly #log: Logger;
  readonly #after: After;
  /** What was logged within the last while. */
  readonly #kinds = new Map<string, Kind>();
  readonly #callOff = new Map<string, () => void>();

  constructor(log: Logger, after: After = afterUnheld) {
    this.#log = log;
    this.#after = after;
  }

  /** `kind` says which lines are the same one: that must not hold what differs from event to event. */
  event<Code extends LimitedCode>(code: Code, kind: string, fields: LogFields<Code>): void {
    const known = this.#kinds.get(kind);
    if (!known) {
      logEvent(this.#log, code, fields);
      this.#begin(kind);
      return;
    }
    known.heldBack += 1;
    known.say = () => {
      const { heldBack } = known;
      // This line speaks for itself too.
      logEvent(this.#log, code, heldBack > 1 ? { ...fields, heldBack: heldBack - 1 } : fields);
    };
  }

  /** Says what is held back; nothing comes after it. */
  close(): void {
    for (const callOff of this.#callOff.values()) callOff();
    for (const { heldBack, say } of this.#kinds.values()) if (heldBack > 0) say();
    this.#callOff.clear();
    this.#kinds.clear();
  }

  #begin(kind: string): void {
    const known: Kind = { heldBack: 0, say: () => undefined };
    this.#kinds.set(kind, known);
    const callOff = this.#after(everyMs, () => {
      this.#kinds.delete(kind);
      this.#callOff.delete(kind);
      if (known.heldBack === 0) return;
      known.say();
      this.#begin(kind);
    });
    this.#callOff.set(kind, callOff);
  }
}
