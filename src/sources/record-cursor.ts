// The records of a RecordBatch, walked in place: no object for any of them. What is no record is thrown,
// and nothing outside the batch's octets is ever taken for a part of it.

import { CorruptBatchError } from './corrupt-batch.ts';
import type { MessageHeader } from './delivery.ts';
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
  /** Where the present record begins, after its length: `RecordParts` reads the rest from there. */
  start = 0;
  offset = 0;
  timestampMs = 0;
  /** The present value's place; `valueStart` is -1 for null. */
  valueStart = -1;
  valueEnd = -1;
  readonly #reader = new VarintReader();
  #end = 0;
  #left = 0;
  #offsetDelta = 0;
  #baseOffset = 0;
  #lastOffset = 0;
  #baseTimestamp = 0;
  #logAppendTime: number | undefined;

  get octets(): Buffer {
    return this.#reader.octets;
  }

  open(batch: RecordsInBatch, octets: Buffer, start: number, end: number): void {
    this.#reader.octets = octets;
    this.#reader.at = start;
    this.#end = end;
    this.#left = batch.count;
    this.#baseOffset = batch.baseOffset;
    this.#lastOffset = batch.lastOffset;
    this.#baseTimestamp = batch.baseTimestamp;
    this.#logAppendTime = batch.logAppendTime;
    this.offset = batch.baseOffset - 1;
  }

  /** Moves to the next record; false after the last. Throws CorruptBatchError where it is none. */
  next(): boolean {
    if (this.#left > 0) {
      this.#left -= 1;
      const isWhole = this.#read();
      const offset = this.#baseOffset + this.#offsetDelta;
      if (isWhole && offset > this.offset && offset <= this.#lastOffset) {
        this.offset = offset;
        return true;
      }
      throw new CorruptBatchError(`the record after offset ${this.offset} is malformed`);
    }
    const over = this.#end - this.#reader.at;
    if (over !== 0) throw new CorruptBatchError(`${over} octets are left after its last record`);
    return false;
  }

  /**
   * Whether the record is whole. It is checked once, at its end: positions only grow, so whatever was
   * read past the end, or by a length that is none, does not end there.
   */
  #read(): boolean {
    const reader = this.#reader;
    const length = reader.int();
    const start = reader.at;
    const end = start + length;
    if (length < 0 || end > this.#end) return false;
    this.start = start;
    reader.at = start + 1;
    const timestampDelta = reader.long();
    this.#offsetDelta = reader.int();
    reader.pass();
    const valueLength = reader.int();
    if (valueLength < -1) return false;
    this.valueStart = valueLength < 0 ? -1 : reader.at;
    if (valueLength > 0) reader.at += valueLength;
    this.valueEnd = reader.at;
    let headers = reader.int();
    for (; headers > 0 && reader.at < end; headers -= 1) {
      if (!passName(reader)) return false;
      reader.pass();
    }
    this.timestampMs = this.#logAppendTime ?? this.#baseTimestamp + timestampDelta;
    return headers === 0 && reader.at === end;
  }
}

function passName(reader: VarintReader): boolean {
  const length = reader.int();
  if (length > 0) reader.at += length;
  return length >= 0;
}

/** What a record has beside its value, read from where it begins; it was found whole before. */
export class RecordParts {
  readonly #reader = new VarintReader();

  key(octets: Buffer, start: number): Buffer | null {
    this.#toKey(octets, start);
    return this.#reader.bytes();
  }

  value(octets: Buffer, start: number): Buffer | null {
    this.#toKey(octets, start);
    this.#reader.pass();
    return this.#reader.bytes();
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
    const reader = this.#reader;
    reader.octets = octets;
    reader.at = start + 1;
    reader.long();
    reader.int();
  }
}
