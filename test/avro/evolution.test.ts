// Schema resolution by Avro's rules, longs exact, and datums that are none.

import { describe, expect, test } from 'vitest';
import { AvroDataError } from '../../src/avro/avro-cursor.ts';
import { AvroEvolutionError, transcoder } from '../../src/avro/evolution.ts';
import { eventReader } from '../../src/avro/event-reader.ts';
import { parseSchema } from '../../src/avro/schema.ts';
import { exactType } from '../support/exact-avro.ts';

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
    expect(() => transcoder(writer, reader)).toThrow('mend AVRO_READER_SCHEMA_FILE');
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
