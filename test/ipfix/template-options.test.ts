// Options Templates: RFC 7011's own octets, the Messages they go out in, and what is refused.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decoder } from '../../src/ipfix/decoder.ts';
import { elementByName, type InformationElement } from '../../src/ipfix/information-element.ts';
import {
  optionsTemplateRecordOctets,
  type Template,
  templateMessages,
  writeOptionsTemplateRecord,
} from '../../src/ipfix/template.ts';
import { hex } from '../support/events/hex.ts';
import * as appendix from '../vectors/rfc7011-appendix-a.ts';

const field = (name: string, length: number) => ({ element: elementByName(name)!, length });
const enterprise = (id: number): InformationElement => ({
  ...elementByName('lineCardId')!,
  id,
  enterpriseNumber: 32473,
});
const counts = [
  field('exportedMessageTotalCount', 2),
  field('exportedFlowRecordTotalCount', 2),
] as const;

const options = (id: number, fields: Template['fields'], scopeFieldCount = 1): Template => ({
  id,
  fields,
  scopeFieldCount,
});

const lineCards = options(258, [field('lineCardId', 4), ...counts]);

describe('RFC 7011 Appendix A.4', () => {
  // The appendix pads its Sets by two octets; no padding is sent here, and its Length is 2 less.
  const withoutPadding = (set: Buffer) => {
    const shorter = Buffer.from(set.subarray(0, -2));
    shorter.writeUInt16BE(shorter.length, 2);
    return shorter;
  };
  const cases: [string, Template, Buffer][] = [
    ["A.4.1: of IANA's elements", lineCards, appendix.optionsTemplateSet],
    [
      'A.4.2: with an enterprise element',
      options(259, [field('lineCardId', 4), counts[0], { element: enterprise(42), length: 4 }]),
      appendix.enterpriseOptionsTemplateSet,
    ],
    [
      'A.4.3: with an enterprise element as its scope',
      options(260, [{ element: enterprise(123), length: 4 }, ...counts]),
      appendix.enterpriseScopeTemplateSet,
    ],
  ];

  test.each(cases)('%s', (_, template, set) => {
    const [message, ...more] = templateMessages([template], 484);
    expect(message!.subarray(16)).toEqual(withoutPadding(set));
    expect(more).toEqual([]);
  });
});

describe('an Options Template', () => {
  test('has at least one Scope Field, and no more than it has fields', () => {
    for (const scope of [0, 4]) {
      expect(() => templateMessages([{ ...lineCards, scopeFieldCount: scope }], 484)).toThrow(
        `${scope} Scope Fields among 3 fields`,
      );
    }
    expect(templateMessages([{ ...lineCards, scopeFieldCount: 3 }], 484)).toHaveLength(1);
  });

  test('takes the octets it says it takes', () => {
    const { id, fields } = lineCards;
    const written = writeOptionsTemplateRecord(Buffer.alloc(99), 10, id, fields, 1) - 10;
    expect(written).toBe(optionsTemplateRecordOctets(fields));
    expect(written).toBe(6 + 3 * 4);
  });

  test('has a Set and a Message to itself, wherever it stands among others', () => {
    const flow = (id: number): Template => ({ id, fields: [field('octetDeltaCount', 8)] });
    const kinds = fc.array(fc.boolean(), { maxLength: 12 });
    fc.assert(
      fc.property(kinds, (areOptions) => {
        const given = areOptions.map((isOptions, i) =>
          isOptions ? { ...lineCards, id: 256 + i } : flow(256 + i),
        );
        const decoder = new Decoder();
        const messages = templateMessages(given, 484).map((octets) => ({
          setId: octets.readUInt16BE(16),
          setLength: octets.readUInt16BE(18),
          octets: octets.length,
          templates: decoder.decode(octets).templates,
        }));
        for (const { setId, setLength, octets, templates } of messages) {
          expect(setLength).toBe(octets - 16);
          expect(templates.every((template) => template.options === (setId === 3))).toBe(true);
          if (setId === 3) expect(templates).toHaveLength(1);
        }
        const told = messages.flatMap(({ templates }) => templates.map((t) => t.templateId));
        expect(told).toEqual(given.map(({ id }) => id));
      }),
    );
  });

  test('is read by the decoder with its scope', () => {
    const [message] = templateMessages([options(300, lineCards.fields, 2)], 484);
    const [read] = new Decoder().decode(message!).templates;
    expect(read!.fields.map(({ scope }) => scope)).toEqual([true, true, false]);
    expect(message!.subarray(16, 26)).toEqual(hex`0003 0016 012c 0003 0002`);
  });
});
