// A Frame: one Message under construction or sealed, with the receipts of what was painted into it.
// It holds one Data Set of one Template, because some collectors read only the first Set.

import { messageHeaderOctets, setHeaderOctets, writeSetHeader } from '../ipfix/message.ts';
import type { Template } from '../ipfix/template.ts';
import type { Origin } from '../sources/delivery.ts';

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

export class Frame {
  readonly buffer: Buffer;
  /** The same octets. */
  readonly view: DataView;
  /** Where the Message begins in `buffer`, and where it has to end at the latest. */
  readonly start: number;
  readonly limit: number;
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
  /** The Frame behind this one in a FrameQueue. */
  next: Frame | undefined;

  constructor(octetsMax: number, template: Template) {
    this.buffer = Buffer.alloc(octetsMax);
    this.view = new DataView(this.buffer.buffer, this.buffer.byteOffset, octetsMax);
    this.start = 0;
    this.limit = octetsMax;
    this.at = bodyAt;
    this.template = template;
  }

  open(template: Template, nowMs: number, eventAgeMs = NaN): void {
    this.template = template;
    this.eventAgeMs = eventAgeMs;
    this.at = this.start + bodyAt;
    this.records = 0;
    this.sealed = false;
    this.openedAtMs = nowMs;
    this.sequenceNumber = -1;
    this.next = undefined;
    this.claims.length = 0;
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
    let last = this.#last;
    if (last?.progress !== progress) {
      last = this.claims.find((claim) => claim.progress === progress);
      if (!last) {
        last = { progress, lowestOffset: offset, events: 0 };
        this.claims.push(last);
      }
      this.#last = last;
    }
    last.events += events;
  }
}

/** The octets a Message of `octetsMax` leaves for Data Records. */
export const recordRoom = (octetsMax: number): number => octetsMax - bodyAt;

/** First in, first out, without allocation: Frames carry the link themselves. */
export class FrameQueue {
  head: Frame | undefined;
  #tail: Frame | undefined;

  push(frame: Frame): void {
    frame.next = undefined;
    if (this.#tail) this.#tail.next = frame;
    else this.head = frame;
    this.#tail = frame;
  }

  shift(): Frame | undefined {
    const frame = this.head;
    if (!frame) return undefined;
    this.head = frame.next;
    if (!this.head) this.#tail = undefined;
    frame.next = undefined;
    return frame;
  }

  /** Puts all of `others` before what is queued here, in their order, and empties it. */
  prepend(others: FrameQueue): void {
    if (!others.#tail) return;
    others.#tail.next = this.head;
    this.#tail ??= others.#tail;
    this.head = others.head;
    others.head = undefined;
    others.#tail = undefined;
  }
}
