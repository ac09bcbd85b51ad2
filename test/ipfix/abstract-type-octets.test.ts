// Addresses, strings and octet arrays; and every type read back by the decoder, which shares
// nothing with the encoder.

import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { variableOctets } from '../../src/ipfix/abstract-type.ts';
import { Decoder } from '../../src/ipfix/decoder.ts';
import { elementByName } from '../../src/ipfix/information-element.ts';
import { templateMessages, variableLength } from '../../src/ipfix/template.ts';
import { encoded, octets } from '../support/events/encoded.ts';
import { hex } from '../support/events/hex.ts';
import { message } from '../vectors/rfc7011-appendix-a.ts';

// Properties take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

describe('addresses', () => {
  test.each([
    ['macAddress', 6],
    ['ipv4Address', 4],
    ['ipv6Address', 16],
  ] as const)('%s is its %i octets as they are, and never of another length', (type, length) => {
    const address = Buffer.from(Array.from({ length }, (_, i) => 0xf0 + i));
    expect(octets(type, length, address)).toBe(address.toString('hex'));
    for (const wrong of [0, length - 1, length + 1, 32]) {
      expect(octets(type, length, Buffer.alloc(wrong))).toBe(
        `${wrong} octets; the field needs ${length} octets`,
      );
    }
    expect(octets(type, length, '192.0.2.1')).toContain(`the field needs ${length} octets`);
  });
});

describe('values that bring their own length (RFC 7011 §7)', () => {
  test.each([
    [0, '00'],
    [1, '01'],
    [254, 'fe'],
    [255, 'ff00ff'],
    [1000, 'ff03e8'],
    [65_535, 'ffffff'],
  ])('%i octets begin with %s', (length, prefix) => {
    const text = 'a'.repeat(length);
    const wanted = prefix + '61'.repeat(length);
    expect(octets('string', variableLength, text)).toBe(wanted);
    expect(octets('octetArray', variableLength, Buffer.from(text))).toBe(wanted);
    expect(variableOctets(text)).toBe(wanted.length / 2);
    expect(variableOctets(Buffer.from(text))).toBe(wanted.length / 2);
  });

  test('more octets than the length can say are refused', () => {
    for (const text of ['a'.repeat(65_536), 'é'.repeat(32_768), '€'.repeat(21_846)]) {
      const value = Buffer.from(text);
      const refusal = `${value.length} octets are more than a field can have`;
      expect(octets('string', variableLength, text)).toBe(refusal);
      expect(octets('octetArray', variableLength, value)).toBe(refusal);
    }
  });

  test('the length is in octets of UTF-8, not in characters', () => {
    expect(octets('string', variableLength, 'é€😀')).toBe(
      `09${hex`c3a9 e282ac f09f9880`.toString('hex')}`,
    );
    expect(variableOctets('é€😀')).toBe(10);
    expect(variableOctets('é'.repeat(127))).toBe(255);
    expect(variableOctets('é'.repeat(128))).toBe(259);
  });

  test('half of a surrogate pair is refused: it has no UTF-8', () => {
    for (const text of ['\ud800', 'a\udc00b', '\udc00\ud800']) {
      expect(octets('string', variableLength, text)).toBe(
        'a string that is not well-formed Unicode',
      );
    }
  });

  test('another kind of value is refused', () => {
    expect(octets('string', variableLength, Buffer.from('a'))).toBe('1 octets is not a string');
    expect(octets('octetArray', variableLength, 'a')).toBe('"a" is not octets');
    expect(octets('octetArray', 3, Buffer.alloc(3, 7))).toBe('070707');
  });
});

/** What the decoder makes of one value, or "refused". */
function readBack(name: string, length: number, value: unknown): unknown {
  const element = elementByName(name)!;
  const found = encoded(element, length, value);
  if (typeof found === 'string') return 'refused';
  const decoder = new Decoder();
  decoder.decode(templateMessages([{ id: 999, fields: [{ element, length }] }], 512)[0]!, '');
  const set = Buffer.concat([hex`03e7 0000`, found]);
  set.writeUInt16BE(set.length, 2);
  const read = decoder.decode(message([set], { observationDomainId: 0 }));
  expect(read.paddingOctets).toBe(0);
  return read.records[0]!.values[0]!.value;
}

