// 10,000 datums of 1,000 schemas that another implementation wrote.

import { expect, test } from 'vitest';
import { eventReader } from '../../src/avro/event-reader.ts';
import { fingerprint64 } from '../../src/avro/fingerprint.ts';
import { leavesOf } from '../../src/avro/leaves.ts';
import { parseSchema } from '../../src/avro/schema.ts';
import { fastavroVectors, type Tagged } from '../support/oracles/fastavro-vectors.ts';

const vectors = fastavroVectors();

/** A value as the vectors write it. */
function tagged(value: unknown): Tagged {
  if (value instanceof Uint8Array) return { octets: Buffer.from(value).toString('hex') };
  if (Array.isArray(value)) return { list: value.map(tagged) };
  if (typeof value === 'bigint') return { integer: String(value) };
  return value as Tagged;
}

function sameNumber(value: number, wanted: Tagged): Tagged {
  if (typeof wanted === 'object' && wanted !== null && 'double' in wanted) {
    const octets = Buffer.alloc(8);
    octets.writeDoubleBE(value);
    return { double: octets.toString('hex') };
  }
  return { integer: String(value) };
}

const read = (value: unknown, wanted: Tagged): Tagged => {
  if (typeof value === 'number') return sameNumber(value, wanted);
  if (Array.isArray(value) && wanted !== null && typeof wanted === 'object' && 'list' in wanted) {
    return { list: value.map((item, i) => read(item, wanted.list[i] ?? null)) };
  }
  return tagged(value);
};

test('every value at every path is what fastavro wrote', () => {
  let datums = 0;
  let values = 0;
  for (const { schema, datums: written } of vectors) {
    const root = parseSchema(schema);
    const paths = [...new Set(written.flatMap(({ leaves }) => Object.keys(leaves)))];
    const reader = eventReader(root, paths);
    for (const { octets, leaves } of written) {
      const bytes = Buffer.from(octets, 'base64');
      expect(reader.begin(bytes, 0, bytes.length)).toBe(1);
      const found = paths.map((path, i) => [path, read(reader.slots[i], leaves[path] ?? null)]);
      expect(Object.fromEntries(found)).toEqual(
        Object.fromEntries(paths.map((path) => [path, leaves[path] ?? null])),
      );
      datums += 1;
      values += paths.length;
    }
  }
  expect(datums).toBe(10_000);
  expect(values).toBeGreaterThan(50_000);
});

test('every path that has a value is listed, but what is inside a map', () => {
  for (const { schema, datums } of vectors) {
    const listed = new Set(leavesOf(parseSchema(schema)).map(({ path }) => path));
    const paths = datums.flatMap(({ leaves }) => Object.keys(leaves));
    expect(paths.filter((path) => !path.includes('"') && !listed.has(path))).toEqual([]);
  }
});

test('a datum lies where it lies: among others, and cut short nowhere', () => {
  for (const { schema, datums } of vectors.slice(0, 100)) {
    const reader = eventReader(parseSchema(schema), []);
    const parts = datums.map(({ octets }) => Buffer.from(octets, 'base64'));
    const whole = Buffer.concat(parts);
    let at = 0;
    for (const part of parts) {
      expect(reader.measure(whole, at, whole.length)).toBe(at + part.length);
      for (let end = at; end < at + part.length; end += 1) {
        expect(() => reader.begin(whole, at, end)).toThrow(/cut short|in \d+ octets/);
      }
      at += part.length;
    }
  }
});

test('fingerprints are those of fastavro', () => {
  for (const { schema, fingerprint } of vectors) expect(fingerprint64(schema)).toBe(fingerprint);
});
