// The Ledger: for each Origin the lowest offset that is not settled, so what may be committed; and
// the account of events. Its bounds on what is in flight, one in Messages and one in events, are the
// stage's only source of pressure.

import type { CommittableOffset, Delivery, Origin } from '../../sources/delivery.ts';
import { discardReasons } from './discard-reasons.ts';
import type { Claim, Frame, Progress } from './frame.ts';
import { FrameOrder } from './frame-order.ts';
import { Losses } from './losses.ts';

/**
 * In events, each counted at its own occasion and never by subtraction:
 * consumed = exported + deadLettered + discarded + returned + inFlight.
 */
export interface Account {
  consumed: number;
  exported: number;
  deadLettered: number;
  discarded: number;
  returned: number;
  inFlight: number;
  /** Records that Kafka removed before they were read: no part of the sum. */
  removed: number;
  discardedByReason: Record<string, number>;
}

/** Whether no event was counted twice or not at all. */
export const isBalanced = (account: Account): boolean => {
  const { consumed, exported, deadLettered, discarded, returned, inFlight } = account;
  return consumed === exported + deadLettered + discarded + returned + inFlight;
};

export const emptyAccount = (): Account => ({
  consumed: 0,
  exported: 0,
  deadLettered: 0,
  discarded: 0,
  returned: 0,
  inFlight: 0,
  removed: 0,
  discardedByReason: {},
});

/** The accounts of all Workers as one; also of those that have ended. */
export function sumOfAccounts(accounts: readonly Account[]): Account {
  const sum = emptyAccount();
  for (const { discardedByReason, ...counts } of accounts) {
    for (const [key, count] of Object.entries(counts)) sum[key as keyof typeof counts] += count;
    for (const [reason, count] of Object.entries(discardedByReason)) {
      sum.discardedByReason[reason] = (sum.discardedByReason[reason] ?? 0) + count;
    }
  }
  return sum;
}

/** A dead letter that is being written: it holds back its offset until it is written. */
export interface PendingLetter {
  readonly progress: Progress;
  readonly offset: number;
  /** Bad events in it. */
  readonly events: number;
  /** The reason code of the letter. */
  readonly reason: string;
  readonly octets: number;
}

interface LedgerOptions {
  readonly framesMax: number;
  /** A Frame's octets: how many letters stand for one in the bound. */
  readonly frameOctets?: number;
  readonly eventsMax?: number;
}

export class Ledger {
  readonly account = emptyAccount();
  readonly losses = new Losses();
  readonly #progress = new Map<Origin, Progress>();
  /** Frames with unsettled events, in the order they were opened. */
  readonly #live = new FrameOrder();
  /** Dead letters that are not written yet, in the order of their offsets within an Origin. */
  readonly #letters = new Set<PendingLetter>();
  #letterOctets = 0;
  /** The maximum of live Frames, and of events in flight, before the source has to wait. */
  readonly framesMax: number;
  readonly #octetsMax: number;
  readonly #frameOctets: number;
  readonly #eventsMax: number;
  #roomWaiters: (() => void)[] = [];
  #emptyWaiters: (() => void)[] = [];

  constructor({ framesMax, frameOctets = 1_500, eventsMax = Infinity }: LedgerOptions) {
    this.framesMax = framesMax;
    this.#frameOctets = frameOctets;
    this.#octetsMax = framesMax * frameOctets;
    this.#eventsMax = eventsMax;
  }

