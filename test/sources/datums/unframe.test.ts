// Each framing and each value that is not framed as it should be, with octets written by hand.

import { crc32, deflateRawSync, zstdCompressSync } from 'node:zlib';
import { compressSync } from 'snappy';
import { describe, expect, test } from 'vitest';
import { fingerprint64 } from '../../../src/avro/fingerprint.ts';
import { framingFromText } from '../../../src/framing.ts';
import type { WriterSchema } from '../../../src/sources/delivery.ts';
import { SchemaStore } from '../../../src/sources/schemas/schema-store.ts';
import { Unframer } from '../../../src/sources/datums/unframe.ts';
import { container } from '../../support/arbitrary/hostile-datums.ts';

const json = { type: 'record', name: 'E', fields: [{ name: 'n', type: 'int' }] };
const bareSchema: WriterSchema = { name: 'bare.avsc', json };
const schema7: WriterSchema = { name: 'schema id 7', json };
const byFingerprint: WriterSchema = { name: 'file.avsc', json };

const schemas = new SchemaStore({
  bare: new Map([['flows', bareSchema]]),
  byFingerprint: new Map([[fingerprint64(json), byFingerprint]]),
  registry: {
    known: (id) => {
      if (id === 7) return schema7;
      return id === 8 ? { unknown: true, problem: 'schema id 8 is nowhere' } : undefined;
    },
    fetch: () => Promise.reject(new Error('not asked')),
    close: () => {},
  },
});

/** What is found in a value: each datum as its octets and schema, each fault as its text. */
function found(framing: string, value: Buffer | string, headers?: object, messageOctetsMax = 1000) {
  const octets = typeof value === 'string' ? Buffer.from(value.replaceAll(' ', ''), 'hex') : value;
  const pieces: (string | [octets: string, schema: string])[] = [];
  const unframer = new Unframer({
    topic: 'flows',
    framing: framingFromText(framing)!,
    schemas,
    messageOctetsMax,
  });
  const needed = unframer.unframe(octets, headers, {
    datum: (bytes, start, end, schema) =>
      pieces.push([bytes.toString('hex', start, end), schema.name]),
    unreadable: (problem) => pieces.push(problem),
  });
  return needed ?? pieces;
}

describe('a framing in words', () => {
  test.each(['confluent', 'apicurio8', 'single-object', 'bare', 'bare-many', 'ocf'])(
    '%s',
    (form) => {
      expect(framingFromText(form)).toEqual({ form, base64: false });
      expect(framingFromText(`${form}+base64`)).toEqual({ form, base64: true });
    },
  );

  test.each(['', 'Confluent', 'base64', 'confluent+base32', 'bare+base64+base64', 'json'])(
    '"%s" is none',
    (text) => expect(framingFromText(text)).toBeUndefined(),
  );
});

describe('a datum', () => {
  test.each([
    ['confluent', '00 00000007 0a', [['0a', 'schema id 7']]],
    ['apicurio8', '00 0000000000000007 0a', [['0a', 'schema id 7']]],
    ['single-object', `c301 ${fingerprint64(json)} 0a`, [['0a', 'file.avsc']]],
    ['bare', '0a', [['0a', 'bare.avsc']]],
    ['bare', '', [['', 'bare.avsc']]],
    [
      'bare-many',
      '0a 0c 8002',
      [
        ['0a', 'bare.avsc'],
        ['0c', 'bare.avsc'],
        ['8002', 'bare.avsc'],
      ],
    ],
  ])('in a %s frame: %s', (framing, value, wanted) => {
    expect(found(framing, value)).toEqual(wanted);
    const text = Buffer.from(value.replaceAll(' ', ''), 'hex').toString('base64');
    expect(found(`${framing}+base64`, Buffer.from(text))).toEqual(wanted);
    expect(found(`${framing}+base64`, Buffer.from(`${text}\n`))).toEqual(wanted);
  });

  test('of a schema that is not there yet names the id', () => {
    expect(found('confluent', '00 00000009 0a')).toBe(9);
    expect(found('apicurio8', '00 0000000100000000 0a')).toBe(2 ** 32);
  });

  test('of a schema that is nowhere is unreadable for that reason', () => {
    expect(found('confluent', '00 00000008 0a')).toEqual(['schema id 8 is nowhere']);
  });
});

