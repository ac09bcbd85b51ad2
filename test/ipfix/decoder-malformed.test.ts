// Every way to cut or change a Message: it is decoded, or refused by the path to the fault.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DecodeError, Decoder } from '../../src/ipfix/decoder.ts';
import { hex } from '../support/events/hex.ts';
import * as appendix from '../vectors/rfc7011-appendix-a.ts';

const { appendixMessage, message } = appendix;

describe('a malformed Message', () => {
  test.each([
    [
      '15 octets',
      hex`000a 000f 00000000 00000000 000000`,
      '15 octets are too few for a Message Header',
    ],
    ['Version 9', hex`0009 0010 00000000 00000000 00000000`, 'Version is 9, not 10'],
    ['a Length beyond it', hex`000a 0011 00000000 00000000 00000000`, 'Length is 17, the Message'],
    [
      'a torn Set Header',
      message([hex`0100 00`]),
      'at octet 16: 3 octets are too few for a Set Header',
    ],
    ['a Set Length of 3', message([hex`0100 0003`]), 'in Set 256 at octet 16: Length is 3'],
    ['a Set beyond the end', message([hex`0100 0005`]), 'Length is 5, the Message has 4'],
    ['Template ID 255', message([hex`0002 000c 00ff 0001 0001 0004`]), 'begin at 256'],
    [
      'a torn Field Specifier',
      message([hex`0002 000a 0100 0001 0001`]),
      'inside a Field Specifier',
    ],
    [
      'a torn enterprise',
      message([hex`0002 000c 0100 0001 8001 0004`]),
      'inside a Field Specifier',
    ],
    ['a field of no octets', message([hex`0002 000c 0100 0001 0052 0000`]), 'Field Length is 0'],
    [
      'a 5-octet IPv4 address',
      message([hex`0002 000c 0100 0001 0008 0005`]),
      '5 octets are not ipv4',
    ],
    [
      'no Scope Field',
      message([hex`0003 000e 0100 0001 0000 0001 0004`]),
      'Scope Field Count is 0',
    ],
    [
      'two Scope Fields of one',
      message([hex`0003 000e 0100 0001 0002 0001 0004`]),
      '2 Scope Fields',
    ],
    [
      'a value beyond its Set',
      message([hex`0002 000c 0100 0001 0052 ffff`, hex`0100 0007 05 6869`]),
      'in Set 256 at octet 28: in record 1: in interfaceName: 5 octets needed, 2 are left',
    ],
  ])('with %s is refused by its path', (_, octets, path) => {
    const decoder = new Decoder();
    expect(() => decoder.decode(octets)).toThrow(DecodeError);
    expect(() => decoder.decode(octets)).toThrow(path);
  });

  test('carries the code IPFIX_DECODE', () => {
    expect(new DecodeError('x').code).toBe('IPFIX_DECODE');
  });

  test('leaves no Template behind', () => {
    const decoder = new Decoder();
    const octets = message([appendix.templateSet, hex`0100 0003`]);
    expect(() => decoder.decode(octets)).toThrow(DecodeError);
    expect(decoder.templates(1).size).toBe(0);
  });

  test('cut at any octet is refused, with and without a Length that agrees', () => {
    for (let length = 0; length < appendixMessage.length; length++) {
      const cut = Buffer.from(appendixMessage.subarray(0, length));
      expect(() => new Decoder().decode(cut)).toThrow(DecodeError);
      if (length < 4) continue;
      cut.writeUInt16BE(length, 2);
      decodeOrRefuse(cut);
    }
  });

  test('with any octets changed is decoded or refused, never anything else', () => {
    const change = fc.record({ at: fc.nat({ max: 151 }), octet: fc.nat({ max: 255 }) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        const changed = Buffer.from(appendixMessage);
        for (const { at, octet } of changes) changed[at] = octet;
        decodeOrRefuse(changed);
      }),
      { numRuns: 2000 },
    );
  });

  test('of any octets behind a good header is decoded or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => decodeOrRefuse(message([octets]))),
      { numRuns: 2000 },
    );
  });
});

function decodeOrRefuse(octets: Buffer): void {
  const decoder = new Decoder();
  try {
    const decoded = decoder.decode(octets);
    expect(decoded.records).toHaveLength(decoded.dataRecordCount);
  } catch (error) {
    expect(error).toBeInstanceOf(DecodeError);
  }
}
