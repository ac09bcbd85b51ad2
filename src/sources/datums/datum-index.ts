// The index of a Delivery in the making: where each datum of a walked record lies. Its arrays are used
// again for the next Delivery.

import { BatchTimes } from './batch-times.ts';
import type { DatumTaker } from './datum-taker.ts';
import type {
  Delivery,
  MessageHeader,
  MessageMetadata,
  Origin,
  Unreadable,
  WriterSchema,
} from '../delivery.ts';
import { type RecordCursor, RecordParts } from '../records/record-cursor.ts';
import type { Unframer } from './unframe.ts';

const parts = new RecordParts();
const noOctets = Buffer.alloc(0);

export class DatumIndex implements DatumTaker {
  count = 0;
  /** The record at hand is not taken yet. */
  isWaiting = false;
  #records!: RecordCursor;
  #unframer!: Unframer;
  #starts: Int32Array;
  #ends: Int32Array;
  #offsets: Float64Array;
  /** The offset where the record of each datum begins. */
  #recordAt: Int32Array;
  #schemaOf: Uint16Array;
  #schemas: WriterSchema[] = [];
  /** The first datum here of each batch, and its times. */
  #batches: BatchTimes;
  #batchNumber = -1;
  #unreadable: Map<number, Unreadable> | undefined;
  /** The datum taken last was a whole plain value. */
  #isPlain = false;
  /** What the records lie in. */
  #octets: Buffer = noOctets;
  /** The octets of datums that were put together again. */
  #fresh: Buffer[] = [];
  #freshOctets = 0;

  constructor(datumsMax: number) {
    this.#starts = new Int32Array(datumsMax);
    this.#ends = new Int32Array(datumsMax);
    this.#offsets = new Float64Array(datumsMax);
    this.#recordAt = new Int32Array(datumsMax);
    this.#schemaOf = new Uint16Array(datumsMax);
    this.#batches = new BatchTimes(datumsMax);
  }

  /** Records come from this cursor from now on. */
  open(records: RecordCursor, unframer: Unframer): void {
    this.#records = records;
    this.#unframer = unframer;
    this.isWaiting = false;
    this.clear();
  }

  clear(): void {
    this.count = 0;
    this.#schemas = [];
    this.#batches.count = 0;
    this.#batchNumber = -1;
    this.#unreadable = undefined;
    this.#octets = noOctets;
    if (this.#freshOctets > 0) this.#fresh = [];
    this.#freshOctets = 0;
  }

  /** A Delivery never spans two buffers: false where the record at hand lies in another. */
  hasRoom(): boolean {
    const { octets } = this.#records;
    if (this.count > 0) return octets === this.#octets;
    this.#octets = octets;
    return true;
  }

  /** Takes all datums of the record at hand, or none and returns the id of the schema needed first. */
  take(): number | undefined {
    const { valueStart, valueEnd } = this.#records;
    this.#isPlain = false;
    if (valueStart < 0) this.#entry(-1, -1, 0);
    else {
      const schema = this.#unframer.plainSchema(this.#octets, valueStart, valueEnd);
      if (schema) {
        this.#entry(valueStart + this.#unframer.plainHead, valueEnd, this.#indexOf(schema));
        this.#isPlain = true;
      } else {
        const needed = this.#unframe(this.#octets.subarray(valueStart, valueEnd));
        if (needed !== undefined) return needed;
      }
    }
    this.isWaiting = false;
    return undefined;
  }

  /**
   * Takes the records that follow in the batch, at most up to `datumsMax` datums, for as long as they are
   * plain and of the same schema. The first other one is then at hand, not taken yet.
   */
  takeAlike(datumsMax: number): void {
    if (!this.#isPlain) return;
    const records = this.#records;
    const unframer = this.#unframer;
    const octets = this.#octets;
    const head = unframer.plainHead;
    const schema = this.#schemaOf[this.count - 1]!;
    const room = Math.min(datumsMax, this.#starts.length);
    while (this.count < room && records.next()) {
      const { valueStart, valueEnd } = records;
      if (valueStart < 0 || !unframer.isAlike(octets, valueStart, valueEnd)) {
        this.isWaiting = true;
        return;
      }
      this.#put(this.count, valueStart + head, valueEnd, schema);
      this.count += 1;
    }
  }

  #unframe(value: Buffer): number | undefined {
    const headers = parts.headers(this.#octets, this.#records.start);
    const named = Object.fromEntries(headers.map(({ key, value: of }) => [key, of]));
    const before = this.count;
    const needed = this.#unframer.unframe(value, named, this);
    // A message with nothing in it counts as one, as a tombstone does.
    if (needed === undefined && this.count === before) this.#entry(-1, -1, 0);
    return needed;
  }

  datum(bytes: Buffer, start: number, end: number, schema: WriterSchema): void {
    const base = this.#unframer.inPlace
      ? bytes.byteOffset - this.#octets.byteOffset
      : this.#freshBase(bytes);
    this.#entry(base + start, base + end, this.#indexOf(schema));
  }

  unreadable(problem: string, cause?: unknown, unread?: boolean): void {
    this.#unreadable ??= new Map();
    this.#unreadable.set(this.count, { problem, cause, unread });
    this.#entry(-1, -1, 0);
  }

  #freshBase(bytes: Buffer): number {
    if (this.#fresh.at(-1) !== bytes) {
      this.#fresh.push(bytes);
      this.#freshOctets += bytes.length;
    }
    return this.#freshOctets - bytes.length;
  }

  #indexOf(schema: WriterSchema): number {
    const schemas = this.#schemas;
    if (schemas[0] === schema) return 0;
    const index = schemas.indexOf(schema);
    return index < 0 ? schemas.push(schema) - 1 : index;
  }

  #entry(start: number, end: number, schema: number): void {
    const i = this.count;
    if (i === this.#starts.length) this.#grow();
    this.#put(i, start, end, schema);
    if (this.#records.batchNumber !== this.#batchNumber) this.#noteBatch();
    this.count = i + 1;
  }

  #put(i: number, start: number, end: number, schema: number): void {
    this.#starts[i] = start;
    this.#ends[i] = end;
    this.#schemaOf[i] = schema;
    this.#offsets[i] = this.#records.offset;
    this.#recordAt[i] = this.#records.start;
  }

  #noteBatch(): void {
    const { batchNumber, baseTimestamp, logAppendTime } = this.#records;
    this.#batchNumber = batchNumber;
    this.#batches.note(this.count, baseTimestamp, logAppendTime);
  }