describe('a container file in a message', () => {
  const text = JSON.stringify(json);
  const datums = [Buffer.from([0x0a]), Buffer.from([0x80, 0x02])];
  const whole = container(text, ...datums);
  const own = "a container's own schema";

  test('holds its datums, with the schema of its header', () => {
    expect(found('ocf', whole)).toEqual([
      ['0a', own],
      ['8002', own],
    ]);
  });

  test.each([
    ['deflate', deflateRawSync],
    ['zstandard', zstdCompressSync],
    ['snappy', snappyBlock],
  ])('may be compressed: %s', (codec, pack) => {
    expect(found('ocf', packed(text, codec, pack(Buffer.concat(datums))))).toHaveLength(2);
  });

  test.each(['bzip2', 'xz', 'toString'])('of codec %s says which can be read', (codec) => {
    expect(found('ocf', packed(text, codec, Buffer.from('x')))).toEqual([
      `the value is not a container file: in its header: the codec is ${codec}; ` +
        'null, deflate, snappy, zstandard are supported: write the file again with one of these',
    ]);
  });

  test('whose snappy block was changed is refused by its CRC-32', () => {
    const block = snappyBlock(Buffer.concat(datums));
    block.writeUInt8(block.at(-1)! ^ 1, block.length - 1);
    const [fault] = found('ocf', packed(text, 'snappy', block)) as string[];
    expect(fault).toMatch(/in block 1, at octet \d+: Snappy: the CRC-32 does not match$/);
  });

  test('may be followed by another with a schema of its own', () => {
    const other = JSON.stringify({ ...json, fields: [{ name: 'm', type: 'long' }] });
    const value = Buffer.concat([whole, container(other, Buffer.from([0x02]))]);
    expect(found('ocf', value)).toEqual([
      ['0a', own],
      ['8002', own],
      ['02', own],
    ]);
  });

  test('that another one with a damaged header follows gives its events', () => {
    const value = Buffer.concat([whole, whole.subarray(0, 30)]);
    expect(found('ocf', value)).toEqual([
      ['0a', own],
      ['8002', own],
      `the container in the value is damaged: in block 2, at octet ${whole.length}: the datum is cut short`,
    ]);
  });

  test('that unpacks to more than a message may have is refused, and not unpacked', () => {
    const bomb = deflateRawSync(Buffer.alloc(10_000_000));
    const [fault] = found('ocf', packed(text, 'deflate', bomb), undefined, 100_000) as string[];
    expect(fault).toMatch(/is damaged: in block 1, at octet \d+: .*(larger|more)/i);
  });

  test('that is broken in its second block gives its first one', () => {
    const second = Buffer.concat([whole, Buffer.from([0x04, 0x04, 0x0a]), Buffer.alloc(16, 0x5a)]);
    expect(found('ocf', second)).toEqual([
      ['0a', own],
      ['8002', own],
      expect.stringContaining(`in block 2, at octet ${whole.length}: `),
    ]);
  });

  test.each([
    ['4f626a01', 'in its header: the datum is cut short'],
    ['00', 'in its header: the datum is cut short'],
    ['00000000 00', 'in its header: it does not begin with "Obj"'],
  ])('%s is none', (value, problem) => {
    expect(found('ocf', value)).toEqual([`the value is not a container file: ${problem}`]);
  });
});

describe('a value that is framed otherwise says what it looks like', () => {
  test.each([
    ['', ': it is empty'],
    [
      'c301 0011223344556677 00',
      ': it looks like a single-object frame; if so, set AVRO_FRAMING=si',
    ],
    ['4f626a01 00', ': it looks like a container file; if so, set AVRO_FRAMING=ocf'],
    [
      '03 00 00112233445566778899aabbccddeeff 02',
      ': it looks like an AWS Glue frame, which is not supported; re-encode the topic',
    ],
    ['03 05 00112233445566778899aabbccddeeff 02', ': it looks like an AWS Glue frame'],
    [Buffer.from(' {"n": 5}').toString('hex'), ': it looks like JSON text, which is not Avro data'],
    [Buffer.from('AAAAAAcKAAAAAAcKAAAA').toString('hex'), ': it looks like base64 text'],
    ['0a', ': it begins with 0x0a; AVRO_FRAMING may be wrong'],
    ['00 0007', ': it looks like a frame; if so, set AVRO_FRAMING=confluent or apicurio8'],
  ])('%s', (value, hint) => {
    const [problem] = found('confluent', value) as string[];
    expect(problem).toContain(`the value is not a confluent frame${hint}`);
  });

  test('and an id in a header is named', () => {
    const headers = { __value_schema_id: Buffer.from('0100', 'hex') };
    expect(found('confluent', '0a', headers)).toEqual([
      'the value is not a confluent frame: its schema id is in the header __value_schema_id, which is ' +
        'not supported; let the producer write it before the datum',
    ]);
  });

  test.each(['8a', '"AAAA"', 'AA+_', 'A=AA'])('base64 that is none: %s', (text) => {
    const [problem] = found('bare+base64', Buffer.from(`${text}\0`)) as string[];
    expect(problem).toMatch(/^the value is not base64 text/);
  });
});

test('a message longer than allowed is refused before it is looked at', () => {
  expect(found('bare-many', Buffer.alloc(11), undefined, 10)).toEqual([
    'the message has 11 bytes, AVRO_MESSAGE_BYTES allows 10; raise it',
  ]);
});

test('a fingerprint that no file has is named', () => {
  expect(found('single-object', 'c301 0011223344556677 0a')).toEqual([
    'no schema has the fingerprint 0011223344556677; add its file to AVRO_SCHEMA_FILE',
  ]);
});

test('datums one after the other stand up to the one that is broken', () => {
  const cut = 'datum 1 at octet 1: at n: the datum is cut short; the datums after it are not read';
  expect(found('bare-many', '0a 80')).toEqual([['0a', 'bare.avsc'], cut]);
});

test('an id below 0 is none', () => {
  expect(found('confluent', '00 ffffffff 0a')[0 as never]).toContain('-1 is not a schema id');
});

// snappy => Snappy's block, CRC-32 (big-endian) of what comes out
function snappyBlock(octets: Buffer): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(octets));
  return Buffer.concat([compressSync(octets), sum]);
}

function packed(schema: string, codec: string, data: Buffer): Buffer {
  const sync = Buffer.alloc(16, 0x5a);
  const text = (octets: Buffer | string) => {
    const bytes = Buffer.from(octets as string);
    return Buffer.concat([zigzag(bytes.length), bytes]);
  };
  return Buffer.concat([
    ...[Buffer.from('Obj\x01', 'latin1'), zigzag(2), text('avro.schema'), text(schema)],
    ...[text('avro.codec'), text(codec), zigzag(0), sync],
    ...[zigzag(2), zigzag(data.length), data, sync],
  ]);
}

function zigzag(value: number): Buffer {
  const octets: number[] = [];
  let rest = value * 2;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) octets.push((rest & 0x7f) | 0x80);
  return Buffer.from([...octets, rest]);
}
