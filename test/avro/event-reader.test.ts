// The walk through datums written by hand: blocks, unions, wrapped arrays, and what is refused where.

import { describe, expect, test } from 'vitest';
import { AvroDataError } from '../../src/avro/avro-cursor.ts';
import { eventReader, type EventReaderOptions } from '../../src/avro/event-reader.ts';
import { parseSchema } from '../../src/avro/schema.ts';

const record = (name: string, fields: Readonly<Record<string, unknown>>) => ({
  type: 'record',
  name,
  fields: Object.entries(fields).map(([field, type]) => ({ name: field, type })),
});

/** Slots for each event in a datum that is written in hexadecimal. */
function read(
  json: unknown,
  paths: readonly string[],
  hex: string,
  options: EventReaderOptions = {},
): unknown[][] {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const reader = eventReader(parseSchema(json), paths, options);
  const events = reader.begin(bytes, 0, bytes.length);
  return Array.from({ length: events }, () => {
    reader.next();
    return [...reader.slots];
  });
}

function refusal(json: unknown, paths: readonly string[], hex: string, options = {}) {
  try {
    read(json, paths, hex, options);
    return undefined;
  } catch (error) {
    if (!(error instanceof AvroDataError)) throw error;
    return error.message;
  }
}

const longs = record('L', { a: { type: 'array', items: 'long' }, z: 'int' });

describe('blocks of an array', () => {
  test.each([
    ['one after the other', '04 02 04 02 06 00 08', [1n, 2n, 3n]],
    ['with the octets they take', '03 04 02 04 01 02 06 00 08', [1n, 2n, 3n]],
    ['none', '00 08', []],
  ])('%s', (_, hex, items) => {
    expect(read(longs, ['a', 'z'], hex)).toEqual([[items.map(Number), 4]]);
    expect(read(longs, ['a.2', 'a.0', 'z'], hex)).toEqual([
      [items.length > 2 ? 3 : null, items.length > 0 ? 1 : null, 4],
    ]);
  });

  test('that say another number of octets than they take are refused', () => {
    expect(refusal(longs, ['z'], '03 06 02 04 00 08')).toBe(
      'at a: a block of 2 octets whose stated size is 3',
    );
  });

  test('with more items than octets are left are refused before they are counted', () => {
    expect(refusal(longs, [], '80 80 80 80 10 02')).toMatch(
      /^at a: a block of \d+ items in 1 octets$/,
    );
    const nulls = record('N', { a: { type: 'array', items: 'null' } });
    expect(refusal(nulls, [], '80 80 e0 1c 00')).toBe(
      'at a: more than 1000000 items of arrays and maps',
    );
  });
});

describe('unions', () => {
  const either = record('U', {
    u: [
      'null',
      record('A', { x: 'int', y: 'string' }),
      record('B', { y: 'long', w: 'int' }),
      'string',
    ],
    z: 'int',
  });
  const paths = ['u.x', 'u.y', 'u.w', 'u', 'z'];

  test.each([
    ['00 02', [null, null, null, null, 1]],
    ['02 04 02 61 02', [2, 'a', null, null, 1]],
    ['04 06 08 02', [null, 3, 4, null, 1]],
    ['06 02 62 02', [null, null, null, 'b', 1]],
  ])('of records and others: %s', (hex, slots) => {
    expect(read(either, paths, hex)).toEqual([slots]);
  });

  test('tell which of its types a value has', () => {
    const reader = eventReader(parseSchema(either), ['u.y']);
    const variants = ['02 04 02 61 02', '04 06 08 02'].map((hex) => {
      const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
      reader.begin(bytes, 0, bytes.length);
      return reader.variants[0];
    });
    expect(variants).toEqual([0, 1]);
  });

  test('at the root name the record', () => {
    const root = [record('ns.A', { n: 'int' }), record('B', { n: 'int' })];
    expect(read(root, ['$record', 'n'], '00 02')).toEqual([['ns.A', 1]]);
    expect(read(root, ['$record', 'n'], '02 04')).toEqual([['B', 2]]);
  });
});

