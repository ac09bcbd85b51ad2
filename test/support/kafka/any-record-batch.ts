// RecordBatches of random records, written by kafkajs or by hand, and what a reader makes of them. It
// shares nothing with the walk it is for.

import { createRequire } from 'node:module';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { crc32c } from '@node-rs/crc32';
import { compressSync } from 'snappy';
import { framingFromText } from '../../../src/framing.ts';
import type { Random } from '../../../src/generator/random.ts';
import type { AbortedTransaction } from '../../../src/sources/records/aborted-transactions.ts';
import type { RecordSet } from '../../../src/sources/records/record-set.ts';
import { Deliveries } from '../../../src/sources/datums/deliveries.ts';
import { SchemaStore } from '../../../src/sources/schemas/schema-store.ts';
import { Unframer } from '../../../src/sources/datums/unframe.ts';
import { registerCodecs } from './kafkajs-codecs.ts';
import { lz4Frame } from './lz4-writer.ts';

export interface AnyRecord {
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [name: string, value: string | null])[];
}

export interface AnyBatch {
  readonly codec: number;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly logAppendTime: number | undefined;
  readonly producerId: number;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  readonly records: readonly AnyRecord[];
}

const require = createRequire(import.meta.url);

/** Random octets as hexadecimal text; some of them repeat themselves. */
function anyOctets(random: Random, most: number): string {
  const length = random.integer(0, most);
  const octets = Buffer.alloc(length);
  for (let i = 0; i < length; i += 1) {
    octets[i] = random.integer(0, 3) === 0 ? random.integer(0, 255) : 97 + (i % 5);
  }
  return octets.toString('hex');
}

export function anyBatch(random: Random, baseOffset: number): AnyBatch {
  const records: AnyRecord[] = [];
  const appended = random.integer(0, 3) === 0 ? 1_700_000_000_000 : undefined;
  const count = random.integer(1, random.integer(0, 9) === 0 ? 300 : 12);
  let offset = baseOffset;
  for (let i = 0; i < count; i += 1) {
    // What compaction removed, also at the beginning.
    if (random.integer(0, 5) === 0) offset += random.integer(1, 200);
    records.push({
      offset,
      timestampMs: appended ?? random.integer(0, 2_000_000_000) * random.integer(1, 1_000),
      key: random.integer(0, 2) === 0 ? null : anyOctets(random, 9),
      value: random.integer(0, 7) === 0 ? null : anyOctets(random, random.integer(1, 200)),
      headers: Array.from({ length: Math.max(0, random.integer(-3, 3)) }, () => [
        `h${random.integer(0, 1)}`,
        random.integer(0, 3) === 0 ? null : anyOctets(random, 5),
      ]),
    });
    offset += 1;
  }
  return {
    codec: random.integer(0, 4),
    baseOffset,
    lastOffset: offset - 1 + (random.integer(0, 5) === 0 ? random.integer(1, 50) : 0),
    logAppendTime: appended,
    ...{ producerId: -1, isTransactional: false, isControl: false },
    records,
  };
}

const octetsOf = (hex: string | null): Buffer | null =>
  hex === null ? null : Buffer.from(hex, 'hex');

/** Written by hand, as slowly as the documentation reads. */
export function batchByHand(batch: AnyBatch): Buffer {
  const baseTimestamp = batch.records[0]?.timestampMs ?? -1;
  const written = batch.records.map((record) => {
    const body = Buffer.concat([
      Buffer.of(0),
      varint(record.timestampMs - baseTimestamp),
      varint(record.offset - batch.baseOffset),
      withLength(octetsOf(record.key)),
      withLength(octetsOf(record.value)),
      varint(record.headers.length),
      ...record.headers.flatMap(([name, value]) => [
        withLength(Buffer.from(name)),
        withLength(octetsOf(value)),
      ]),
    ]);
    return Buffer.concat([varint(body.length), body]);
  });
  return enclosed(batch, compress(batch.codec, Buffer.concat(written)), baseTimestamp);
}

/** A message of a record set, of which only what matters is said. */
export interface SetMessage {
  readonly offset: number;
  readonly value: Buffer | null;
  readonly key?: Buffer | null;
  readonly timestampMs?: number;
  readonly headers?: readonly (readonly [name: string, value: string])[];
}

