// Record sets walked in place, against kafkajs's own decoder, against batches of Kafka's own clients,
// and damaged in every way.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Random } from '../../../src/generator/random.ts';
import {
  type AnyBatch,
  type AnyRecord,
  batchByHand,
  compress,
  enclosed,
  readByWalk,
  withCrc,
} from '../../support/kafka/any-record-batch.ts';
import { compareWithKafkajs, damage } from '../../support/kafka/record-batch-checks.ts';

const record = (offset: number, value: string | null = '0a'): AnyRecord => ({
  ...{ offset, timestampMs: 1_000 + offset, key: null, value, headers: [] },
});

const batchOf = (records: readonly AnyRecord[], rest: Partial<AnyBatch> = {}): AnyBatch => ({
  ...{ codec: 0, baseOffset: records[0]!.offset, lastOffset: records.at(-1)!.offset },
  ...{ logAppendTime: undefined, producerId: -1, isTransactional: false, isControl: false },
  ...{ records, ...rest },
});

const offsetsIn = (set: Buffer, options = {}) =>
  readByWalk(set, options).records.map(({ offset }) => offset);

describe('against others', () => {
  test('1,000 random batches are read as kafkajs reads them, be they by its encoder or by hand', async () => {
    expect(await compareWithKafkajs(new Random(7), 1_000)).toEqual({ batches: 1_000, faults: [] });
  });

  test('batches of Kafka’s own clients hold what was put in, under every codec', () => {
    const path = join(import.meta.dirname, '../../vectors/kafka-record-batches.jsonl.gz');
    const lines = gunzipSync(readFileSync(path)).toString().trim().split('\n');
    const codecs = new Set<string>();
    for (const line of lines) {
      const { codec, octets, records } = JSON.parse(line) as {
        codec: string;
        octets: string;
        records: [number, number, string | null, string | null, [string, string | null][]][];
      };
      codecs.add(codec);
      const inHex = (text: string | null) =>
        text === null ? null : Buffer.from(text, 'base64').toString('hex');
      const expected = records.map(([offset, timestampMs, key, value, headers]) => ({
        ...{ offset, timestampMs, key: inHex(key), value: inHex(value) },
        headers: headers.map(([name, of]) => [name, inHex(of)]),
      }));
      expect(readByWalk(Buffer.from(octets, 'base64'))).toMatchObject({
        records: expected,
        faults: [],
      });
    }
    expect([...codecs]).toEqual(['none', 'gzip', 'snappy', 'lz4', 'zstd']);
    expect(lines).toHaveLength(60);
  });
});

