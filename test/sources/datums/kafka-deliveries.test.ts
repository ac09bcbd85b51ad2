// Batches of messages as Deliveries: whole messages, shared or fresh octets, several schemas.

import { expect, test } from 'vitest';
import { framingFromText } from '../../../src/framing.ts';
import type { Delivery } from '../../../src/sources/delivery.ts';
import { deliveriesOf } from '../../../src/sources/datums/kafka-deliveries.ts';
import { SchemaStore } from '../../../src/sources/schemas/schema-store.ts';
import { Unframer } from '../../../src/sources/datums/unframe.ts';
import { confluent } from '../../support/events/framed.ts';

const origin = { topic: 'flows', partition: 0, generation: 1 };
const json = { type: 'record', name: 'E', fields: [{ name: 'n', type: 'int' }] };
const known = new Map([1, 2, 3].map((id) => [id, { name: `schema id ${id}`, json }]));
const bare = new Map([['flows', { name: 'bare.avsc', json }]]);
const registry = {
  known: (id: number) => known.get(id),
  fetch: () => Promise.reject(new Error('not asked')),
  close: () => {},
};

function steps(framing: string, values: readonly (Buffer | null)[], datumsMax = 1000) {
  const schemas = new SchemaStore({ bare, byFingerprint: new Map(), registry });
  const options = { topic: 'flows', framing: framingFromText(framing)!, schemas };
  const unframer = new Unframer({ ...options, messageOctetsMax: 1_000_000 });
  const messages = values.map((value, i) => ({
    ...{ value, key: i % 2 === 0 ? null : Buffer.from(`key ${i}`), offset: String(100 + i) },
    ...{ timestamp: i === 0 ? '-1' : String(1_000 + i), attributes: 0 },
    headers: { h: [`first ${i}`, Buffer.from(`last ${i}`)] },
  }));
  const batch = { messages: messages as never, origin, nextOffset: 900, datumsMax };
  const found: (Delivery | number)[] = [];
  for (const step of deliveriesOf(batch, unframer)) {
    found.push(step);
    // Nobody brings the schema here: it would be asked for again and again.
    if (typeof step === 'number') break;
  }
  return found;
}

/** What lies at each datum, by offset and schema. */
const datums = ({ bytes, starts, ends, offsets, schemas, schemaOf }: Delivery) =>
  Array.from(starts, (start, i) => [
    offsets[i],
    start < 0 ? null : bytes.toString('hex', start, ends[i]),
    schemas[schemaOf?.[i] ?? 0]?.name,
  ]);

/** Messages of one RecordBatch share their octets. */
function shared(...parts: readonly Buffer[]): Buffer[] {
  const whole = Buffer.from(new Uint8Array(Buffer.concat(parts)).buffer);
  let at = 0;
  return parts.map((part) => whole.subarray(at, (at += part.length)));
}

test('three schemas interleaved come in one Delivery', () => {
  const values = shared(...[1, 2, 3, 1, 2].map((id) => confluent(id, Buffer.from([id * 2]))));
  const [delivery, ...more] = steps('confluent', values) as Delivery[];
  expect(more).toEqual([]);
  expect(datums(delivery!)).toEqual([
    [100, '02', 'schema id 1'],
    [101, '04', 'schema id 2'],
    [102, '06', 'schema id 3'],
    [103, '02', 'schema id 1'],
    [104, '04', 'schema id 2'],
  ]);
  expect(delivery!.nextOffset).toBe(900);
});

test('one schema needs no index of schemas', () => {
  const [delivery] = steps('bare', shared(Buffer.from([2]), Buffer.from([4]))) as Delivery[];
  expect(delivery!.schemaOf).toBeUndefined();
});

test('a message is never cut over two Deliveries, however many datums it holds', () => {
  const values = shared(...[3, 5, 1].map((count) => Buffer.alloc(count, 2)));
  const deliveries = steps('bare-many', values, 4) as Delivery[];
  expect(deliveries.map(({ offsets }) => Array.from(offsets))).toEqual([
    [100, 100, 100, 101, 101, 101, 101, 101],
    [102],
  ]);
  expect(deliveries.map(({ nextOffset }) => nextOffset)).toEqual([102, 900]);
});

test('a schema that is needed first parts the batch at its message, and is asked for by its id', () => {
  const values = shared(...[1, 9, 1].map((id) => confluent(id, Buffer.from([2]))));
  const found: (number | unknown[])[] = [];
  for (const step of steps('confluent', values)) {
    found.push(typeof step === 'number' ? step : datums(step));
  }
  expect(found).toEqual([[[100, '02', 'schema id 1']], 9]);
});

test('messages that do not share their octets are parted', () => {
  const alone = () => Buffer.from(new Uint8Array([2]).buffer);
  expect(steps('bare', [alone(), alone()])).toHaveLength(2);
});

test('unpacked octets are put together, wherever they came from', () => {
  const values = [2, 4].map((octet) => Buffer.from(Buffer.from([octet]).toString('base64')));
  const [delivery, ...more] = steps('bare+base64', [
    ...values,
    null,
    Buffer.from('?'),
  ]) as Delivery[];
  expect(more).toEqual([]);
  expect(datums(delivery!).map(([, octets]) => octets)).toEqual(['02', '04', null, null]);
  expect([...delivery!.unreadable!.keys()]).toEqual([3]);
});

test('a tombstone and an empty message count as one each', () => {
  const [delivery] = steps('bare-many', [
    null,
    Buffer.alloc(0),
    ...shared(Buffer.from([2])),
  ]) as Delivery[];
  expect(datums(delivery!).map(([offset, octets]) => [offset, octets])).toEqual([
    [100, null],
    [101, null],
    [102, '02'],
  ]);
  expect(delivery!.unreadable).toBeUndefined();
});

test('what is beside the value is found by the datum, the last header of a name', () => {
  const [delivery] = steps(
    'bare-many',
    shared(Buffer.alloc(2, 2), Buffer.alloc(1, 2)),
  ) as Delivery[];
  const { metadata } = delivery!;
  expect([0, 1, 2].map((i) => metadata!.timestampMs(i))).toEqual([undefined, undefined, 1001]);
  expect([0, 2].map((i) => metadata!.key(i)?.toString())).toEqual([undefined, 'key 1']);
  expect([1, 2].map((i) => metadata!.header(i, 'h')?.toString())).toEqual(['last 0', 'last 1']);
  expect(metadata!.header(0, 'none')).toBeNull();
  expect([0, 1, 2].map((i) => metadata!.value(i)?.toString('hex'))).toEqual(['0202', '0202', '02']);
  const texts = metadata!.headers(2).map(({ key, value }) => [key, value?.toString()]);
  expect(texts).toEqual([
    ['h', 'first 1'],
    ['h', 'last 1'],
  ]);
});