/** What a fetch of these messages gives: one batch, which ends before `nextOffset`. */
export function recordSetOf(
  messages: readonly SetMessage[],
  nextOffset = messages.at(-1)!.offset + 1,
): RecordSet {
  const baseOffset = messages[0]!.offset;
  const octets = batchByHand({
    codec: 0,
    baseOffset,
    lastOffset: nextOffset - 1,
    logAppendTime: undefined,
    producerId: -1,
    isTransactional: false,
    isControl: false,
    records: messages.map(({ offset, value, key = null, timestampMs = 0, headers = [] }) => ({
      offset,
      timestampMs,
      key: hex(key),
      value: hex(value),
      headers: headers.map(([name, said]) => [name, hex(Buffer.from(said))]),
    })),
  });
  return { octets, fetchOffset: baseOffset, aborted: [] };
}

function varint(value: number): Buffer {
  const octets: number[] = [];
  let zigzag = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n));
  for (; zigzag >= 128n; zigzag >>= 7n) octets.push(Number(zigzag & 127n) | 128);
  return Buffer.from([...octets, Number(zigzag)]);
}

const withLength = (octets: Buffer | null): Buffer =>
  octets === null ? varint(-1) : Buffer.concat([varint(octets.length), octets]);

export function compress(codec: number, octets: Buffer): Buffer {
  if (codec === 1) return gzipSync(octets);
  // Plain for odd lengths, in xerial's blocks of 50 octets for even ones.
  if (codec === 2) return octets.length % 2 === 1 ? compressSync(octets) : xerial(octets, 50);
  if (codec === 3) return lz4Frame(octets);
  return codec === 4 ? zstdCompressSync(octets) : octets;
}

function xerial(octets: Buffer, blockOctets: number): Buffer {
  const parts: Buffer[] = [Buffer.from('82534e4150505900' + '00000001' + '00000001', 'hex')];
  for (let at = 0; at < octets.length; at += blockOctets) {
    const block = compressSync(octets.subarray(at, at + blockOctets));
    const size = Buffer.alloc(4);
    size.writeInt32BE(block.length);
    parts.push(size, block);
  }
  return Buffer.concat(parts);
}

/** The header, around records that are compressed already. */
export function enclosed(batch: AnyBatch, records: Buffer, baseTimestamp: number): Buffer {
  const octets = Buffer.concat([Buffer.alloc(61), records]);
  octets.writeBigInt64BE(BigInt(batch.baseOffset), 0);
  octets.writeInt32BE(octets.length - 12, 8);
  octets.writeInt32BE(3, 12);
  octets.writeInt8(2, 16);
  const logAppend = batch.logAppendTime === undefined ? 0 : 8;
  const transactional = (batch.isTransactional ? 16 : 0) + (batch.isControl ? 32 : 0);
  octets.writeInt16BE(batch.codec + logAppend + transactional, 21);
  octets.writeInt32BE(batch.lastOffset - batch.baseOffset, 23);
  octets.writeBigInt64BE(BigInt(baseTimestamp), 27);
  const latest = batch.records.reduce((max, { timestampMs }) => Math.max(max, timestampMs), -1);
  octets.writeBigInt64BE(BigInt(batch.logAppendTime ?? latest), 35);
  octets.writeBigInt64BE(BigInt(batch.producerId), 43);
  octets.writeInt16BE(batch.producerId < 0 ? -1 : 0, 51);
  octets.writeInt32BE(batch.producerId < 0 ? -1 : 0, 53);
  octets.writeInt32BE(batch.records.length, 57);
  return withCrc(octets);
}

/** Puts the right CRC-32C in. */
export function withCrc(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
}

type KafkajsRecord = (record: object) => { buffer: Buffer };
type KafkajsBatch = (batch: object) => Promise<{ buffer: Buffer }>;
const kafkajsRecord =
  require('kafkajs/src/protocol/recordBatch/record/v0/index.js') as KafkajsRecord;
const { RecordBatch: kafkajsBatch } = require('kafkajs/src/protocol/recordBatch/v0/index.js') as {
  RecordBatch: KafkajsBatch;
};

/** Written by kafkajs, which knows no null in a header and no time of the broker's. */
export async function batchByKafkajs(batch: AnyBatch): Promise<Buffer> {
  const firstTimestamp = batch.records[0]!.timestampMs;
  const records = batch.records.map(({ offset, timestampMs, key, value, headers }) =>
    kafkajsRecord({
      offsetDelta: offset - batch.baseOffset,
      timestampDelta: timestampMs - firstTimestamp,
      ...{ key: octetsOf(key), value: octetsOf(value) },
      headers: Object.fromEntries(
        Array.from(
          Map.groupBy(headers, ([name]) => name),
          ([name, all]) => [name, all.map(([, of]) => octetsOf(of ?? ''))],
        ),
      ),
    }),
  );
  const { buffer } = await kafkajsBatch({
    ...{ records, firstTimestamp, maxTimestamp: firstTimestamp, firstOffset: batch.baseOffset },
    ...{ lastOffsetDelta: batch.lastOffset - batch.baseOffset, transactional: false },
  });
  return buffer;
}