describe('a record set', () => {
  test('that begins before the offset asked for is delivered from there on', () => {
    const set = batchByHand(batchOf([record(10), record(11), record(14), record(15)]));
    expect(offsetsIn(set, { fetchOffset: 13 })).toEqual([14, 15]);
    expect(offsetsIn(set, { fetchOffset: 15 })).toEqual([15]);
  });

  test('that ends within a batch is delivered up to it', () => {
    const whole = batchByHand(batchOf([record(0), record(1)]));
    const cut = batchByHand(batchOf([record(2), record(3)]));
    for (let length = 0; length < cut.length; length += 1) {
      const { records, nextOffset } = readByWalk(Buffer.concat([whole, cut.subarray(0, length)]));
      expect(records.map(({ offset }) => offset)).toEqual([0, 1]);
      expect(nextOffset).toBe(2);
    }
  });

  test('whose end compaction removed goes on after it', () => {
    const set = batchByHand(batchOf([record(0)], { lastOffset: 9 }));
    expect(readByWalk(set).nextOffset).toBe(10);
  });

  test('of nothing but a batch that compaction emptied still moves on', () => {
    const empty = enclosed(batchOf([record(0)], { records: [], lastOffset: 4 }), Buffer.of(), -1);
    expect(readByWalk(empty)).toMatchObject({ records: [], nextOffset: 5, deliveries: 1 });
  });

  test('is refused from the first batch of an older form on, with what to do', () => {
    const set = batchByHand(batchOf([record(0)]));
    const older = Buffer.from(set);
    older[16] = 1;
    expect(() => offsetsIn(Buffer.concat([set, older]))).toThrow(
      'flows[0] offset 1: what the broker sends is not a RecordBatch: it has the message format v1 of ' +
        'before Kafka 0.11',
    );
  });

  test('of 200,000 records in one batch is cut into Deliveries of 1,000', () => {
    const records = Array.from({ length: 200_000 }, (_, offset) => record(offset));
    for (const codec of [0, 4]) {
      const set = batchByHand(batchOf(records, { codec }));
      const walked = readByWalk(set);
      expect(walked.deliveries).toBe(200);
      expect(walked.records.length).toBe(200_000);
      expect(walked.nextOffset).toBe(200_000);
    }
  });

  test('with a record past its last offset is unreadable from that record on, not behind it', () => {
    const set = batchByHand(batchOf([record(0), record(9)], { lastOffset: 3 }));
    const { records, faults, nextOffset } = readByWalk(set);
    expect([records.map(({ offset }) => offset), nextOffset]).toEqual([[0], 4]);
    expect(faults).toEqual([expect.stringContaining('the record after offset 0 is malformed')]);
  });

  test('of many small batches is one Delivery, compressed or not', () => {
    for (const codec of [0, 1, 2, 3, 4]) {
      const set = Buffer.concat(
        Array.from({ length: 500 }, (_, offset) =>
          batchByHand(batchOf([record(offset)], { codec })),
        ),
      );
      expect(readByWalk(set)).toMatchObject({ deliveries: 1, nextOffset: 500, faults: [] });
    }
  });

  test('that unpacks to more than is kept at once comes in several Deliveries', () => {
    const large = (offset: number) => record(offset, 'ab'.repeat(100_000));
    const set = Buffer.concat(
      [0, 1, 2, 3, 4].map((offset) => batchByHand(batchOf([large(offset)], { codec: 4 }))),
    );
    const { records, deliveries } = readByWalk(set);
    expect(records).toEqual([0, 1, 2, 3, 4].map(large));
    expect(deliveries).toBe(2);
  });
});

describe('what is damaged', () => {
  test('is refused or read right, never read wrong: 5,000 damaged record sets', () => {
    const { damaged, refused, wrong } = damage(new Random(3), 5_000);
    expect(wrong).toEqual([]);
    expect(damaged).toBe(5_000);
    expect(refused).toBeGreaterThan(2_500);
  });

  test('never reads out of bounds or another error than its own without a CRC either', () => {
    const { wrong } = damage(new Random(4), 5_000, { checkCrcs: false });
    expect(wrong).toEqual([]);
  });

  test('is one unreadable entry for its batch, and what is around it is delivered', () => {
    const batches = [0, 2, 4].map((offset) =>
      batchByHand(batchOf([record(offset), record(offset + 1)])),
    );
    batches[1]![70]! ^= 1;
    const { records, faults, nextOffset } = readByWalk(Buffer.concat(batches));
    expect(records.map(({ offset }) => offset)).toEqual([0, 1, 4, 5]);
    expect(nextOffset).toBe(6);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(/^the batch of the offsets 2 to 3 is corrupt: its CRC-32C is 0x/);
    expect(faults[0]).toContain('KAFKA_CHECK_CRCS=off');
  });

  test('whose end is not known ends the work, with its place and the fix', () => {
    const set = batchByHand(batchOf([record(7)]));
    const nextMagic = Buffer.from(set);
    nextMagic[16] = 3;
    expect(() => readByWalk(nextMagic, { fetchOffset: 7 })).toThrow(
      /^flows\[0\] offset 7: what the broker sends is not a RecordBatch: its magic is 3, not 2\. .*kafka-consumer-groups\.sh$/,
    );
    const noLength = Buffer.from(set);
    noLength.writeInt32BE(5, 8);
    expect(() => readByWalk(noLength)).toThrow('its length is 5');
    const otherEnd = Buffer.from(set);
    otherEnd.writeInt32BE(1_000_000, 23);
    expect(() => readByWalk(otherEnd)).toThrow('its CRC-32C is');
  });

  test('records that are fewer or more than said, or out of order, are refused', () => {
    const damaged = (change: (octets: Buffer) => void) => {
      const octets = batchByHand(batchOf([record(0), record(1), record(2)]));
      change(octets);
      return readByWalk(withCrc(octets)).faults;
    };
    expect(damaged((octets) => octets.writeInt32BE(2, 57))[0]).toContain('octets are left after');
    expect(damaged((octets) => (octets[61] = 0))[0]).toContain('is malformed');
    const longTime = Buffer.from(`2000${'80'.repeat(10)}0000010100`, 'hex');
    const set = enclosed(batchOf([record(0)]), longTime, 0);
    expect(readByWalk(set).faults[0]).toContain('is malformed');
    // The second record's offset delta becomes 0.
    expect(damaged((octets) => (octets[61 + 8 + 3] = 0))[0]).toContain(
      'after offset 0 is malformed',
    );
  });
});

