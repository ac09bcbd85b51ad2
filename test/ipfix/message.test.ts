// The tutorial: how a Message comes to be, octet by octet, as the pipeline writes it.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encoderFor } from '../../src/ipfix/abstract-type.ts';
import { Decoder } from '../../src/ipfix/decoder.ts';
import { elementByName } from '../../src/ipfix/information-element.ts';
import {
  messageHeaderOctets,
  setHeaderOctets,
  templateSetId,
  writeMessageHeader,
  writeSetHeader,
} from '../../src/ipfix/message.ts';
import { type FieldSpecifier, writeTemplateRecord } from '../../src/ipfix/template.ts';
import { hex } from '../support/events/hex.ts';

const field = (name: string, length: number): FieldSpecifier => ({
  element: elementByName(name)!,
  length,
});
const fields = [field('sourceIPv4Address', 4), field('octetDeltaCount', 8)];

describe('a walk through one Message', () => {
  const message = Buffer.alloc(52);

  test('1. the headers are left open: their lengths are known last', () => {
    expect(messageHeaderOctets).toBe(16);
    expect(setHeaderOctets).toBe(4);
  });

  test('2. a Template says what Data Records will look like', () => {
    const end = writeTemplateRecord(message, 20, 256, fields);
    expect(end).toBe(32);
    expect(message.subarray(20, end)).toEqual(hex`
      0100 0002  // Template ID 256, Field Count 2
      0008 0004  // sourceIPv4Address, 4 octets
      0001 0008  // octetDeltaCount, 8 octets
    `);
  });

  test('3. the Template Set is closed by its header', () => {
    writeSetHeader(message, 16, templateSetId, 32 - 16);
    expect(message.subarray(16, 20)).toEqual(hex`0002 0010  // Set ID 2, Length 16`);
  });

  test('4. a Data Record is its values and nothing else', () => {
    let at = encoderFor(fields[0]!)!(Buffer.from([192, 0, 2, 12]), message, 36);
    at = encoderFor(fields[1]!)!(5_344_385, message, at);
    expect(at).toBe(48);
    expect(message.subarray(36, at)).toEqual(hex`
      c000020c          // 192.0.2.12
      0000000000518c81  // 5344385
    `);
  });

  test('5. the Data Set is closed by its header, whose Set ID is the Template ID', () => {
    writeSetHeader(message, 32, 256, 48 - 32);
    expect(message.subarray(32, 36)).toEqual(hex`0100 0010  // Set ID 256, Length 16`);
  });

  test('6. the Message Header is written when the Message leaves', () => {
    writeMessageHeader(message, 48, 1_785_585_600, 7, 257);
    expect(message.subarray(0, 16)).toEqual(hex`
      000a      // Version 10
      0030      // Length 48, this header included
      6a6ddfc0  // Export Time: 2026-08-01T12:00:00Z
      00000007  // Sequence Number: 7 Data Records went before
      00000101  // Observation Domain ID 257
    `);
  });

  test('7. a collector reads it all back', () => {
    const { records, templates, ...header } = new Decoder().decode(message.subarray(0, 48));
    expect(header).toMatchObject({ length: 48, sequenceNumber: 7, observationDomainId: 257 });
    expect(templates.map(({ templateId }) => templateId)).toEqual([256]);
    expect(records.map(({ values }) => values.map(({ value }) => value))).toEqual([
      ['192.0.2.12', 5_344_385],
    ]);
  });
});

describe('the Message Header', () => {
  test('takes Export Time and Sequence Number mod 2^32', () => {
    const header = Buffer.alloc(16);
    writeMessageHeader(header, 16, 2 ** 32 + 5, 2 ** 32 + 6, 0xffff_ffff);
    expect(header).toEqual(hex`000a 0010 00000005 00000006 ffffffff`);
  });

  test('touches no octet behind it, and holds whatever it is given', () => {
    const word = fc.integer({ min: 0, max: 0xffff_ffff });
    const length = fc.integer({ min: 16, max: 65_535 });
    fc.assert(
      fc.property(length, word, word, word, (octets, time, sequence, domain) => {
        const target = Buffer.alloc(20, 0xee);
        writeMessageHeader(target, octets, time, sequence, domain);
        const found = [2, 4].map((at) => target.readUIntBE(at, at));
        expect([...found, target.readUInt32BE(8), target.readUInt32BE(12)]).toEqual([
          octets,
          time,
          sequence,
          domain,
        ]);
        expect(target.subarray(16)).toEqual(hex`eeeeeeee`);
      }),
    );
  });

  test('refuses a length that its field cannot hold', () => {
    expect(() => writeMessageHeader(Buffer.alloc(16), 65_536, 0, 0, 0)).toThrow(RangeError);
    expect(() => writeSetHeader(Buffer.alloc(4), 0, 256, 65_536)).toThrow(RangeError);
  });
});
