// A Frame: one Message under construction or sealed, with the receipts of what was painted into it.
// It holds one Data Set of one Template, because some collectors read only the first Set.

import { messageHeaderOctets, firstRecordAt, writeSetHeader } from '../../ipfix/message.ts';
import type { Template } from '../../ipfix/template.ts';
import type { Origin } from '../../sources/delivery.ts';
import type { FrameRoom } from './frame-room.ts';
import { type Message, unknownAddress } from './message.ts';

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
  readonly progress: Progress;
  readonly lowestOffset: number;
  events: number;
}

/** Before anything was claimed. */
const nobody: Progress = {
  origin: { topic: '', partition: -1, generation: -1 },
  nextOffset: 0,
  inFlight: 0,
  dropped: true,
};

/** It is its own claim on the Origin met first: as a rule there is no other, and so no further object. */
export class Frame implements Message, Claim {
  readonly buffer: Buffer;
  /** The same octets. */
  readonly view: DataView;
  address = unknownAddress;
  /** Where the Message begins in `buffer`, and where it has to end at the latest. */
  readonly start: number;
  limit: number;
  progress = nobody;
  lowestOffset = 0;
  events = 0;
  /** Its claims on other Origins. */
  further: Claim[] | undefined;
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
  /** Cut off another Frame: it holds no event, and settles for nobody. */
  isPart = false;
  /** The number of events in `claims` that are not exported, because their records became too long. */
  unsendable = 0;
  /** The Frame behind this one in a FrameQueue. */
  next: Frame | undefined;
  /** Those beside this one in a FrameOrder. */
  older: Frame | undefined;
  younger: Frame | undefined;
  isInOrder = false;
  readonly #octetsMax: number;

  constructor(room: FrameRoom, template: Template) {
    const { buffer, view, start, octets } = room;
    this.buffer = buffer;
    this.view = view;
    this.start = start;
    this.#octetsMax = octets;
    this.limit = start + octets;
    this.at = start + firstRecordAt;
    this.template = template;
  }

  /** Opens it with room for a Message of `octetsMax`, or of all that it has. */
  open(template: Template, nowMs: number, octetsMax = this.#octetsMax, eventAgeMs = NaN): void {
    this.template = template;
    this.eventAgeMs = eventAgeMs;
    this.limit = this.start + octetsMax;
    this.at = this.start + firstRecordAt;
    this.records = 0;
    this.sealed = false;
    this.openedAtMs = nowMs;
    this.sequenceNumber = -1;
    this.isPart = false;
    this.unsendable = 0;
    this.next = undefined;
    this.progress = nobody;
    this.further = undefined;
  }

  /** Never handed over, and all it holds was taken away: it would only be a duplicate. */
  get isAbandoned(): boolean {
    if (this.sequenceNumber >= 0 || this.progress === nobody || !this.progress.dropped)
      return false;
    return this.further?.every(({ progress }) => progress.dropped) ?? true;
  }

  /** For where no Message waits: it makes an array. */
  get claims(): readonly Claim[] {
    return this.progress === nobody ? [] : [this, ...(this.further ?? [])];
  }

  /** The octets of the Message so far, both headers included. */
  get length(): number {
    return this.at - this.start;
  }

  /** The Message so far, for where none waits: it makes a Buffer. */
  get octets(): Buffer {
    return this.buffer.subarray(this.start, this.at);
  }

  fits(octets: number): boolean {
    return this.at + octets <= this.limit;
  }

  /** Where the first Data Record begins. */
  get bodyAt(): number {
    return this.start + firstRecordAt;
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
      throw new Error(`a record of ${octets} octets was encoded in ${end - this.at}`);
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
    if (this.progress === progress) this.events += events;
    else this.#claimAnew(progress, offset, events);
  }

  // Deliveries are of one Origin: it is the one met last, as a rule.
  #claimAnew(progress: Progress, offset: number, events: 0 | 1): void {
    if (this.progress === nobody) {
      this.progress = progress;
      this.lowestOffset = offset;
      this.events = events;
      return;
    }
    const further = (this.further ??= []);
    for (let i = further.length - 1; i >= 0; i -= 1) {
      if (further[i]!.progress !== progress) continue;
      further[i]!.events += events;
      return;
    }
    further.push({ progress, lowestOffset: offset, events });
  }
}

/** The octets a Message of `octetsMax` leaves for Data Records. */
export const recordRoom = (octetsMax: number): number => octetsMax - firstRecordAt;