describe('a compressed batch', () => {
  test('that holds more than KAFKA_BATCH_BYTES is refused before it is unpacked', () => {
    for (const codec of [1, 2, 3, 4]) {
      const zeros = compress(codec, Buffer.alloc(1_000_001));
      const set = enclosed(batchOf([record(0)], { codec }), zeros, 0);
      const [fault] = readByWalk(set, { batchOctetsMax: 1_000_000 }).faults;
      expect(fault).toContain(
        'cannot be read, or gives more than 1000000 octets (KAFKA_BATCH_BYTES)',
      );
    }
  });

  test('of an unknown codec is refused by its number', () => {
    const set = enclosed(batchOf([record(0)], { codec: 5 }), Buffer.of(1, 2, 3), 0);
    expect(readByWalk(set).faults[0]).toContain(
      'compression 5 is not one of none, gzip, snappy, lz4, zstd',
    );
  });
});

describe('transactions', () => {
  const control = (offset: number, producerId: number, commits: boolean): Buffer => {
    const key = `0000${commits ? '0001' : '0000'}`;
    const records = [{ ...record(offset, '000000000000'), key }];
    return batchByHand(batchOf(records, { producerId, isTransactional: true, isControl: true }));
  };
  const data = (offset: number, producerId: number, key: string | null = null): Buffer =>
    batchByHand(batchOf([{ ...record(offset), key }], { producerId, isTransactional: true }));
  const plain = (offset: number): Buffer => batchByHand(batchOf([record(offset)]));
  const aborted = (...list: [producerId: number, firstOffset: number][]) =>
    list.map(([producerId, firstOffset]) => ({
      ...{ producerId: String(producerId), firstOffset: String(firstOffset) },
    }));

  test('that were aborted are left out, committed and plain records between them are not', () => {
    const set = Buffer.concat([
      ...[data(0, 1), data(1, 2), plain(2), data(3, 1), control(4, 1, false), data(5, 1)],
      ...[control(6, 2, true), control(7, 1, true)],
    ]);
    const walked = readByWalk(set, { aborted: aborted([1, 0]) });
    expect(walked.records.map(({ offset }) => offset)).toEqual([1, 2, 5]);
    expect(walked.nextOffset).toBe(8);
  });

  test('that were open before the fetch began are left out, however many and in whatever order listed', () => {
    const set = Buffer.concat([
      data(10, 1),
      data(11, 2),
      control(12, 2, false),
      data(13, 1),
      data(14, 2),
    ]);
    const list = aborted([2, 5], [1, 3]);
    expect(offsetsIn(set, { fetchOffset: 10, aborted: list })).toEqual([14]);
    expect(offsetsIn(set, { fetchOffset: 10, aborted: list.toReversed() })).toEqual([14]);
  });

  test('are not ended by a record whose key looks like an abort marker', () => {
    const set = Buffer.concat([data(0, 1, '00000000'), data(1, 1), control(2, 1, false)]);
    expect(offsetsIn(set, { aborted: aborted([1, 0]) })).toEqual([]);
  });

  test('of which nothing is delivered still move on', () => {
    const set = Buffer.concat([data(0, 1), control(1, 1, false)]);
    const walked = readByWalk(set, { aborted: aborted([1, 0]) });
    expect(walked).toMatchObject({ records: [], nextOffset: 2, deliveries: 1 });
  });
});
