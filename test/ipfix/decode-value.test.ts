// Values typed by hand from the definitions of their types (RFC 7011 §6, §7; RFC 7373).

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Decoder } from '../../src/ipfix/decoder.ts';
import { hex } from '../support/events/hex.ts';
import { message } from '../vectors/rfc7011-appendix-a.ts';

/** One Template (256) of one field, one Data Record of these octets: the value decoded. */
function valueOf(id: number, octets: Buffer, fieldLength = octets.length): unknown {
  const specifier = Buffer.alloc(4);
  specifier.writeUInt16BE(id, 0);
  specifier.writeUInt16BE(fieldLength, 2);
  const template = Buffer.concat([hex`0002 000c 0100 0001`, specifier]);
  const set = Buffer.concat([hex`0100 0000`, octets]);
  set.writeUInt16BE(set.length, 2);
  return new Decoder().decode(message([template, set])).records[0]?.values[0]?.value;
}

test('A.5.1 and A.5.2 give variable lengths of 5 and of 1000 octets', () => {
  expect(valueOf(82, hex`05 68656c6c6f`, 65535)).toBe('hello');
  const long = Buffer.concat([hex`ff 03e8`, Buffer.alloc(1000, 'x')]);
  expect(valueOf(82, long, 65535)).toBe('x'.repeat(1000));
  expect(valueOf(82, hex`ff 0002 6869`, 65535)).toBe('hi');
});

test('integers are numbers while exact, and bigints beyond', () => {
  expect(valueOf(4, hex`ff`)).toBe(255);
  expect(valueOf(1, hex`001fffffffffffff`)).toBe(Number.MAX_SAFE_INTEGER);
  expect(valueOf(1, hex`0020000000000000`)).toBe(2n ** 53n);
  expect(valueOf(1, hex`ffffffffffffffff`)).toBe(2n ** 64n - 1n);
  expect(valueOf(515, hex`0a`)).toBe(10n);
  expect(valueOf(515, Buffer.alloc(32, 0xff))).toBe(2n ** 256n - 1n);
});

test('integers of reduced size keep their value and sign', () => {
  expect(valueOf(1, hex`010203`)).toBe(0x010203);
  expect(valueOf(1, hex`0102030405`)).toBe(0x0102030405);
  expect(valueOf(434, hex`ffffff85`)).toBe(-123);
  expect(valueOf(434, hex`85`)).toBe(-123);
});

test('floats, booleans, and a boolean that is neither', () => {
  expect(valueOf(311, hex`3ff8000000000000`)).toBe(1.5);
  expect(valueOf(311, hex`3fc00000`)).toBe(1.5);
  expect(valueOf(276, hex`01`)).toBe(true);
  expect(valueOf(276, hex`02`)).toBe(false);
  expect(valueOf(276, hex`00`)).toBeNull();
});

test('addresses are text', () => {
  expect(valueOf(56, hex`00005e0053ff`)).toBe('00:00:5e:00:53:ff');
  expect(valueOf(8, hex`c0000201`)).toBe('192.0.2.1');
});

test.each([
  ['20010db8000000000000000000000001', '2001:db8::1'],
  ['20010db8000000010000000000000001', '2001:db8:0:1::1'],
  ['20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
  ['20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
  ['00000000000000000000000000000000', '::'],
  ['00000000000000000000000000000001', '::1'],
  ['20010db8000000000000000000000000', '2001:db8::'],
  ['00000000000000000000ffffc0000201', '::ffff:192.0.2.1'],
])('IPv6 address %s is %s, as RFC 5952 asks', (octets, text) => {
  expect(valueOf(27, Buffer.from(octets, 'hex'))).toBe(text);
});

test('strings are UTF-8, and ill-formed ones are ignored', () => {
  expect(valueOf(82, hex`05 6574c3a930`, 65535)).toBe('eté0');
  expect(valueOf(82, hex`00`, 65535)).toBe('');
  expect(valueOf(82, hex`02 c328`, 65535)).toBeNull();
  expect(valueOf(313, hex`00ff10`)).toBe('00ff10');
});

test('times have as many decimals as their type', () => {
  expect(valueOf(150, hex`6a6de240`)).toBe('2026-08-01T12:10:40');
  expect(valueOf(152, hex`0000019fbd3bca7b`)).toBe('2026-08-01T12:10:40.123');
  expect(valueOf(152, hex`0000000000000001`)).toBe('1970-01-01T00:00:00.001');
  expect(valueOf(152, hex`ffffffffffffffff`)).toBe(2n ** 64n - 1n);
  // NTP's 2,208,988,800 (0x83aa7e80) is 1970; half a second is 0x80000000.
  expect(valueOf(154, hex`83aa7e80 80000000`)).toBe('1970-01-01T00:00:00.500000');
  expect(valueOf(156, hex`83aa7e80 80000000`)).toBe('1970-01-01T00:00:00.500000000');
  expect(valueOf(156, hex`83aa7e80 ffffffff`)).toBe('1970-01-01T00:00:01.000000000');
  // The era that begins on 7 February 2036.
  expect(valueOf(156, hex`00000000 00000000`)).toBe('2036-02-07T06:28:16.000000000');
});

test('any microsecond or nanosecond comes back, however its fraction was rounded', () => {
  const fractions = [
    { id: 154, unit: 1_000_000n, step: 2048n },
    { id: 156, unit: 1_000_000_000n, step: 1n },
  ];
  for (const { id, unit, step } of fractions) {
    const decimal = fc.bigInt({ min: 0n, max: unit - 1n });
    fc.assert(
      fc.property(decimal, fc.boolean(), (value, up) => {
        const exact = value << 32n;
        const down = exact / (unit * step);
        const rounded = (up && exact % (unit * step) > 0n ? down + 1n : down) * step;
        fc.pre(rounded < 2n ** 32n);
        const octets = Buffer.alloc(8);
        octets.writeBigUInt64BE((0x83aa7e80n << 32n) | rounded);
        expect(valueOf(id, octets)).toMatch(new RegExp(`\\.0*${value}$`));
      }),
      { numRuns: 300 },
    );
  }
});

test('unassigned elements are hexadecimal', () => {
  expect(valueOf(32000, hex`0102`)).toBe('0102');
});