  // Only where one message holds more datums than a Delivery has as a rule.
  #grow(): void {
    const length = 2 * this.#starts.length;
    const larger = <T extends Int32Array | Float64Array | Uint16Array>(now: T, made: T): T => {
      made.set(now);
      return made;
    };
    this.#starts = larger(this.#starts, new Int32Array(length));
    this.#ends = larger(this.#ends, new Int32Array(length));
    this.#offsets = larger(this.#offsets, new Float64Array(length));
    this.#recordAt = larger(this.#recordAt, new Int32Array(length));
    this.#schemaOf = larger(this.#schemaOf, new Uint16Array(length));
    this.#batches = this.#batches.grown(length);
  }

  /** Good until `clear`, which comes with the next one. */
  delivery(origin: Origin, nextOffset: number): Delivery {
    const { count } = this;
    return {
      origin,
      count,
      nextOffset,
      bytes: this.#unframer.inPlace ? this.#octets : Buffer.concat(this.#fresh),
      starts: this.#starts.subarray(0, count),
      ends: this.#ends.subarray(0, count),
      offsets: this.#offsets.subarray(0, count),
      schemas: this.#schemas,
      schemaOf: this.#schemas.length > 1 ? this.#schemaOf.subarray(0, count) : undefined,
      unreadable: this.#unreadable,
      metadata: new RecordMetadata(this.#octets, this.#recordAt, this.#batches),
    };
  }
}

class RecordMetadata implements MessageMetadata {
  readonly #octets: Buffer;
  readonly #recordAt: Int32Array;
  readonly #batches: BatchTimes;

  constructor(octets: Buffer, recordAt: Int32Array, batches: BatchTimes) {
    this.#octets = octets;
    this.#recordAt = recordAt;
    this.#batches = batches;
  }

  timestampMs(i: number): number | undefined {
    const delta = parts.timestampDelta(this.#octets, this.#recordAt[i]!);
    const timestamp = this.#batches.timestampOf(i, delta);
    // Kafka's -1 stands for none.
    return timestamp >= 0 ? timestamp : undefined;
  }

  key(i: number): Buffer | null {
    return parts.key(this.#octets, this.#recordAt[i]!);
  }

  value(i: number): Buffer | null {
    return parts.value(this.#octets, this.#recordAt[i]!);
  }

  header(i: number, name: string): Buffer | null {
    if (!parts.hasHeaders(this.#octets, this.#recordAt[i]!)) return null;
    return this.headers(i).findLast(({ key }) => key === name)?.value ?? null;
  }

  headers(i: number): readonly MessageHeader[] {
    return parts.headers(this.#octets, this.#recordAt[i]!);
  }
}
