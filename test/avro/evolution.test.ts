// Schema resolution by Avro's rules, longs exact, and datums that are none.

import { describe, expect, test } from 'vitest';
import { AvroDataError } from '../../src/avro/avro-cursor.ts';
import { AvroEvolutionError, transcoder } from '../../src/avro/evolution.ts';
import { eventReader } from '../../src/avro/event-reader.ts';
import { parseSchema } from '../../src/avro/schema.ts';
import { exactType } from '../support/oracles/exact-avro.ts';

const record = (fields: readonly object[]) => ({ type: 'record', name: 'E', fields });

/** What a reader schema makes of a writer's event, at its paths. */
function resolved(writer: unknown, reader: unknown, event: unknown, paths: readonly string[]) {
  const bytes = exactType(writer).toBuffer(event);
  const read = transcoder(writer, reader)(bytes, 0, bytes.length);
  const events = eventReader(parseSchema(reader), paths);
  events.begin(read, 0, read.length);
  return [...events.slots];
}

test.each([
  ['int', 'long', -5, -5],
  ['int', 'double', 7, 7],
  ['float', 'double', 1.5, 1.5],
  ['string', 'bytes', 'ä', Buffer.from('ä')],
  ['bytes', 'string', Buffer.from('ä'), 'ä'],
  ['long', ['null', 'long'], 2n ** 62n + 1n, 2n ** 62n + 1n],
  [{ type: 'long', logicalType: 'timestamp-nanos' }, 'long', -(2n ** 60n), -(2n ** 60n)],
])('%j is read as %j', (from, to, value, wanted) => {
  const writer = record([{ name: 'f', type: from }]);
  const reader = record([{ name: 'f', type: to }]);
  expect(resolved(writer, reader, { f: value }, ['f'])).toEqual([wanted]);
});

describe('fields', () => {
  const writer = record([
    { name: 'old', type: 'int' },
    { name: 'gone', type: { type: 'array', items: 'string' } },
    { name: 'kept', type: 'string' },
  ]);
  const event = { old: 1, gone: ['x'], kept: 'k' };

  test('are found by their aliases, and have their defaults where the writer lacks them', () => {
    const reader = record([
      { name: 'kept', type: 'string' },
      { name: 'fresh', type: 'long', aliases: ['old'] },
      { name: 'added', type: ['null', 'string'], default: null },
      { name: 'other', type: 'string', default: 'd' },
    ]);
    const paths = ['kept', 'fresh', 'added', 'other'];
    expect(resolved(writer, reader, event, paths)).toEqual(['k', 1, null, 'd']);
  });

  test('that the writer lacks and that have no default do not resolve', () => {
    const reader = record([{ name: 'needed', type: 'int' }]);
    expect(() => transcoder(writer, reader)).toThrow(AvroEvolutionError);
    expect(() => transcoder(writer, reader)).toThrow('correct AVRO_READER_SCHEMA_FILE');
  });

  test('of other types do not resolve', () => {
    const reader = record([{ name: 'kept', type: 'int' }]);
    expect(() => transcoder(writer, reader)).toThrow(AvroEvolutionError);
  });
});

test('a datum that is none of the writer schema is refused by its path', () => {
  const writer = record([{ name: 'f', type: 'string' }]);
  const transcode = transcoder(writer, writer);
  expect(() => transcode(Buffer.from('0461', 'hex'), 0, 2)).toThrow(AvroDataError);
  expect(() => transcode(Buffer.from('0461', 'hex'), 0, 2)).toThrow('at f: the datum is cut short');
});

describe('names', () => {
  const flow = (namespace: string, more: readonly object[] = []) => ({
    ...record([{ name: 'bytes', type: 'long' }, ...more]),
    namespace,
  });

  test('of records in another namespace match', () => {
    expect(resolved(flow('a.producer'), flow('b.consumer'), { bytes: 7n }, ['bytes'])).toEqual([7]);
  });

  test('of records in a union match by their fields where the full name does not', () => {
    const [writer, reader] = [flow('a'), ['null', { ...record([]), name: 'Other' }, flow('b')]];
    const bytes = exactType(writer).toBuffer({ bytes: 300n });
    const read = transcoder(writer, reader)(bytes, 0, bytes.length);
    expect(read.toString('hex')).toBe('04d804');
  });

  test('of an enum and of a fixed match without their namespaces', () => {
    const fields = (namespace: string) => [
      { name: 'e', type: { type: 'enum', name: 'N', namespace, symbols: ['A', 'B'] } },
      { name: 'x', type: { type: 'fixed', name: 'F', namespace, size: 2 } },
    ];
    const event = { e: 'B', x: Buffer.from('ab') };
    const read = resolved(record(fields('one')), record(fields('two')), event, ['e', 'x']);
    expect(read).toEqual(['B', Buffer.from('ab')]);
  });

  test('of a nested record that was renamed are found by its alias with the namespace around it', () => {
    const inner = (name: string, more = {}) => ({
      ...{ type: 'record', name, fields: [{ name: 'n', type: 'int' }], ...more },
    });
    const writer = { ...record([{ name: 'i', type: ['null', inner('Old')] }]), namespace: 'net' };
    const renamed = inner('New', { aliases: ['Old'] });
    const reader = { ...record([{ name: 'i', type: ['null', renamed] }]), namespace: 'net' };
    expect(resolved(writer, reader, { i: { n: 4 } }, ['i.n'])).toEqual([4]);
  });

  test('that an alias gives to two fields are refused', () => {
    const writer = record([
      { name: 'a', type: 'int' },
      { name: 'b', type: 'int' },
    ]);
    const reader = record([{ name: 'b', type: 'int', aliases: ['a'] }]);
    expect(() => transcoder(writer, reader)).toThrow(
      'the alias of E.b gives that name to two fields',
    );
  });
});