describe('whatever is given, the decoder reads it back, or it was refused', () => {
  const int64 = fc.bigInt({ min: -(2n ** 63n) - 9n, max: 2n ** 64n - 1n });
  /** A small number in its lowest 64 bits, and more above them. */
  const beyond64 = fc
    .tuple(fc.integer({ min: -9, max: 70_000 }), fc.integer({ min: -9, max: 9 }))
    .map(([low, turns]) => BigInt(low) + BigInt(turns) * 2n ** 64n);
  const number = fc.oneof(
    fc.integer({ min: -70_000, max: 70_000 }),
    fc.maxSafeInteger(),
    fc.double(),
    int64,
    beyond64,
  );
  const isWhole = (value: number | bigint) => typeof value === 'bigint' || Number.isInteger(value);

  test.each([
    ['octetDeltaCount', 8, 0n, 2n ** 64n - 1n],
    ['octetDeltaCount', 4, 0n, 2n ** 32n - 1n],
    ['octetDeltaCount', 2, 0n, 2n ** 16n - 1n],
    ['ingressInterface', 4, 0n, 2n ** 32n - 1n],
    ['ingressInterface', 3, 0n, 2n ** 24n - 1n],
    ['sourceTransportPort', 2, 0n, 65_535n],
    ['protocolIdentifier', 1, 0n, 255n],
    ['sourceIPv4PrefixLength', 1, 0n, 32n],
    ['mibObjectValueInteger', 4, -(2n ** 31n), 2n ** 31n - 1n],
    ['mibObjectValueInteger', 3, -(2n ** 23n), 2n ** 23n - 1n],
  ] as const)('%s in %i octets', (name, length, low, high) => {
    fc.assert(
      fc.property(number, (value) => {
        const read = readBack(name, length, value);
        const fits =
          isWhole(value) &&
          (typeof value === 'bigint' || Number.isSafeInteger(value)) &&
          BigInt(value) >= low &&
          BigInt(value) <= high;
        if (!fits) expect(read).toBe('refused');
        else expect(BigInt(read as number | bigint)).toBe(BigInt(value));
      }),
    );
  });

  test('strings of any characters and length', () => {
    const text = fc.string({ unit: 'binary', maxLength: 600 });
    fc.assert(fc.property(text, (value) => readBack('applicationName', 65_535, value) === value));
  });

  test('octet arrays of any length', () => {
    const array = fc.uint8Array({ maxLength: 600 });
    const asHex = (value: Uint8Array) => Buffer.from(value).toString('hex');
    fc.assert(
      fc.property(array, (value) => readBack('applicationId', 65_535, value) === asHex(value)),
    );
  });

  test('IPv4 and MAC addresses', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), (value) => {
        const ipv4 = value.length === 4 ? value.join('.') : 'refused';
        expect(readBack('sourceIPv4Address', 4, value)).toBe(ipv4);
        const mac = Array.from(value, (octet) => octet.toString(16).padStart(2, '0')).join(':');
        expect(readBack('sourceMacAddress', 6, value)).toBe(value.length === 6 ? mac : 'refused');
      }),
    );
  });

  test('floating-point numbers of 8 octets, and of 4 where they hold the value', () => {
    fc.assert(
      fc.property(fc.double(), fc.float(), (double, float) => {
        expect(readBack('samplingProbability', 8, double)).toBe(double);
        const single = Buffer.from(new Float32Array([float]).buffer).reverse();
        expect(octets('float32', 4, float)).toBe(single.toString('hex'));
        const isBeyond = Math.abs(double) >= 2 ** 128 - 2 ** 103 && Math.abs(double) < Infinity;
        expect(octets('float32', 4, double).endsWith('does not fit float32')).toBe(isBeyond);
      }),
    );
  });
});
