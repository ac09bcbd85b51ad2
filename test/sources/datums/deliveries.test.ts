// Record sets as Deliveries: whole messages, fresh bytes where they were unpacked, several schemas.

import { expect, test } from 'vitest';
import { framingFromText } from '../../../src/framing.ts';
import { Deliveries } from '../../../src/sources/datums/deliveries.ts';
import { Unframer } from '../../../src/sources/datums/unframe.ts';
import type { Delivery } from '../../../src/sources/delivery.ts';
import { SchemaStore } from '../../../src/sources/schemas/schema-store.ts';
import { confluent } from '../../support/events/framed.ts';
import { recordSetOf } from '../../support/kafka/any-record-batch.ts';

const origin = { topic: 'flows', partition: 0, generation: 1 };
const json = { type: 'record', name: 'E', fields: [{ name: 'n', type: 'int' }] };
const known = new Map([1, 2, 3].map((id) => [id, { name: `schema id ${id}`, json }]));
const bare = new Map([['flows', { name: 'bare.avsc', json }]]);
const registry = {
  known: (id: number) => known.get(id),
  fetch: () => Promise.reject(new Error('not asked')),
  close: () => {},
};
const deliveries = new Deliveries({ checkCrcs: true, batchOctetsMax: 2 ** 20 });

/** A Delivery is good until the next one is asked for: this is what a test sees of it. */
type Seen = ReturnType<typeof seen>;

function seen({ bytes, starts, ends, offsets, schemas, schemaOf, ...delivery }: Delivery) {
  const { nextOffset, unreadable, metadata } = delivery;
  return {
    datums: Array.from(starts, (start, i) => [
      offsets[i],
      start < 0 ? null : bytes.toString('hex', start, ends[i]),
      schemas[schemaOf?.[i] ?? 0]?.name,
    ]),
    nextOffset,
    schemaOf,
    unreadable: [...(unreadable?.keys() ?? [])],
    metadata: Array.from(starts, (_, i) => ({
      timestampMs: metadata!.timestampMs(i),
      key: metadata!.key(i)?.toString(),
      value: metadata!.value(i)?.toString('hex'),
      h: metadata!.header(i, 'h')?.toString(),
      none: metadata!.header(i, 'none'),
      headers: metadata!.headers(i).map(({ key, value }) => [key, value?.toString()]),
    })),
  };
}

function steps(framing: string, values: readonly (Buffer | null)[], datumsMax = 1000) {
  const schemas = new SchemaStore({ bare, byFingerprint: new Map(), registry });
  const options = { topic: 'flows', framing: framingFromText(framing)!, schemas };
  const unframer = new Unframer({ ...options, messageOctetsMax: 1_000_000 });
  const messages = values.map((value, i) => ({
    value,
    key: i % 2 === 0 ? null : Buffer.from(`key ${i}`),
    offset: 100 + i,
    timestampMs: i === 0 ? -1 : 1_000 + i,
    headers: [
      ['h', `first ${i}`],
      ['other', ''],
      ['h', `last ${i}`],
    ] as const,
  }));
  const found: (Seen | number)[] = [];
  for (const step of deliveries.of(
    { set: recordSetOf(messages, 900), origin, datumsMax },
    unframer,
  )) {
    found.push('schemaId' in step ? step.schemaId : seen(step));
    // Nobody brings the schema here: it would be asked for again and again.
    if ('schemaId' in step) break;
  }
  return found;
}

const octets = (...values: readonly number[]) => Buffer.from(values);

test('three schemas interleaved come in one Delivery', () => {
  const values = [1, 2, 3, 1, 2].map((id) => confluent(id, octets(id * 2)));
  const [delivery, ...more] = steps('confluent', values) as Seen[];
  expect(more).toEqual([]);
  expect(delivery!.datums).toEqual([
    [100, '02', 'schema id 1'],
    [101, '04', 'schema id 2'],
    [102, '06', 'schema id 3'],
    [103, '02', 'schema id 1'],
    [104, '04', 'schema id 2'],
  ]);
  expect(delivery!.nextOffset).toBe(900);
});

test('one schema needs no index of schemas', () => {
  const [delivery] = steps('bare', [octets(2), octets(4)]) as Seen[];
  expect(delivery!.schemaOf).toBeUndefined();
});

test('a message is never cut over two Deliveries, however many datums it holds', () => {
  const values = [3, 5, 1].map((count) => Buffer.alloc(count, 2));
  const found = steps('bare-many', values, 4) as Seen[];
  expect(found.map(({ datums }) => datums.map(([offset]) => offset))).toEqual([
    [100, 100, 100, 101, 101, 101, 101, 101],
    [102],
  ]);
  expect(found.map(({ nextOffset }) => nextOffset)).toEqual([102, 900]);
});

test('a schema that is needed first splits the batch at its message, and is asked for by its id', () => {
  const values = [1, 9, 1].map((id) => confluent(id, octets(2)));
  const found = steps('confluent', values);
  expect(found.map((step) => (typeof step === 'number' ? step : step.datums))).toEqual([
    [[100, '02', 'schema id 1']],
    9,
  ]);
});

test('unpacked bytes are put together', () => {
  const values = [2, 4].map((octet) => Buffer.from(octets(octet).toString('base64')));
  const [delivery, ...more] = steps('bare+base64', [...values, null, Buffer.from('?')]) as Seen[];
  expect(more).toEqual([]);
  expect(delivery!.datums.map(([, datum]) => datum)).toEqual(['02', '04', null, null]);
  expect(delivery!.unreadable).toEqual([3]);
});

test('a tombstone and an empty message count as one each', () => {
  const [delivery] = steps('bare-many', [null, Buffer.alloc(0), octets(2)]) as Seen[];
  expect(delivery!.datums.map(([offset, datum]) => [offset, datum])).toEqual([
    [100, null],
    [101, null],
    [102, '02'],
  ]);
  expect(delivery!.unreadable).toEqual([]);
});

test('the metadata of a message is found by the datum, the last header of a name', () => {
  const [delivery] = steps('bare-many', [octets(2, 2), octets(2)]) as Seen[];
  const [first, second, third] = delivery!.metadata;
  expect(first).toEqual({
    timestampMs: undefined,
    key: undefined,
    value: '0202',
    h: 'last 0',
    none: null,
    headers: [
      ['h', 'first 0'],
      ['other', ''],
      ['h', 'last 0'],
    ],
  });
  expect(second).toEqual(first);
  expect(third).toMatchObject({ timestampMs: 1001, key: 'key 1', value: '02', h: 'last 1' });
});

test('messages of a format of before Kafka 0.11 are refused with what to do', () => {
  const { octets: batch, ...set } = recordSetOf([{ offset: 7, value: octets(2) }]);
  const unframer = new Unframer({
    topic: 'flows',
    framing: framingFromText('bare')!,
    schemas: new SchemaStore({ bare, byFingerprint: new Map(), registry: undefined }),
    messageOctetsMax: 1_000_000,
  });
  for (const magic of [0, 1]) {
    batch.writeInt8(magic, 16);
    const fetched = { set: { ...set, octets: batch }, origin, datumsMax: 10 };
    expect(() => [...deliveries.of(fetched, unframer)]).toThrow(
      `flows[0] offset 7: what the broker sends is not a RecordBatch: it has the message format v${magic} of before ` +
        'Kafka 0.11, which is not supported: copy the topic with a current producer',
    );
  }
});
