// The header of Kafka's RecordBatch (magic 2), read where it lies, and how its records are found. It knows
// no topic and no offset but the batch's own.

import { crc32c } from '@node-rs/crc32';
import { codecNames, decompress } from './codecs.ts';
import { CorruptBatchError } from './corrupt-batch.ts';
import type { GrowingOctets } from './growing-octets.ts';
import { type RecordCursor, RecordParts } from './record-cursor.ts';

// https://kafka.apache.org/documentation/#recordbatch
//   RecordBatch => base offset (int64), length of the rest (int32), leader epoch (int32), magic (int8),
//                  CRC-32C of the rest (uint32), attributes (int16), last offset delta (int32),
//                  base timestamp (int64), max timestamp (int64), producer id (int64),
//                  producer epoch (int16), base sequence (int32), Records
//   Records     => count (int32), Record [count], compressed as the attributes say
const place = {
  length: 8,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  count: 57,
  records: 61,
};
const attribute = { codec: 0x07, logAppendTime: 0x08, transactional: 0x10, control: 0x20 };
const magic = 2;
const abortMarker = 0;

/** Headers of batches, one after the other, read where they lie; no object for each. */
export class BatchHeader {
  #octets: Buffer = Buffer.alloc(0);
  #start = 0;
  end = 0;
  baseOffset = 0;
  lastOffset = 0;
  count = 0;
  #attributes = 0;

  /**
   * Reads the header that begins at `start`. False where the octets end before the batch does: a
   * further fetch brings it. Throws CorruptBatchError where there is no batch that can be read.
   */
  read(octets: Buffer, start: number): boolean {
    if (octets.length - start <= place.magic) return false;
    const length = octets.readInt32BE(start + place.length);
    const form = octets.readInt8(start + place.magic);
    if (form === 0 || form === 1) {
      throw new CorruptBatchError(
        `it has the message format v${form} of before Kafka 0.11, which is not supported: ` +
          'copy the topic with a current producer',
      );
    }
    if (form !== magic) throw new CorruptBatchError(`its magic is ${form}, not ${magic}`);
    const end = start + place.length + 4 + length;
    if (end < start + place.records) throw new CorruptBatchError(`its length is ${length}`);
    if (end > octets.length) return false;
    this.#octets = octets;
    this.#start = start;
    this.end = end;
    this.baseOffset = int64(octets, start);
    const lastOffsetDelta = octets.readInt32BE(start + place.lastOffsetDelta);
    this.lastOffset = this.baseOffset + lastOffsetDelta;
    this.count = octets.readInt32BE(start + place.count);
    this.#attributes = octets.readInt16BE(start + place.attributes);
    // A batch of which compaction left nothing still has its last offset.
    if (this.baseOffset < 0 || this.count < 0 || this.count > lastOffsetDelta + 1) {
      const offsets = `${this.baseOffset} to ${this.lastOffset}`;
      throw new CorruptBatchError(`its header says ${this.count} records at offsets ${offsets}`);
    }
    return true;
  }

  get codec(): number {
    return this.#attributes & attribute.codec;
  }

  get isTransactional(): boolean {
    return (this.#attributes & attribute.transactional) !== 0;
  }

  get isControl(): boolean {
    return (this.#attributes & attribute.control) !== 0;
  }

  get producerId(): number {
    return int64(this.#octets, this.#start + place.producerId);
  }

  /** The time of all records, where the broker's own is kept. */
  get logAppendTime(): number | undefined {
    if ((this.#attributes & attribute.logAppendTime) === 0) return undefined;
    return int64(this.#octets, this.#start + place.maxTimestamp);
  }

  get baseTimestamp(): number {
    return int64(this.#octets, this.#start + place.baseTimestamp);
  }

  /** Throws CorruptBatchError where the octets are not those the CRC-32C was made of. */
  checkCrc(): void {
    const said = this.#octets.readUInt32BE(this.#start + place.crc);
    const found = crc32c(this.#octets.subarray(this.#start + place.attributes, this.end));
    if (found === said) return;
    throw new CorruptBatchError(
      `its CRC-32C is ${hex(said)}, but the one of its octets is ${hex(found)}`,
    );
  }

  /** Sets `records` to the records: in the batch itself, or decompressed at the end of `unpacked`. */
  open(records: RecordCursor, unpacked: GrowingOctets, octetsMax: number): void {
    const start = this.#start + place.records;
    if (this.codec === 0) {
      records.open(this, this.#octets, start, this.end);
      return;
    }
    const unpackedStart = unpacked.length;
    const packed = this.#octets.subarray(start, this.end);
    try {
      decompress(this.codec, packed, unpacked, octetsMax);
    } catch (cause) {
      unpacked.length = unpackedStart;
      const why = cause instanceof Error ? cause.message : String(cause);
      const codec = codecNames[this.codec] ?? `codec ${this.codec}`;
      const most = `${octetsMax} octets (KAFKA_BATCH_BYTES)`;
      throw new CorruptBatchError(`${codec} cannot be read, or gives more than ${most}: ${why}`, {
        cause,
      });
    }
    records.open(this, unpacked.octets, unpackedStart, unpacked.length);
  }

  /** For a control batch: it ends a transaction that was aborted. */
  isAbortMarker(records: RecordCursor): boolean {
    if (!this.isControl || this.codec !== 0 || this.count === 0) return false;
    records.open(this, this.#octets, this.#start + place.records, this.end);
    records.next();
    const key = new RecordParts().key(this.#octets, records.start);
    // Control record's key => version (int16), type (int16)
    return key !== null && key.length >= 4 && key.readInt16BE(2) === abortMarker;
  }
}

/** Exact up to 2^53. */
const int64 = (octets: Buffer, at: number): number =>
  octets.readInt32BE(at) * 2 ** 32 + octets.readUInt32BE(at + 4);

const hex = (crc: number): string => `0x${crc.toString(16).padStart(8, '0')}`;