describe('an enum', () => {
  const kind = (symbols: readonly string[], more = {}) =>
    record([{ name: 'k', type: { type: 'enum', name: 'K', symbols, ...more } }]);

  test('has its default where the reader does not know the symbol', () => {
    const reader = kind(['UDP', 'OTHER'], { default: 'OTHER' });
    expect(resolved(kind(['TCP', 'UDP']), reader, { k: 'TCP' }, ['k'])).toEqual(['OTHER']);
    expect(resolved(kind(['TCP', 'UDP']), reader, { k: 'UDP' }, ['k'])).toEqual(['UDP']);
  });

  test('without a default refuses the event, and names the symbol and the field', () => {
    const transcode = transcoder(kind(['TCP', 'UDP']), kind(['UDP']));
    expect(() => transcode(Buffer.of(0), 0, 1)).toThrow(
      'at k: cannot be read by the reader schema: the enum K lacks the symbol TCP and has no "default"',
    );
    expect(transcode(Buffer.of(2), 0, 1)).toEqual(Buffer.of(0));
  });
});

describe('a union', () => {
  test('of which some members can be read refuses only the events with others', () => {
    const writer = record([{ name: 'f', type: ['int', 'string'] }]);
    const transcode = transcoder(writer, record([{ name: 'f', type: 'long' }]));
    expect(transcode(Buffer.from('000e', 'hex'), 0, 2)).toEqual(Buffer.of(14));
    expect(() => transcode(Buffer.from('020261', 'hex'), 0, 3)).toThrow(
      'at f: cannot be read by the reader schema: string cannot be read as long',
    );
  });

  test('of which no member can be read is refused before any event', () => {
    const writer = record([{ name: 'f', type: ['null', 'string'] }]);
    const reader = record([{ name: 'f', type: 'int' }]);
    expect(() => transcoder(writer, reader)).toThrow('f: null cannot be read as int; correct');
  });
});

test('a long becomes the float that is nearest, rounded once', () => {
  // Half way between two floats, and a little more: a double on the way would lose the little more.
  const value = 2n ** 62n + 2n ** 38n + 1n;
  const [writer, reader] = [
    record([{ name: 'f', type: 'long' }]),
    record([{ name: 'f', type: 'float' }]),
  ];
  expect(resolved(writer, reader, { f: value }, ['f'])).toEqual([2 ** 62 + 2 ** 39]);
  expect(resolved(writer, reader, { f: -value }, ['f'])).toEqual([-(2 ** 62) - 2 ** 39]);
});

describe('a default', () => {
  const added = (type: unknown, value: unknown) => record([{ name: 'n', type, default: value }]);

  test.each([
    ['double', 'NaN', NaN],
    ['bytes', '\u00ff', Buffer.from([0xff])],
    [['string', 'null'], null, null],
    [['int', 'double'], 1.5, 1.5],
    [{ type: 'enum', name: 'K', symbols: ['A', 'B'] }, 'B', 'B'],
  ])('of %j is %j', (type, value, wanted) => {
    expect(resolved(record([]), added(type, value), {}, ['n'])).toEqual([wanted]);
  });

  test.each([
    ['int', 'x', 'at n: the default "x" is not a value of its type; correct it'],
    ['int', 2 ** 31, 'at n: the default 2147483648 is not'],
    ['long', 2 ** 53, 'at n: the default 9007199254740992 is not'],
    [{ type: 'fixed', name: 'F', size: 2 }, 'abc', 'at n: the default "abc" is not'],
    [{ type: 'array', items: 'int' }, [1, 'x'], 'at n.1: the default "x" is not'],
    ['string', null, 'at n: the default null is not'],
  ])('of %j cannot be %j', (type, value, problem) => {
    expect(() => transcoder(record([]), added(type, value))).toThrow(problem);
  });
});
