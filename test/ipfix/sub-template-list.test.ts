// subTemplateList and subTemplateMultiList octet by octet, where RFC 6313's own examples do not reach.

import { describe, expect, test } from 'vitest';
import { basicListField } from '../../src/ipfix/basic-list.ts';
import { EncodeError } from '../../src/ipfix/encode-error.ts';
import type { FieldEncoder, ListOptions } from '../../src/ipfix/field-encoder.ts';
import { elementByName } from '../../src/ipfix/information-element.ts';
import {
  type SubTemplate,
  subTemplateListField,
  subTemplateMultiListField,
} from '../../src/ipfix/sub-template-list.ts';
import { fieldOf, writtenBy } from '../support/events/encoded.ts';

const element = (name: string) => elementByName(name)!;
const octets = (text: string): string => text.replaceAll(' ', '');

const ports: SubTemplate = {
  id: 300,
  fields: [fieldOf('sourceTransportPort', 2), fieldOf('protocolIdentifier', 1)],
};
const names: SubTemplate = { id: 301, fields: [fieldOf('applicationName')] };

describe('a subTemplateList', () => {
  const written = (records: unknown, options: ListOptions = {}, template = ports) =>
    writtenBy(
      subTemplateListField(element('subTemplateList'), template, {
        semantic: 'ordered',
        ...options,
      }),
      records,
    );

  test('has the semantic, the Template ID and the records, of any number', () => {
    expect(
      written([
        [80, 6],
        [53, 17],
      ]),
    ).toBe(octets('ff0009 04 012c 005006 003511'));
    expect(written([])).toBe(octets('ff0003 04 012c'));
  });

  test('of records that differ in length', () => {
    expect(written([['a'], ['']], {}, names)).toBe(octets('ff0006 04 012d 0161 00'));
  });

  test('with a length of one octet, of three, or with one in the Template', () => {
    expect(written([[80, 6]], { lengthForm: 'shortest' })).toBe(octets('06 04 012c 005006'));
    expect(written([[80, 6]], { length: 6 })).toBe(octets('04 012c 005006'));
    expect(() => written([], { length: 6 })).toThrow('a list of 3 octets; the field has 6');
  });

  test('in a list, in a list', () => {
    const inner = subTemplateListField(element('subTemplateList'), ports);
    const outer = basicListField(element('basicList'), inner);
    expect(writtenBy(outer, [[[80, 6]], []])).toBe(
      octets('ff0014 ff 0124 ffff  ff0006 ff 012c 005006  ff0003 ff 012c'),
    );
  });

  test('refuses by the place what cannot be a record', () => {
    expect(() => written([[80, 6], [80]])).toThrow(
      'record 2: 1 values for the 2 fields of the Template',
    );
    expect(() =>
      written([
        [80, 6],
        [80, 256],
      ]),
    ).toThrow('record 2: 256 is not unsigned8');
    expect(() => written([7])).toThrow('record 1: it must be a list');
    expect(() => written({})).toThrow(EncodeError);
    expect(() => written([], {}, { ...ports, id: 255 })).toThrow('255 is not a Template ID');
  });

  test('of a Template that holds it again is a tree (RFC 6313 §5.2), as deep as 16', () => {
    const fields: FieldEncoder[] = [fieldOf('protocolIdentifier', 1)];
    const tree = { id: 302, fields };
    const field = subTemplateListField(element('subTemplateList'), tree);
    fields.push(field);
    expect(writtenBy(field, [[1, [[2, []]]]])).toBe(
      octets('ff0011 ff 012e 01  ff000a ff 012e 02  ff0003 ff 012e'),
    );
    const deep = (levels: number): unknown[] => (levels === 0 ? [] : [[1, deep(levels - 1)]]);
    expect(writtenBy(field, deep(15))).toHaveLength(2 * (16 * 6 + 15));
    expect(() => writtenBy(field, deep(16))).toThrow('more than 16 nested lists');
    const endless: unknown[] = [];
    endless.push([1, endless]);
    expect(() => writtenBy(field, endless)).toThrow('more than 16 nested lists');
    const wide: unknown[] = [];
    for (let i = 0; i < 50; i += 1) wide.push([1, wide]);
    expect(() => writtenBy(field, wide)).toThrow(EncodeError);
  });

  test('that no end is in sight of is refused without adding all of it up', () => {
    const fields: FieldEncoder[] = [];
    const field = subTemplateListField(element('subTemplateList'), { id: 302, fields });
    fields.push(field);
    let record: unknown[] = [[]];
    // 50^13 lists, if they were all looked at.
    for (let level = 0; level < 13; level += 1) record = [new Array<unknown>(50).fill(record)];
    expect(() => writtenBy(field, [record])).toThrow('the maximum is 65,535');
  });
});

describe('a subTemplateMultiList', () => {
  const field = (options: ListOptions = {}) =>
    subTemplateMultiListField(element('subTemplateMultiList'), [ports, names], {
      semantic: 'oneOrMoreOf',
      ...options,
    });

  test('has a Template ID and a length, with its own four octets, before the records of each', () => {
    const value = [
      {
        templateId: 300,
        records: [
          [80, 6],
          [53, 17],
        ],
      },
      { templateId: 301, records: [['a']] },
      { templateId: 300, records: [] },
    ];
    expect(writtenBy(field(), value)).toBe(
      octets('ff0015 02  012c 000a 005006 003511  012d 0006 0161  012c 0004'),
    );
  });

  test('without a record has lengths of 0 (RFC 6313 §4.5.3)', () => {
    const empty = [
      { templateId: 300, records: [] },
      { templateId: 301, records: [] },
    ];
    expect(writtenBy(field(), empty)).toBe(octets('ff0009 02 012c 0000 012d 0000'));
    expect(writtenBy(field(), [])).toBe(octets('ff0001 02'));
  });

  test('with a length of one octet, or with one in the Template', () => {
    const value = [{ templateId: 301, records: [['']] }];
    expect(writtenBy(field({ lengthForm: 'shortest' }), value)).toBe(octets('06 02 012d 0005 00'));
    expect(writtenBy(field({ length: 6 }), value)).toBe(octets('02 012d 0005 00'));
  });

  test('refuses a Template it was not made for, and what is no record of its own', () => {
    expect(() => writtenBy(field(), [{ templateId: 302, records: [] }])).toThrow(
      'part 1: Template 302 is not a Template of the list',
    );
    expect(() => writtenBy(field(), [null])).toThrow(EncodeError);
    expect(() => writtenBy(field(), [{ templateId: 301, records: [[7]] }])).toThrow(
      'part 1: record 1: 7 is not a string',
    );
  });
});
