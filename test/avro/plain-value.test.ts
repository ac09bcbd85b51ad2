// A whole datum as a plain value.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AvroDataError } from '../../src/avro/avro-cursor.ts';
import { plainValue } from '../../src/avro/plain-value.ts';
import { parseSchema } from '../../src/avro/schema.ts';
import { exactType } from '../support/oracles/exact-avro.ts';

const schema = {
  type: 'record',
  name: 'Flow',
  fields: [
    { name: 'id', type: 'long' },
    { name: 'up', type: 'boolean' },
    { name: 'rate', type: 'double' },
    { name: 'address', type: { type: 'fixed', name: 'Address', size: 4 } },
    { name: 'payload', type: 'bytes' },
    { name: 'proto', type: { type: 'enum', name: 'Proto', symbols: ['TCP', 'UDP'] } },
    { name: 'name', type: ['null', 'string'] },
    { name: 'ports', type: { type: 'array', items: 'int' } },
    { name: 'labels', type: { type: 'map', values: 'string' } },
  ],
};
const type = parseSchema(schema);
const flow = {
  ...{ id: 7n, up: true, rate: 0.5, proto: 'UDP', name: 'eth0' },
  ...{ address: Buffer.from([10, 0, 0, 1]), payload: Buffer.from('hi') },
  ...{ ports: [80, 443], labels: { site: 'north' } },
};
const encoded = (changes: Partial<Record<keyof typeof flow, unknown>> = {}) =>
  exactType(schema).toBuffer({ ...flow, ...changes });
const read = (octets: Buffer) => plainValue(type, octets, 0, octets.length);

test('each type has its plain form', () => {
  expect(read(encoded())).toEqual({
    ...{ id: 7, up: true, rate: 0.5, address: '0a000001', payload: '6869', proto: 'UDP' },
    ...{ name: 'eth0', ports: [80, 443], labels: { site: 'north' } },
  });
});

test('numbers that JSON has not are text', () => {
  const octets = encoded({ id: 2n ** 62n, rate: Infinity, name: null });
  expect(read(octets)).toMatchObject({ id: '4611686018427387904', rate: 'Infinity', name: null });
});

test.each([
  ['cut short', encoded().subarray(0, -1)],
  ['longer than its datum', Buffer.concat([encoded(), Buffer.of(0)])],
])('octets %s are refused', (_, octets) => {
  expect(() => read(octets)).toThrow(AvroDataError);
});

test('a small datum that claims very many items is refused', () => {
  const nulls = parseSchema({ type: 'array', items: 'null' });
  const octets = Buffer.from([0x80, 0x89, 0x7a, 0]);
  expect(() => plainValue(nulls, octets, 0, octets.length)).toThrow('items of arrays and maps');
});

test('any octets become a value or are refused by name', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (some) => {
      try {
        JSON.stringify(read(Buffer.from(some)));
      } catch (error) {
        expect(error).toBeInstanceOf(AvroDataError);
      }
    }),
  );
});
