// Schemas as a tree: names, namespaces, logical types, and what is no schema.

import { describe, expect, test } from 'vitest';
import { eventsArrayAt, leafAt, leavesOf } from '../../src/avro/leaves.ts';
import { AvroSchemaError, parseSchema } from '../../src/avro/schema.ts';

const field = (name: string, type: unknown) => ({ name, type });
const record = (name: string, ...fields: readonly object[]) => ({ type: 'record', name, fields });

describe('a schema that is none', () => {
  test.each([
    [7, '7 is not a type'],
    ['Missing', 'there is no type "Missing"'],
    [{ type: 'record', name: 'E' }, 'record E without "fields"'],
    [record('1E'), 'the type "1E": a name consists of letters'],
    [
      record('E', field('a-b', 'int')),
      'at a-b: a field of record E: a name consists of letters, digits and "_"',
    ],
    [record('E', field('a', 'int'), field('a', 'int')), 'at a: a second field of that name'],
    [record('E', { name: 'a' }), 'at a: a field without "type"'],
    [record('E', field('a', { type: 'fixed', name: 'F', size: -1 })), 'at a: fixed F needs "size"'],
    [
      record('E', field('a', { type: 'enum', name: 'N', symbols: ['A', 'A'] })),
      'at a: enum N has A twice',
    ],
    [record('E', field('a', { type: 'array' })), 'at a: an array without "items"'],
    [record('E', field('a', { type: 'map' })), 'at a: a map without "values"'],
    [record('E', field('a', [])), 'at a: a union without members'],
    [record('E', field('a', ['int', 'int'])), 'at a: a union with int twice'],
    [record('E', field('a', ['int', ['null']])), 'at a: a union directly in a union'],
    [record('E', field('a', record('E'))), 'at a: a second type "E"'],
    [record('E', field('a', record('I', field('b', 'Nope')))), 'at a.b: there is no type "Nope"'],
  ])('%j says where and why', (json, problem) => {
    expect(() => parseSchema(json)).toThrow(AvroSchemaError);
    expect(() => parseSchema(json)).toThrow(problem);
  });

  test('is one that is nested without end', () => {
    let json: unknown = 'int';
    for (let depth = 0; depth < 5_000; depth += 1) json = { type: 'array', items: json };
    expect(() => parseSchema(json)).toThrow('nested deeper than 100');
  });
});

describe('names', () => {
  test('have letters beyond ASCII, and any namespace, as Java takes them', () => {
    const root = parseSchema({
      ...record('Fluß', field('größe', 'long'), field('_名前', 'int'), field('к2', 'int')),
      namespace: 'my-company.1st',
    });
    expect(root).toMatchObject({
      name: 'my-company.1st.Fluß',
      fields: [{ name: 'größe' }, { name: '_名前' }, { name: 'к2' }],
    });
    expect(parseSchema({ type: 'enum', name: '.N', symbols: ['Ä'] })).toMatchObject({ name: 'N' });
  });

  test.each([
    [record('E', field('1st', 'int')), 'at 1st: a field of record E: a name consists of letters'],
    [record('E', field('a', record('I', field('x y', 'int')))), 'at a.x y: a field of record I: '],
    [record('E', field('🌊', 'int')), 'at 🌊: a field of record E: '],
    [record('E', { type: 'int' }), 'field 1 of record E has no "name"'],
    [
      record('E', field('a', { type: 'enum', name: 'N', symbols: ['A', 'b-c'] })),
      'at a: symbol "b-c" of enum N: a name consists of letters',
    ],
    [record('E', field('a', { type: 'fixed', size: 4 })), 'at a: a fixed without "name"'],
  ])('%j: the refusal says which one', (json, problem) => {
    expect(() => parseSchema(json)).toThrow(problem);
  });

  test('may be used before the place where they are defined', () => {
    const port = record('Port', field('number', 'int'));
    const root = parseSchema({
      ...record('E', field('b', ['null', 'Port']), field('a', port), field('c', 'net.Port')),
      namespace: 'net',
    });
    expect(root).toMatchObject({
      fields: [
        { type: { members: [{}, { name: 'net.Port' }] } },
        { type: { name: 'net.Port', fields: [{ name: 'number' }] } },
        { type: { name: 'net.Port' } },
      ],
    });
  });

  test('may be defined twice if both say the same, whatever their "doc" and namespaces look like', () => {
    const one = { ...record('net.Port', field('n', 'int')), doc: 'one' };
    const same = {
      ...record('Port', field('n', { type: 'int' })),
      namespace: 'net',
      aliases: ['P'],
    };
    expect(parseSchema(record('E', field('a', one), field('b', same)))).toMatchObject({
      fields: [{ type: { name: 'net.Port' } }, { type: { name: 'net.Port' } }],
    });
    const mapped = record('net.Port', { name: 'n', type: 'int', ipfix: 'sourceTransportPort' });
    expect(() => parseSchema(record('E', field('a', one), field('b', mapped)))).toThrow(
      'at b: a second type "net.Port", which differs from the first',
    );
  });

  test('of one type do not get in the way of the aliases of another', () => {
    const first = { ...record('A', field('x', 'int')), aliases: ['B'] };
    const root = parseSchema(record('E', field('a', first), field('b', record('B'))));
    expect(root).toMatchObject({ fields: [{ type: { name: 'A' } }, { type: { name: 'B' } }] });
  });
});

