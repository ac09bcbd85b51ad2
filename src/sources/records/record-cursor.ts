// The records of a RecordBatch, walked in place: no object for any of them. What is not a record is thrown,
// and nothing outside the batch's octets is ever taken for a part of it.

import { CorruptBatchError } from './corrupt-batch.ts';
import type { MessageHeader } from '../delivery.ts';
import { VarintReader } from './varint-reader.ts';

/** What a batch says of all its records. */
export interface RecordsInBatch {
  readonly count: number;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly baseTimestamp: number;
  /** The time of all records, where the broker's own is kept. */
  readonly logAppendTime: number | undefined;
}

/**
 * Records one after the other, in place.
 *
 *   Record => length (varint), attributes (int8), timestamp delta (varlong), offset delta (varint),
 *             key length (varint), key, value length (varint), value, count (varint), Header [count]
 *   Header => key length (varint), key, value length (varint), value
 */
export class RecordCursor {
  octets: Buffer = Buffer.alloc(0);
  /** Where the present record begins, after its length: `RecordParts` reads the rest from there. */
  start = 0;
  /** The present value's place; `valueStart` is -1 for null. */
  valueStart = -1;
  valueEnd = -1;
  /** Another one for each batch that was opened. */
  batchNumber = 0;
  baseTimestamp = 0;
  /** The time of all records, where the broker's own is kept. */
  logAppendTime: number | undefined;
  #at = 0;
  #end = 0;
  #left = 0;
  #baseOffset = 0;
  /** Offsets within a batch are small integers. */
  #offsetDelta = -1;
  #lastOffsetDelta = 0;

  open(batch: RecordsInBatch, octets: Buffer, start: number, end: number): void {
    this.octets = octets;
    this.batchNumber += 1;
    this.baseTimestamp = batch.baseTimestamp;
    this.logAppendTime = batch.logAppendTime;
    this.#at = start;
    this.#end = end;
    this.#left = batch.count;
    this.#baseOffset = batch.baseOffset;
    this.#offsetDelta = -1;
    this.#lastOffsetDelta = batch.lastOffset - batch.baseOffset;
  }

  /** The offset of the present record; before the first record, the offset before it. */
  get offset(): number {
    return this.#baseOffset + this.#offsetDelta;
  }

  /** Moves to the next record; false after the last. Throws CorruptBatchError where it is none. */
  next(): boolean {
    if (this.#left > 0) {
      this.#left -= 1;
      if (this.#read()) return true;
      throw new CorruptBatchError(`the record after offset ${this.offset} is malformed`);
    }
    const over = this.#end - this.#at;
    if (over !== 0) throw new CorruptBatchError(`${over} octets are left after its last record`);
    return false;
  }

  /**
   * Whether the record is whole. It is checked once, at its end: positions only grow, so whatever was
   * read past the end, or by a length that is none, does not end there. Most varints have one octet:
   * it is read here, and the others by `#more`.
   */
  #read(): boolean {
    const { octets } = this;
    let at = this.#at;
    // Length.
    let octet = octets[at]!;
    at += 1;
    if (octet > 0x7f) {
      octet = this.#more(octet, at);
      at = this.#at;
    }
    const end = at + unzigzag(octet);
    if (end < at || end > this.#end) return false;
    this.start = at;
    // Attributes and timestamp delta, which are passed.
    at += 1;
    while (octets[at]! > 0x7f) at += 1;
    if (at - this.start > varlongOctetsMax) return false;
    at += 1;
    // Offset delta.
    octet = octets[at]!;
    at += 1;
    if (octet > 0x7f) {
      octet = this.#more(octet, at);
      at = this.#at;
    }
    const offsetDelta = unzigzag(octet);
    // Key.
    octet = octets[at]!;
    at += 1;
    if (octet > 0x7f) {
      octet = this.#more(octet, at);
      at = this.#at;
    }
    const keyLength = unzigzag(octet);
    if (keyLength > 0) at += keyLength;
    // Value.
    octet = octets[at]!;
    at += 1;
    if (octet > 0x7f) {
      octet = this.#more(octet, at);
      at = this.#at;
    }
    const valueLength = unzigzag(octet);
    this.valueStart = valueLength < 0 ? -1 : at;
    if (valueLength > 0) at += valueLength;
    this.valueEnd = at;
    if (keyLength < -1 || valueLength < -1) return false;
    // Headers.
    if (octets[at] !== 0) at = this.#afterHeaders(at, end);
    else at += 1;
    this.#at = at;
    const isInOrder = offsetDelta > this.#offsetDelta && offsetDelta <= this.#lastOffsetDelta;
    if (at !== end || !isInOrder) return false;
    this.#offsetDelta = offsetDelta;
    return true;
  }

  /** The rest of a varint of several octets, still zigzag. */
  #more(first: number, at: number): number {
    let value = first & 0x7f;
    for (let shift = 7; shift < 35; shift += 7) {
      const octet = this.octets[at]!;
      at += 1;
      value |= (octet & 0x7f) << shift;
      if (octet <= 0x7f) {
        this.#at = at;
        return value;
      }
    }
    throw new CorruptBatchError('a varint of more than 5 octets');
  }

  /** Where they end; -1 where they do not as their count says. */
  #afterHeaders(start: number, end: number): number {
    const reader = headerReader;
    reader.octets = this.octets;
    reader.at = start;
    let left = reader.int();
    for (; left > 0 && reader.at < end; left -= 1) {
      if (!passName(reader)) return -1;
      reader.pass();
    }
    return left === 0 ? reader.at : -1;
  }
}

const varlongOctetsMax = 10;

const headerReader = new VarintReader();

const unzigzag = (value: number): number => (value >>> 1) ^ -(value & 1);

function passName(reader: VarintReader): boolean {
  const length = reader.int();
  if (length > 0) reader.at += length;
  return length >= 0;
}

/** What a record has beside its value, read from where it begins; it was found whole before. */
export class RecordParts {
  readonly #reader = new VarintReader();

  timestampDelta(octets: Buffer, start: number): number {
    this.#reader.octets = octets;
    this.#reader.at = start + 1;
    return this.#reader.long();
  }

  key(octets: Buffer, start: number): Buffer | null {
    this.#toKey(octets, start);
    return this.#reader.bytes();
  }

  value(octets: Buffer, start: number): Buffer | null {
    this.#toKey(octets, start);
    this.#reader.pass();
    return this.#reader.bytes();
  }

  hasHeaders(octets: Buffer, start: number): boolean {
    this.#toKey(octets, start);
    this.#reader.pass();
    this.#reader.pass();
    return this.#reader.int() > 0;
  }

  headers(octets: Buffer, start: number): MessageHeader[] {
    this.#toKey(octets, start);
    const reader = this.#reader;
    reader.pass();
    reader.pass();
    const count = reader.int();
    return Array.from({ length: count }, () => {
      const key = reader.bytes()!.toString();
      return { key, value: reader.bytes() };
    });
  }

  #toKey(octets: Buffer, start: number): void {
    this.timestampDelta(octets, start);
    this.#reader.int();
  }
}