const Decoder = require('kafkajs/src/protocol/decoder.js') as new (octets: Buffer) => object;

interface KafkajsMessage {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | null | (Buffer | null)[]>>;
}

/** The records as kafkajs's own decoder reads them. */
export async function readByKafkajs(set: Buffer): Promise<AnyRecord[]> {
  registerCodecs(2 ** 30);
  // Not before: the seam has to be there first.
  const decode = require('kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js') as (
    decoder: object,
  ) => Promise<KafkajsMessage[]>;
  const size = Buffer.alloc(4);
  size.writeInt32BE(set.length);
  const messages = await decode(new Decoder(Buffer.concat([size, set])));
  return messages.map(({ offset, timestamp, key, value, headers }) => ({
    ...{ offset: Number(offset), timestampMs: Number(timestamp), key: hex(key), value: hex(value) },
    headers: Object.entries(headers).flatMap(([name, of]) =>
      (Array.isArray(of) ? of : [of]).map((one) => [name, hex(one)] as const),
    ),
  }));
}

const hex = (octets: Buffer | null | undefined): string | null => octets?.toString('hex') ?? null;

const json = { type: 'bytes' };
const bare = new Map([['flows', { name: 'bare.avsc', json }]]);
const unframer = new Unframer({
  ...{ topic: 'flows', framing: framingFromText('bare')!, messageOctetsMax: 2 ** 30 },
  schemas: new SchemaStore({ bare, byFingerprint: new Map(), registry: undefined }),
});

export interface WalkOptions {
  readonly fetchOffset?: number;
  readonly aborted?: readonly AbortedTransaction[];
  readonly datumsMax?: number;
  readonly checkCrcs?: boolean;
  readonly batchOctetsMax?: number;
}

export interface Walked {
  readonly records: AnyRecord[];
  readonly nextOffset: number;
  readonly deliveries: number;
  readonly faults: string[];
}

const walks = new Map<string, Deliveries>();

/** Used again, as a source does. */
function rawDeliveries(checkCrcs: boolean, batchOctetsMax: number): Deliveries {
  const key = `${checkCrcs} ${batchOctetsMax}`;
  let raw = walks.get(key);
  if (!raw) walks.set(key, (raw = new Deliveries({ checkCrcs, batchOctetsMax })));
  return raw;
}

/** The records as the walk reads them: values where the index says they are, the rest when asked for. */
export function readByWalk(octets: Buffer, options: WalkOptions = {}): Walked {
  const { fetchOffset = 0, aborted = [], datumsMax = 1000 } = options;
  const { checkCrcs = true, batchOctetsMax = 2 ** 26 } = options;
  const raw = rawDeliveries(checkCrcs, batchOctetsMax);
  const origin = { topic: 'flows', partition: 0, generation: 1 };
  const walked = { records: [] as AnyRecord[], nextOffset: fetchOffset, deliveries: 0 };
  const faults: string[] = [];
  const batch = { set: { octets, fetchOffset, aborted }, origin, datumsMax };
  for (const step of raw.of(batch, unframer)) {
    if ('schemaId' in step) throw new Error('no schema is asked for here');
    walked.deliveries += 1;
    walked.nextOffset = step.nextOffset;
    const { bytes, starts, ends, offsets, unreadable } = step;
    const metadata = step.metadata!;
    for (let i = 0; i < step.count; i += 1) {
      const fault = unreadable?.get(i);
      if (fault) {
        faults.push(fault.problem);
        continue;
      }
      const value = starts[i]! < 0 ? null : bytes.toString('hex', starts[i], ends[i]);
      if (hex(metadata.value(i)) !== value) throw new Error('two readings of one value differ');
      walked.records.push({
        ...{ offset: offsets[i]!, timestampMs: metadata.timestampMs(i) ?? -1, value },
        key: hex(metadata.key(i)),
        headers: metadata.headers(i).map(({ key, value: of }) => [key, hex(of)]),
      });
    }
  }
  return { ...walked, faults };
}
