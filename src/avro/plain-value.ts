// A whole datum as a plain value, for people to read. The export does not use it: it makes an object for
// everything that is in the datum.

import { AvroCursor, AvroDataError, defaultLimits, type ReadLimits } from './avro-cursor.ts';
import type { AvroType } from './schema.ts';

/** What JSON can hold. */
export type PlainValue =
  | null
  | boolean
  | number
  | string
  | readonly PlainValue[]
  | { readonly [name: string]: PlainValue };

/** The limit of items keeps a small datum from becoming a huge value. */
const limits: ReadLimits = { ...defaultLimits, itemsMax: 10_000 };

/**
 * Reads the datum `bytes[start]` up to, not including, `bytes[end]` (Avro specification, "Binary
 * Encoding"). A record and a map become an object, a union the value of its member, bytes and fixed
 * hexadecimal text, and a number that is not exact in a double its decimal text. Throws AvroDataError.
 */
export function plainValue(type: AvroType, bytes: Buffer, start: number, end: number): PlainValue {
  const cursor = new AvroCursor(limits);
  cursor.open(bytes, start, end);
  const value = read(cursor, type);
  const left = end - cursor.at;
  if (left > 0) throw new AvroDataError('', `${left} octets are left over after the datum`);
  return value;
}

function read(cursor: AvroCursor, type: AvroType): PlainValue {
  switch (type.kind) {
    case 'null':
      return null;
    case 'boolean':
      return cursor.boolean();
    case 'int':
      return cursor.int();
    case 'long': {
      const value = cursor.long();
      return typeof value === 'bigint' ? String(value) : value;
    }
    case 'float':
      return finite(cursor.float());
    case 'double':
      return finite(cursor.double());
    case 'string':
      return cursor.string();
    case 'bytes':
      return cursor.octets(cursor.length()).toString('hex');
    case 'fixed':
      return cursor.octets(type.size).toString('hex');
    case 'enum':
      return memberAt(type.symbols, cursor.int(), 'an enum');
    case 'union':
      return read(cursor, memberAt(type.members, cursor.int(), 'a union'));
    default:
      return nested(cursor, type);
  }
}

function nested(
  cursor: AvroCursor,
  type: Extract<AvroType, { kind: 'record' | 'array' | 'map' }>,
): PlainValue {
  cursor.deeper();
  let value: PlainValue;
  if (type.kind === 'record') {
    value = Object.fromEntries(type.fields.map((field) => [field.name, read(cursor, field.type)]));
  } else if (type.kind === 'array') {
    const items: PlainValue[] = [];
    for (let count = cursor.block(0); count > 0; count = cursor.block(0)) {
      for (let i = 0; i < count; i += 1) items.push(read(cursor, type.items));
    }
    value = items;
  } else {
    const entries: (readonly [string, PlainValue])[] = [];
    for (let count = cursor.block(1); count > 0; count = cursor.block(1)) {
      for (let i = 0; i < count; i += 1) entries.push([cursor.string(), read(cursor, type.values)]);
    }
    value = Object.fromEntries(entries);
  }
  cursor.depth -= 1;
  return value;
}

/** JSON has no other numbers. */
const finite = (value: number): PlainValue => (Number.isFinite(value) ? value : String(value));

function memberAt<T>(members: readonly T[], number: number, of: string): T {
  const member = members[number];
  if (member === undefined) {
    throw new AvroDataError('', `member ${number} of ${of} of ${members.length}`);
  }
  return member;
}
