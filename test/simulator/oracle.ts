// Knows where each event is in Kafka and what became of it, and says when the promise is broken: at each
// commit, at each step, and at the end.

import type { Account } from '../../src/pipeline/frames/ledger.ts';
import type { Handed } from './stream.ts';

/** What an event is, as far as the stage has to treat it differently. */
export type Kind = 'good' | 'bad' | 'tombstone';

interface Event {
  readonly kind: Kind;
  readonly handed: Handed[];
  /** Retention took it before it was read. */
  isRemoved: boolean;
  /** Messages of its own that it was in: each further one is a duplicate by a new painting. */
  painted: number;
}

export interface Fault {
  readonly atMs: number;
  readonly what: string;
}

export class Oracle {
  readonly faults: Fault[] = [];
  /** Events that were painted again while nothing disturbed. */
  repeatedInQuiet = 0;
  isQuiet = false;
  readonly #windowMs: number;
  readonly #nowMs: () => number;
  readonly #events: Event[] = [];
  /** Partition → ids by offset. */
  readonly #logs = new Map<number, number[]>();

  constructor(options: { windowMs: number; nowMs: () => number }) {
    this.#windowMs = options.windowMs;
    this.#nowMs = options.nowMs;
  }

  fault(what: string): void {
    this.faults.push({ atMs: this.#nowMs(), what });
  }

  /** A new event at the end of a partition; its id. */
  produced(partition: number, kind: Kind): number {
    const id = this.#events.push({ kind, handed: [], isRemoved: false, painted: 0 }) - 1;
    const log = this.#logs.get(partition);
    if (log) log.push(id);
    else this.#logs.set(partition, [id]);
    return id;
  }

  get count(): number {
    return this.#events.length;
  }

  handed(handed: Handed, isFirst: boolean): void {
    for (const id of handed.ids) {
      const event = this.#events[id];
      if (event?.kind !== 'good') {
        this.fault(`event ${id} was exported, and is ${event?.kind ?? 'none of ours'}`);
        continue;
      }
      event.handed.push(handed);
      if (!isFirst) continue;
      event.painted += 1;
      if (this.isQuiet && event.painted > 1) this.repeatedInQuiet += 1;
    }
  }

  removed(partition: number, from: number, below: number): void {
    for (const id of this.#logs.get(partition)?.slice(from, below) ?? []) {
      this.#events[id]!.isRemoved = true;
    }
  }

  /** The topic was deleted: nothing more is read of it. What was read of it may still leave. */
  deleted(): void {
    for (const log of this.#logs.values()) {
      for (const id of log) this.#events[id]!.isRemoved = true;
    }
    this.#logs.clear();
  }

  /** An operator set the group's offset: what is behind it has to leave again, what is before it not. */
  moved(partition: number, offset: number): void {
    const log = this.#logs.get(partition) ?? [];
    for (const [at, id] of log.entries()) {
      const event = this.#events[id]!;
      if (at < offset) event.isRemoved = true;
      else event.handed.length = 0;
    }
  }

  /** The promise, at the moment a commit is taken. */
  commit(partition: number, before: number, offset: number): void {
    const log = this.#logs.get(partition) ?? [];
    if (offset < before) this.fault(`flows[${partition}]: committed ${before}, and then ${offset}`);
    if (offset > log.length) {
      this.fault(`flows[${partition}]: committed ${offset}, and the log ends at ${log.length}`);
    }
    for (let at = Math.max(0, before); at < offset && at < log.length; at += 1) {
      if (this.#isDone(log[at]!)) continue;
      this.fault(`flows[${partition}]: committed ${offset}, and ${at} did not leave`);
      return;
    }
  }

  #isDone(id: number): boolean {
    const { kind, handed, isRemoved } = this.#events[id]!;
    if (kind !== 'good' || isRemoved) return true;
    const before = this.#nowMs() - this.#windowMs;
    return handed.some(({ atMs, isSuspect }) => !isSuspect && atMs <= before);
  }

  /** consumed = exported + deadLettered + discarded + returned + inFlight, and none below zero. */
  account(name: string, account: Account): void {
    const { consumed, exported, deadLettered, discarded, returned, inFlight } = account;
    const rest = consumed - exported - deadLettered - discarded - returned;
    if (rest !== inFlight) this.fault(`${name}: the account is out by ${inFlight - rest} events`);
    if (Math.min(inFlight, exported, discarded, returned) < 0) {
      this.fault(`${name}: the account is below zero: ${JSON.stringify(account)}`);
    }
  }

  /** Everything is committed: so everything left, or is accounted for. */
  end(): void {
    let lost = 0;
    for (const id of this.#events.keys()) if (!this.#isDone(id)) lost += 1;
    if (lost > 0) this.fault(`${lost} events are committed and never left`);
    if (this.repeatedInQuiet > 0) {
      this.fault(`${this.repeatedInQuiet} events were painted again by a planned change`);
    }
  }

  get repeated(): number {
    return this.#events.reduce((sum, { painted }) => sum + Math.max(0, painted - 1), 0);
  }
}
