import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decoder } from '../../src/ipfix/decoder.ts';
import {
  elementByName,
  ianaRegistry,
  type InformationElement,
} from '../../src/ipfix/information-element.ts';
import {
  type FieldSpecifier,
  fixedOctets,
  type Template,
  templateMessages,
  templateRecordOctets,
  variableLength,
  writeTemplateRecord,
} from '../../src/ipfix/template.ts';
import { hex } from '../support/events/hex.ts';
import * as appendix from '../vectors/rfc7011-appendix-a.ts';

const enterpriseElement: InformationElement = {
  ...elementByName('octetDeltaCount')!,
  id: 15,
  name: 'proprietary',
  enterpriseNumber: 32473,
};

const specifier = (name: string, length = 4): FieldSpecifier => ({
  element: name === 'proprietary' ? enterpriseElement : elementByName(name)!,
  length,
});

function template(id: number, third: string): Template {
  const names = ['sourceIPv4Address', 'destinationIPv4Address', third, 'packetDeltaCount'];
  return { id, fields: [...names, 'octetDeltaCount'].map((name) => specifier(name)) };
}

/** The Sets behind the Message Header. */
const sets = (message: Buffer) => message.subarray(16);

describe('RFC 7011 Appendix A.2', () => {
  test("A.2.1: a Template Set of IANA's elements", () => {
    const [message, ...more] = templateMessages([template(256, 'ipNextHopIPv4Address')], 1472);
    expect(sets(message!)).toEqual(appendix.templateSet);
    expect(more).toEqual([]);
  });

  test('A.2.2: the enterprise bit, and the enterprise number behind the length', () => {
    const [message] = templateMessages([template(257, 'proprietary')], 1472);
    expect(sets(message!)).toEqual(appendix.enterpriseTemplateSet);
  });

  test('both in one Template Set, one after the other', () => {
    const both = [template(256, 'ipNextHopIPv4Address'), template(257, 'proprietary')];
    const [message] = templateMessages(both, 1472);
    expect(message).toEqual(
      Buffer.concat([
        hex`000a 0048 00000000 00000000 00000000  // Length 72; the rest is written last`,
        hex`0002 0038                             // Set ID 2, Length 56`,
        appendix.templateSet.subarray(4),
        appendix.enterpriseTemplateSet.subarray(4),
      ]),
    );
  });
});

test('a Template Record takes the octets it says it takes', () => {
  const { fields } = template(257, 'proprietary');
  expect(templateRecordOctets(fields)).toBe(4 + 4 * 4 + 8);
  expect(writeTemplateRecord(Buffer.alloc(99), 10, 257, fields)).toBe(10 + 28);
  expect(templateRecordOctets([])).toBe(4);
});

test('the least octets of a Data Record count one for each length of a variable field', () => {
  const fields = [specifier('octetDeltaCount', 8), specifier('applicationName', variableLength)];
  expect(fixedOctets(fields)).toBe(9);
  expect(fixedOctets([])).toBe(0);
});

describe('Template Messages', () => {
  const element = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...ianaRegistry) },
    { weight: 1, arbitrary: fc.constant(enterpriseElement) },
  );
  const length = fc.constantFrom(1, 2, 4, 8, 16, variableLength);
  const layout = fc.array(fc.record({ element, length }), { minLength: 1, maxLength: 40 });
  const templates = fc
    .array(layout, { maxLength: 30 })
    .map((layouts) => layouts.map((fields, i) => ({ id: 256 + i * 7, fields })));
  // The longest Template here has 324 octets, so it fits the least limit.
  const limit = fc.integer({ min: 20 + 324, max: 1472 });

  test('hold every Template once and in order, and none is longer than the limit', () => {
    fc.assert(
      fc.property(templates, limit, (given, octetsMax) => {
        const messages = templateMessages(given, octetsMax);
        const records: Buffer[] = [];
        for (const message of messages) {
          expect(message.length).toBeLessThanOrEqual(octetsMax);
          expect(message.readUInt16BE(2)).toBe(message.length);
          expect(message.subarray(16, 18)).toEqual(hex`0002`);
          expect(message.readUInt16BE(18)).toBe(message.length - 16);
          records.push(message.subarray(20));
        }
        expect(Buffer.concat(records)).toEqual(Buffer.concat(given.map(naiveRecord)));
      }),
    );
  });

  test('hold as many Templates as are allowed, where a program reads only the first ones', () => {
    fc.assert(
      fc.property(templates, fc.integer({ min: 1, max: 3 }), (given, templatesMax) => {
        const messages = templateMessages(given, 65_535, templatesMax);
        expect(messages).toHaveLength(Math.ceil(given.length / templatesMax));
        const records = messages.map((message) => message.subarray(20));
        expect(Buffer.concat(records)).toEqual(Buffer.concat(given.map(naiveRecord)));
      }),
    );
  });

  test('are as few as they can be, in this order', () => {
    fc.assert(
      fc.property(templates, limit, (given, octetsMax) => {
        let count = 0;
        let room = 0;
        for (const octets of given.map((t) => naiveRecord(t).length)) {
          if (octets > room) {
            count += 1;
            room = octetsMax - 20;
          }
          room -= octets;
        }
        expect(templateMessages(given, octetsMax)).toHaveLength(count);
      }),
    );
  });

  test('split exactly where the next Template no longer fits', () => {
    const two = [template(256, 'ipNextHopIPv4Address'), template(257, 'ipNextHopIPv4Address')];
    expect(templateMessages(two, 20 + 48)).toHaveLength(1);
    expect(templateMessages(two, 20 + 47)).toHaveLength(2);
  });

  test('of no Template there is none', () => {
    expect(templateMessages([], 1472)).toEqual([]);
  });

  test('are read by the decoder, enterprise elements included', () => {
    const decoder = new Decoder({ elements: [enterpriseElement] });
    const [message] = templateMessages([template(300, 'proprietary')], 512);
    const [read] = decoder.decode(message!).templates;
    expect(read).toMatchObject({ templateId: 300, octetsMin: 20, variable: false });
    expect(read!.fields[2]).toMatchObject({ element: enterpriseElement, length: 4 });
  });
});

function naiveRecord({ id, fields }: Template): Buffer {
  const word = (n: number) => Buffer.from([n >> 8, n & 255]);
  const parts = fields.map(({ element, length }) => {
    if (element.enterpriseNumber === 0) return Buffer.concat([word(element.id), word(length)]);
    const number = Buffer.alloc(4);
    number.writeUInt32BE(element.enterpriseNumber);
    return Buffer.concat([word(0x8000 + element.id), word(length), number]);
  });
  return Buffer.concat([word(id), word(fields.length), ...parts]);
}