describe('events in an array', () => {
  const inner = record('I', { n: 'int', s: ['null', 'string'] });
  const wrapped = record('W', {
    before: 'int',
    in: record('D', { list: ['null', { type: 'array', items: inner }] }),
    after: 'int',
  });
  const paths = ['in.list.n', 'in.list.s', 'before', 'after'];
  const options = { events: 'in.list' };

  test('have the fields around them, wherever those stand', () => {
    const hex = '02  02 04 0a 00 0c 02 02 61 01 06 0e 02 00 00  04';
    expect(read(wrapped, paths, hex, options)).toEqual([
      [5, null, 1, 2],
      [6, 'a', 1, 2],
      [7, '', 1, 2],
    ]);
    expect(read(wrapped, paths, '02 00 04', options)).toEqual([]);
  });

  test('at the root need no word', () => {
    expect(read({ type: 'array', items: inner }, ['n'], '02 0a 00 02 0c 00 00')).toEqual([
      [5],
      [6],
    ]);
  });

  test('one that cannot be read is refused alone; broken structure refuses all', () => {
    const list = { type: 'array', items: inner };
    const bytes = Buffer.from('06 0a 00 0c 02 02 ff 0e 00 00'.replaceAll(' ', ''), 'hex');
    const reader = eventReader(parseSchema(list), ['n', 's']);
    expect(reader.begin(bytes, 0, bytes.length)).toBe(3);
    const found = Array.from({ length: 3 }, () => {
      try {
        reader.next();
        return reader.slots[0];
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(found).toEqual([5, 'at s: the octets of the string are not UTF-8', 7]);
    expect(refusal(list, ['n'], '04 0a 00 0c 04 02 62 00')).toBe('at s: member 2 of a union of 2');
  });
});

describe('what is no datum is refused at its place', () => {
  const all = record('All', {
    b: 'boolean',
    i: 'int',
    l: 'long',
    e: { type: 'enum', name: 'E', symbols: ['A'] },
    s: 'string',
    m: { type: 'map', values: 'int' },
  });
  const good = '01 02 02 00 02 61 02 02 6b 04 00';

  test('the good one is none', () => {
    expect(read(all, ['b', 'i', 'l', 'e', 's', 'm.k'], good)).toEqual([[true, 1, 1, 'A', 'a', 2]]);
  });

  test.each([
    ['02', 'at b: a boolean of 2; it must be 0 or 1'],
    ['01 8080808020', 'at i: 4294967296 does not fit an int'],
    ['01 02 ffffffffffffffffff02', 'at l: a number longer than 64 bits'],
    ['01 02 ffffffffffffffffffff01', 'at l: a number longer than 64 bits'],
    ['01 02 02 02', 'at e: symbol 1 of an enum of 1'],
    ['01 02 02 01', 'at e: symbol -1 of an enum of 1'],
    ['01 02 02 00 01', 'at s: a length of -1 octets'],
    ['01 02 02 00 04 61', 'at s: the datum is cut short'],
    ['01 02 02 00 02 ff 00', 'at s: the octets of the string are not UTF-8'],
    ['01 02 02 00 02 61 02 02 6b 80', 'at m.k: the datum is cut short'],
    [`${good} 00`, '1 octets are left over after the datum'],
  ])('%s', (hex, problem) => {
    const paths = ['b', 'i', 'l', 'e', 's', 'm.k'];
    expect(refusal(all, paths, hex)).toBe(problem);
    // Nobody wants it, and it is checked no less; but text that is not read is not.
    if (!problem.includes('UTF-8')) expect(refusal(all, [], hex)).toBe(problem.replace('m.k', 'm'));
  });

  test('U+FFFD itself is text like any other', () => {
    expect(read(record('S', { s: 'string' }), ['s'], '06 efbfbd')).toEqual([['\ufffd']]);
  });
});

test('a record in itself is passed over to a depth', () => {
  const tree = record('T', { next: ['null', 'T'], n: 'int' });
  const nested = (depth: number) => '02'.repeat(depth) + '00' + '02'.repeat(depth + 1);
  expect(read(tree, ['n'], nested(10))).toEqual([[1]]);
  expect(refusal(tree, ['n'], nested(100))).toMatch(/nested deeper than 64$/);
});
