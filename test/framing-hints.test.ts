// What a message that is no bare datum is taken for, and that a bare one is taken for nothing else.

import { expect, test } from 'vitest';
import { bareLooksLike, looksLike } from '../src/framing-hints.ts';

const octetsOf = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const never = (): boolean => false;

test.each([
  ['00 00000007 0a', 5, 'a Confluent frame with schema id 7; if so, set AVRO_FRAMING=confluent'],
  ['00 7fffffff', 5, 'a Confluent frame with schema id 2147483647; if so, set AVRO_FRAMING=conf'],
  [
    '00 0000000000000009 0a',
    9,
    'an Apicurio frame with schema id 9; if so, set AVRO_FRAMING=apicurio8',
  ],
  ['00 0000000100000000 0a', 9, 'an Apicurio frame with schema id 4294967296; if so, set'],
])('a frame whose rest can be read is named with its id: %s', (hex, head, text) => {
  expect(bareLooksLike(octetsOf(hex), (from) => from === head)).toContain(`it looks like ${text}`);
});

test('a frame whose rest cannot be read may be one, if a registry could have the id', () => {
  expect(bareLooksLike(octetsOf('00 0000 0107 0a'), never)).toBe(
    'it may be a Confluent frame with schema id 263; if so, set AVRO_FRAMING=confluent',
  );
  for (const hex of [
    '00 00000000 0a',
    '00 ffffffff 0a',
    '00 01000000 0a',
    '00 0007',
    '02 00000007',
  ]) {
    expect(bareLooksLike(octetsOf(hex), never)).toBeUndefined();
  }
});

test.each([
  ['{"ip": "192.0.2.1"}', 'JSON text'],
  [' \n[{"n": 1}]', 'JSON text'],
  ['{}', 'JSON text'],
  ['Obj\x01\x04', 'a container file; if so, set AVRO_FRAMING=ocf'],
  ['\xc3\x0112345678', 'a single-object frame; if so, set AVRO_FRAMING=single-object'],
  [`\x03\0${'u'.repeat(16)}`, 'an AWS Glue frame, which is not supported'],
  ['AAAAAAcKAAAAAAcKAA==', 'base64 text'],
])('%j looks the same whatever it was taken for', (text, what) => {
  const octets = Buffer.from(text, 'latin1');
  expect(looksLike(octets)).toContain(`it looks like ${what}`);
  expect(bareLooksLike(octets, never)).toBe(looksLike(octets));
});

test.each(['', '\x02a', '[x', '{x', 'H550e8400-e29b-41d4-a716-446655440000\x02', '\x03\0'])(
  '%j looks like nothing known',
  (text) => expect(bareLooksLike(Buffer.from(text, 'latin1'), never)).toBeUndefined(),
);
