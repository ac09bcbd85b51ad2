// A Frame: one Message under construction or sealed, with the receipts of what was painted into it.
// It holds one Data Set of one Template, because some collectors read only the first Set.

import { messageHeaderOctets, setHeaderOctets, writeSetHeader } from '../ipfix/message.ts';
import type { Template } from '../ipfix/template.ts';
import type { Origin } from '../sources/delivery.ts';
import { type Message, unknownAddress } from './sender.ts';

const bodyAt = messageHeaderOctets + setHeaderOctets;

/** How far one Origin has come; kept by the Ledger. */
export interface Progress {
  readonly origin: Origin;
  /** The offset to paint next. */
  nextOffset: number;
  /** Events tracked and not settled. */
  inFlight: number;
  /** Taken away: what is still in Frames is `returned`, no longer ours to settle. */
  dropped: boolean;
}

/** What a Frame holds of one Origin: its lowest offset here, and how many events. */
export interface Claim {
  progress: Progress;
  lowestOffset: number;
  events: number;
}

export class Frame implements Message {
  readonly buffer: Buffer;
  /** The same octets. */
  readonly view: DataView;
  address = unknownAddress;
  /** Where the Message begins in `buffer`, and where it has to end at the latest. */
  readonly start: number;
  limit: number;
  readonly claims: Claim[] = [];
  template: Template;
  /** Where the next Data Record begins. */
  at: number;
  records = 0;
  sealed = false;
  openedAtMs = 0;
  /** How old the first event was, by its Kafka timestamp, when this was opened; NaN: none known. */
  eventAgeMs = NaN;
  /** Given at the first hand-over and kept when the Message is sent again; -1 before. */
  sequenceNumber = -1;
  sentAtMs = 0;
  /** The claim noted last: of a Delivery's events it is the one of the next, too. */
  #last: Claim | undefined;
  /** Cut off another Frame: it holds no event, and settles for nobody. */
  isPart = false;
  /** Of the events in `claims`, so many are not exported, because their records became too long. */
  unsendable = 0;
  /** The Frame behind this one in a FrameQueue. */
  next: Frame | undefined;
  /** Those beside this one in a FrameOrder. */
  older: Frame | undefined;
  younger: Frame | undefined;
  isInOrder = false;
  /** Claims of earlier Messages, to be used again. */
  readonly #spare: Claim[] = [];

  constructor(octetsMax: number, template: Template) {
    this.buffer = Buffer.alloc(octetsMax);
    this.view = new DataView(this.buffer.buffer, this.buffer.byteOffset, octetsMax);
    this.start = 0;
    this.limit = octetsMax;
    this.at = bodyAt;
    this.template = template;
  }

  /** With room for a Message of `octetsMax`, or of all that the buffer has. */
  open(template: Template, nowMs: number, octetsMax = this.buffer.length, eventAgeMs = NaN): void {
    this.template = template;
    this.eventAgeMs = eventAgeMs;
    this.limit = this.start + octetsMax;
    this.at = this.start + bodyAt;
    this.records = 0;
    this.sealed = false;
    this.openedAtMs = nowMs;
    this.sequenceNumber = -1;
    this.isPart = false;
    this.unsendable = 0;
    this.next = undefined;
    // One by one: an array whose length is set to 0 loses its room.
    while (this.claims.length > 0) this.#spare.push(this.claims.pop()!);
    this.#last = undefined;
  }

  /** Never handed over, and all it holds was taken away: it would only be a duplicate. */
  get isAbandoned(): boolean {
    const { claims, sequenceNumber } = this;
    return sequenceNumber < 0 && claims.length > 0 && claims.every((c) => c.progress.dropped);
  }

  /** The Message's octets so far, both headers included. */
  get length(): number {
    return this.at - this.start;
  }

  fits(octets: number): boolean {
    return this.at + octets <= this.limit;
  }

  /** Where the first Data Record begins. */
  get bodyAt(): number {
    return this.start + bodyAt;
  }

  /** Messages have become shorter: what is there stays, but no more is added to what is too long. */
  shorten(octetsMax: number): void {
    this.limit = Math.min(this.limit, this.start + octetsMax);
  }

  /** Holds the sealed records of `other` in place of its own, with their number. */
  takeRecords(other: Frame): void {
    other.buffer.copy(this.buffer, this.start, other.start, other.at);
    this.at = this.start + other.length;
    this.records = other.records;
    this.sequenceNumber = other.sequenceNumber;
  }

  /** Nothing is painted after this; the Message lacks only its header, written when it leaves. */
  seal(): void {
    const { buffer, start, template, length } = this;
    const setLength = length - messageHeaderOctets;
    writeSetHeader(buffer, start + messageHeaderOctets, template.id, setLength);
    this.sealed = true;
  }

  /**
   * Takes in a record of `octets` that was written from `at` on and ended at `end`, the first one of
   * its event. A Painter that wrote another number of them is at fault itself: nothing of it leaves.
   */
  painted(end: number, octets: number, progress: Progress, offset: number): void {
    if (end - this.at !== octets) {
      throw new Error(`a record of ${octets} octets was painted in ${end - this.at}`);
    }
    this.at = end;
    this.records += 1;
    this.claim(progress, offset, 1);
  }

  /**
   * Notes a record of an event of `progress` as held by this Frame. Offsets of one Origin are painted
   * in rising order, so the first one seen is the lowest. `events` is 1, or 0 for a further record of
   * an event that is counted where its first one is.
   */
  claim(progress: Progress, offset: number, events: 0 | 1): void {
    const last = this.#last;
    if (last?.progress === progress) last.events += events;
    else this.#claimOf(progress, offset).events += events;
  }

  // Apart: a closure over a parameter costs an object at each call, even where it is not reached.
  #claimOf(progress: Progress, offset: number): Claim {
    let claim = this.claims.find((one) => one.progress === progress);
    if (!claim) {
      claim = this.#spare.pop() ?? { progress, lowestOffset: offset, events: 0 };
      claim.progress = progress;
      claim.lowestOffset = offset;
      claim.events = 0;
      this.claims.push(claim);
    }
    return (this.#last = claim);
  }
}

/** The octets a Message of `octetsMax` leaves for Data Records. */
export const recordRoom = (octetsMax: number): number => octetsMax - bodyAt;