  /** A Delivery arrived: its events are in flight from here on. */
  track(delivery: Delivery): void {
    const progress = this.#progress.get(delivery.origin) ?? {
      origin: delivery.origin,
      nextOffset: delivery.offsets[0] ?? delivery.nextOffset,
      inFlight: 0,
      dropped: false,
    };
    this.#progress.set(delivery.origin, progress);
    progress.inFlight += delivery.count;
    this.account.inFlight += delivery.count;
    this.account.consumed += delivery.count;
  }

  progressOf(origin: Origin): Progress {
    const progress = this.#progress.get(origin);
    if (!progress) {
      throw new Error(`${origin.topic}[${origin.partition}] was painted before it was tracked`);
    }
    return progress;
  }

  /** All events below `nextOffset` are in Frames, or discarded. */
  painted(progress: Progress, nextOffset: number): void {
    progress.nextOffset = nextOffset;
  }

  /** A datum turned out to hold `more` events than the one it was tracked as. */
  found(progress: Progress, more: number): void {
    progress.inFlight += more;
    this.account.inFlight += more;
    this.account.consumed += more;
  }

  /** Tracked events that are not painted after all: they are delivered again another time. */
  giveBack(progress: Progress, events: number): void {
    progress.inFlight -= events;
    this.account.inFlight -= events;
    this.account.returned += events;
  }

  /** Kafka removed this many records before they were read. */
  removed(records: number): void {
    this.account.removed += records;
  }

  /** The Frame is open, and from now on the youngest. */
  opened(frame: Frame): void {
    this.#live.remove(frame);
    this.#live.add(frame);
  }

  discard(progress: Progress, reason: string): void {
    progress.inFlight -= 1;
    this.account.inFlight -= 1;
    this.account.discarded += 1;
    this.account.discardedByReason[reason] = (this.account.discardedByReason[reason] ?? 0) + 1;
    this.losses.discarded(progress.origin.topic, reason);
  }

  /** A message with bad events goes to the dead letters. */
  hold(letter: PendingLetter): void {
    this.#letters.add(letter);
    this.#letterOctets += letter.octets;
  }

  /** The letter is written, or it is not needed any more because its Origin was taken away. */
  deadLetter(letter: PendingLetter): void {
    const { progress, events, reason, octets } = letter;
    this.#letterOctets -= octets;
    if (!progress.dropped) {
      progress.inFlight -= events;
      this.account.inFlight -= events;
      this.account.deadLettered += events;
      this.losses.deadLettered(progress.origin.topic, reason, events);
    }
    this.#letters.delete(letter);
    this.#wake();
  }

  /**
   * The Frame's Message left and was not refused: its events are exported, but for those whose records
   * had become too long for the path.
   */
  settle(frame: Frame): void {
    this.#settleClaim(frame, frame);
    if (frame.further) for (const claim of frame.further) this.#settleClaim(frame, claim);
    this.#live.remove(frame);
    this.#wake();
  }

  #settleClaim(frame: Frame, { progress, events }: Claim): void {
    if (progress.dropped) return;
    const discarded = Math.min(frame.unsendable, events);
    frame.unsendable -= discarded;
    progress.inFlight -= events - discarded;
    this.account.inFlight -= events - discarded;
    this.account.exported += events - discarded;
    for (let i = 0; i < discarded; i += 1) this.discard(progress, discardReasons.longerThanPath);
  }

  drop(origin: Origin): void {
    const progress = this.#progress.get(origin);
    if (!progress) return;
    this.#progress.delete(origin);
    progress.dropped = true;
    this.account.returned += progress.inFlight;
    this.account.inFlight -= progress.inFlight;
    progress.inFlight = 0;
    for (const letter of this.#letters) if (letter.progress.dropped) this.#letters.delete(letter);
    this.#wake();
  }

  /** The Origin's log was deleted: what is in flight of it settles as usual, and is committed nowhere. */
  retire(origin: Origin): void {
    this.#progress.delete(origin);
  }

  nextOffset(origin: Origin): number | undefined {
    return this.#progress.get(origin)?.nextOffset;
  }

  /** Never passes an unsettled event: the lowest offset of each Origin in any live Frame or letter. */
  committable(): CommittableOffset[] {
    const lowest = new Map<Progress, number>();
    for (const progress of this.#progress.values()) lowest.set(progress, progress.nextOffset);
    const holdBack = (progress: Progress, offset: number) => {
      const known = lowest.get(progress);
      if (known !== undefined && offset < known) lowest.set(progress, offset);
    };
    for (let frame = this.#live.oldest; frame; frame = frame.younger) {
      holdBack(frame.progress, frame.lowestOffset);
      frame.further?.forEach(({ progress, lowestOffset }) => holdBack(progress, lowestOffset));
    }
    for (const { progress, offset } of this.#letters) holdBack(progress, offset);
    return Array.from(lowest, ([{ origin }, offset]) => ({ origin, offset }));
  }

  /** At half the bound the oldest Frame leaves even when it is not full, so that none is a stop. */
  get oldestUnderPressure(): Frame | undefined {
    const isHalfFull =
      this.#live.size * 2 >= this.framesMax || this.account.inFlight * 2 >= this.#eventsMax;
    return isHalfFull ? this.#live.oldest : undefined;
  }

  /** Undefined when there is room, else a promise of it. */
  room(): Promise<void> | undefined {
    if (this.#hasRoom) return undefined;
    return new Promise((resolve) => this.#roomWaiters.push(resolve));
  }

  get #hasRoom(): boolean {
    const octets = this.#live.size * this.#frameOctets + this.#letterOctets;
    return octets < this.#octetsMax && this.account.inFlight < this.#eventsMax;
  }

  /** Resolves when nothing is in flight. */
  empty(): Promise<void> {
    if (this.#isEmpty) return Promise.resolve();
    return new Promise((resolve) => this.#emptyWaiters.push(resolve));
  }

  get #isEmpty(): boolean {
    return this.#live.size === 0 && this.#letters.size === 0;
  }

  #wake(): void {
    if (this.#roomWaiters.length > 0 && this.#hasRoom) {
      const waiters = this.#roomWaiters;
      this.#roomWaiters = [];
      for (const resolve of waiters) resolve();
    }
    if (this.#emptyWaiters.length > 0 && this.#isEmpty) {
      const waiters = this.#emptyWaiters;
      this.#emptyWaiters = [];
      for (const resolve of waiters) resolve();
    }
  }
}
