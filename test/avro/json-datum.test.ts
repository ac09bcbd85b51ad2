// Avro's JSON encoding as octets, compared with avsc.

import avro from 'avsc';
import { describe, expect, test } from 'vitest';
import { datumFromJson, JsonDatumError } from '../../src/avro/json-datum.ts';
import { parseSchema } from '../../src/avro/schema.ts';

const schema = {
  type: 'record',
  name: 'all',
  namespace: 'org.example',
  fields: [
    { name: 'yes', type: 'boolean' },
    { name: 'int', type: 'int' },
    { name: 'long', type: 'long' },
    { name: 'float', type: 'float' },
    { name: 'double', type: 'double' },
    { name: 'text', type: 'string' },
    { name: 'bytes', type: 'bytes' },
    { name: 'mac', type: { type: 'fixed', name: 'mac', size: 2 } },
    { name: 'kind', type: { type: 'enum', name: 'kind', symbols: ['A', 'B'] } },
    { name: 'list', type: { type: 'array', items: 'int' } },
    { name: 'map', type: { type: 'map', values: 'string' } },
    {
      name: 'maybe',
      type: [
        'null',
        'string',
        { type: 'record', name: 'inner', fields: [{ name: 'n', type: 'int' }] },
      ],
    },
  ],
};
const value = {
  ...{ yes: true, int: -5, long: 1_700_000_000_123, float: 0.5, double: 1e300, text: 'ünï' },
  ...{
    bytes: '\u00c0\u0000\u0002',
    mac: '\u00ff\u0001',
    kind: 'B',
    list: [1, -70_000],
    map: { a: 'b' },
  },
  maybe: null as unknown,
};

const encoded = (type: unknown, json: unknown) => datumFromJson(parseSchema(type), json);
const byAvsc = (type: unknown, json: unknown) => {
  const known = avro.Type.forSchema(type as avro.Schema, { wrapUnions: true });
  return known.toBuffer(known.fromString(JSON.stringify(json)));
};

test('every kind of value has the octets that avsc gives it', () => {
  for (const maybe of [null, { string: 'x' }, { 'org.example.inner': { n: 7 } }]) {
    const json = { ...value, maybe };
    expect(encoded(schema, json)).toEqual(byAvsc(schema, json));
  }
});

describe('a value of a union', () => {
  const maybe = (json: unknown) => encoded(schema, { ...value, maybe: json });

  test('may be without the name of its type, or have it without the namespace', () => {
    expect(maybe('x')).toEqual(maybe({ string: 'x' }));
    const inner = maybe({ 'org.example.inner': { n: 7 } });
    expect(maybe({ inner: { n: 7 } })).toEqual(inner);
    expect(maybe({ n: 7 })).toEqual(inner);
  });

  test('needs the name if it can be of several types', () => {
    expect(() => encoded(['int', 'long'], 5)).toThrow(
      '5 can be of several types; name the one that is meant, as in {"int": …}',
    );
    expect(encoded(['int', 'long'], { long: 5 })).toEqual(byAvsc(['int', 'long'], { long: 5 }));
  });

  test('that is of no type is refused with all of them', () => {
    expect(() => maybe(5)).toThrow(
      'maybe: 5 is not a value of Avro null or string or org.example.inner',
    );
  });
});

test('a long beyond 2^53 is exact as a bigint, and refused as a number', () => {
  const most = 2n ** 63n - 1n;
  expect(encoded('long', most)).toEqual(Buffer.from('feffffffffffffffff01', 'hex'));
  expect(() => encoded('long', most + 1n)).toThrow(JsonDatumError);
  expect(() => encoded('long', 2 ** 60)).toThrow('is not a value of Avro long');
  expect(() => encoded('int', 2 ** 31)).toThrow('2147483648 is not a value of Avro int');
});

describe('a field', () => {
  const withDefault = {
    type: 'record',
    name: 'r',
    fields: [
      { name: 'a', type: { type: 'record', name: 's', fields: [{ name: 'b', type: 'int' }] } },
      { name: 'c', type: ['string', 'null'], default: 'x' },
    ],
  };

  test('that is missing has its default', () => {
    const full = encoded(withDefault, { a: { b: 1 }, c: { string: 'x' } });
    expect(encoded(withDefault, { a: { b: 1 } })).toEqual(full);
  });

  test.each([
    [{}, 'a: is missing and has no default; add it'],
    [{ a: { b: 'x' } }, 'a.b: "x" is not a value of Avro int; correct it'],
    [{ a: { b: 1, d: 2 } }, 'a.d: record s has no such field; remove it'],
    [{ a: [] }, 'a: [] is not a value of Avro s; correct it'],
    [5, '5 is not a value of Avro r; correct it'],
  ])('that does not fit is named by its path: %j', (json, problem) => {
    expect(() => encoded(withDefault, json)).toThrow(problem);
  });
});