test('logical types stand only on the types that they are for', () => {
  const logical = (type: string, logicalType: string, more = {}) =>
    parseSchema({ type, logicalType, name: 'F', ...more });
  expect(logical('long', 'timestamp-nanos')).toEqual({
    kind: 'long',
    logicalType: 'timestamp-nanos',
  });
  expect(logical('int', 'timestamp-nanos')).toEqual({ kind: 'int' });
  expect(logical('bytes', 'decimal', { precision: 4, scale: 2 })).toMatchObject({ scale: 2 });
  expect(logical('bytes', 'decimal', { precision: 4, scale: 5 })).toEqual({ kind: 'bytes' });
  expect(logical('fixed', 'uuid', { size: 16 })).toMatchObject({ logicalType: 'uuid' });
  expect(logical('fixed', 'uuid', { size: 15 })).not.toHaveProperty('logicalType');
  expect(logical('string', 'invented')).toEqual({ kind: 'string' });
});

describe('leaves', () => {
  const root = parseSchema(
    record(
      'E',
      { name: 'id', type: 'long', aliases: ['ident'] },
      field('in', [
        'null',
        record('I', field('x', ['int', 'string']), field('m', { type: 'map', values: 'int' })),
      ]),
      field('list', {
        type: 'array',
        items: record('R', field('n', 'int'), field('next', ['null', 'R'])),
      }),
      field('void', 'null'),
    ),
  );

  test('are what a mapping can name, in the order of the schema', () => {
    const found = leavesOf(root).map(({ path, nullable, variants }) => [
      ...[path, nullable, variants.map(({ kind }) => kind)],
    ]);
    expect(found).toEqual([
      ['id', false, ['long']],
      ['in.x', true, ['int', 'string']],
      ['in.m', true, ['map']],
      ['list', false, ['array']],
    ]);
    expect(leavesOf(root)[0]).toMatchObject({ names: ['id', 'ident'] });
  });

  test('are found by their path, in maps and arrays too', () => {
    expect(leafAt(root, 'in.m.key')).toMatchObject({ nullable: true, variants: [{ kind: 'int' }] });
    expect(leafAt(root, 'in.m."a.b"')).toMatchObject({ variants: [{ kind: 'int' }] });
    expect(leafAt(root, 'list.3.n')).toMatchObject({ nullable: true, variants: [{ kind: 'int' }] });
    for (const path of ['in', 'in.y', 'list.n', 'id.x', 'void']) {
      expect(leafAt(root, path)).toBeUndefined();
    }
  });

  test('of events in an array are its items and those around it', () => {
    expect(eventsArrayAt(root, 'list')).toBeUndefined();
    expect(eventsArrayAt(root, 'in.m')).toContain('is not an array of records');
    expect(eventsArrayAt(root, 'nope')).toContain('the schema has no array "nope"');
    expect(leavesOf(root, 'list').map(({ path }) => path)).toContain('list.n');
    expect(leafAt(root, 'list.n', 'list')).toMatchObject({ nullable: false });
  });
});
