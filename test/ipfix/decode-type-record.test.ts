// Information Element type records (RFC 5610): what they make readable, and what they must not change.

import { describe, expect, test } from 'vitest';
import { jsonRecord } from '../../src/collector/json-value.ts';
import { Decoder, type DecoderOptions } from '../../src/ipfix/decoder.ts';
import { elementByName } from '../../src/ipfix/information-element.ts';
import { hex } from '../support/events/hex.ts';
import * as example from '../vectors/rfc5610-appendix-a.ts';
import { message } from '../vectors/rfc7011-appendix-a.ts';

const { flagsTemplateSet, flagsDataSet, typeOptionsTemplateSet, typeDataSet } = example;

interface Told {
  enterprise?: number;
  id?: number;
  type?: number;
  semantics?: number;
  name?: string;
}

/** A Data Set of the example's Options Template with one type record. */
function typeRecord(told: Told = {}): Buffer {
  const { enterprise = 32473, id = 14, type = 1, semantics = 5, name = 'someFlags' } = told;
  const text = Buffer.from(name);
  const record = Buffer.alloc(9);
  record.writeUInt32BE(enterprise, 0);
  record.writeUInt16BE(id, 4);
  record.set([type, semantics, text.length], 6);
  const set = Buffer.concat([hex`0101 0000`, record, text]);
  set.writeUInt16BE(set.length, 2);
  return set;
}

/** The example's flow after Messages with these Sets, one each. */
function flowAfter(sets: readonly Buffer[], options: DecoderOptions = {}): Record<string, unknown> {
  const decoder = new Decoder(options);
  for (const set of sets) decoder.decode(message([set]));
  return { ...jsonRecord(decoder.decode(message([flagsDataSet])).records[0]!.values) };
}

const templates = [flagsTemplateSet, typeOptionsTemplateSet];
const asOctets = { '32473/14': '02', '32473/15': '1b' };
const asTold = { initialTCPFlags: 2, unionTCPFlags: 0x1b };

describe('RFC 5610 Appendix A', () => {
  test('without type records the elements are octets', () => {
    expect(flowAfter(templates)).toMatchObject(asOctets);
  });

  test.each([
    ['before the Template', [typeOptionsTemplateSet, typeDataSet, flagsTemplateSet]],
    ['after it', [flagsTemplateSet, typeOptionsTemplateSet, typeDataSet]],
    ['twice, alike', [...templates, typeDataSet, typeDataSet]],
  ])('type records %s give them their names and types', (_, sets) => {
    expect(flowAfter(sets)).toMatchObject({ ...asTold, octetTotalCount: 18_000 });
  });

  test('in one Message, in the order of RFC 5610, the flow at its end is read by them', () => {
    const sets = [...templates, typeDataSet, flagsDataSet];
    const { records } = new Decoder().decode(message(sets));
    expect(jsonRecord(records.at(-1)!.values)).toMatchObject(asTold);
    expect(records.at(-1)!.values[6]!.element).toMatchObject({
      id: 14,
      enterpriseNumber: 32473,
      type: 'unsigned8',
      semantics: 'flags',
    });
  });

  test('they hold in their own session and Observation Domain alone', () => {
    const decoder = new Decoder();
    decoder.decode(message([...templates, typeDataSet]), 'a');
    const elsewhere = [
      ['b', 1],
      ['a', 2],
    ] as const;
    for (const [session, observationDomainId] of elsewhere) {
      const octets = message([flagsTemplateSet, flagsDataSet], { observationDomainId });
      const { records } = decoder.decode(octets, session);
      expect(jsonRecord(records[0]!.values)).toMatchObject(asOctets);
    }
  });

  test('a Message that is malformed further on teaches nothing', () => {
    const decoder = new Decoder();
    decoder.decode(message(templates));
    expect(() => decoder.decode(message([typeDataSet, hex`0100 0003`]))).toThrow();
    expect(jsonRecord(decoder.decode(message([flagsDataSet])).records[0]!.values)).toMatchObject(
      asOctets,
    );
  });

  test('the items of a list are read by them too', () => {
    const template = hex`0002 000c 0102 0001 0123 ffff`;
    const list = hex`0102 0012 0d 03 800e 0001 00007ed9 021b 03 10`;
    const data = list.subarray(0, 16);
    data.writeUInt16BE(16, 2);
    data[4] = 11;
    const decoder = new Decoder();
    decoder.decode(message([...templates, typeDataSet, template]));
    expect({ ...jsonRecord(decoder.decode(message([data])).records[0]!.values) }).toEqual({
      basicList: { semantic: 'allOf', element: 'initialTCPFlags', values: [2, 0x1b] },
    });
  });
});

describe('what type records must not do', () => {
  const after = (...told: readonly Told[]) => flowAfter([...templates, ...told.map(typeRecord)]);

  test("change IANA's elements", () => {
    expect(after({ enterprise: 0, id: 8, type: 3, name: 'x' })).toMatchObject({
      sourceIPv4Address: '192.0.2.2',
    });
  });

  test('change the elements that were declared', () => {
    const own = { ...elementByName('tcpControlBits')!, id: 14, enterpriseNumber: 32473 };
    const elements = [{ ...own, type: 'unsigned8' as const, name: 'ownFlags' }];
    expect(flowAfter([...templates, typeDataSet], { elements })).toMatchObject({ ownFlags: 2 });
  });

  test('speak against each other: then the element is octets again, whatever is received later', () => {
    const other = { type: 5, semantics: 0 };
    expect(after({}, other)).toMatchObject(asOctets);
    expect(after({}, other, {})).toMatchObject(asOctets);
    expect(after({}, { name: 'otherFlags' })).toMatchObject(asOctets);
    const sets = [typeRecord(), typeRecord(other), flagsDataSet];
    const { records } = new Decoder().decode(message([...templates, ...sets]));
    expect(jsonRecord(records.at(-1)!.values)).toMatchObject(asOctets);
  });

  test.each([
    ['flags for a signed number', { type: 5, semantics: 5 }],
    ['an identifier for a float', { type: 9, semantics: 4 }],
    ['a counter for octets', { type: 0, semantics: 3 }],
    ['a type that is none', { type: 24, semantics: 0 }],
    ['the id 0', { id: 0x8000 }],
    ['a type that has more octets than the field', { type: 18, semantics: 0 }],
  ])('say %s', (_, told) => {
    expect(after(told)).toMatchObject(asOctets);
  });

  test('bring the enterprise bit into the id: it means nothing there', () => {
    expect(after({ id: 0x800e })).toMatchObject({ someFlags: 2 });
  });

  test.each([
    ['another element has', 'octetDeltaCount'],
    ['is none', ''],
    ['has a NUL in it', 'some\0Flags'],
    ['is not for the eye', 'some\u001b[2JFlags'],
    ['would stand where the record came from', '_'],
    ['every object has', '__proto__'],
  ])('give a name that %s: the element is typed and named by its numbers', (_, name) => {
    expect(after({ name })).toMatchObject({ '32473/14': 2 });
  });

  test('fill the memory: past 1,024 in a domain they teach nothing', () => {
    const many = Array.from({ length: 1_024 }, (__, i) => typeRecord({ id: 1_000 + i }));
    expect(flowAfter([...templates, Buffer.concat([...many, typeRecord()])])).toMatchObject(
      asOctets,
    );
    const early = Buffer.concat([typeRecord(), ...many]);
    expect(flowAfter([...templates, early])).toMatchObject({ someFlags: 2 });
    const disagreeing = typeRecord({ type: 5, semantics: 0 });
    expect(flowAfter([...templates, early, disagreeing])).toMatchObject(asOctets);
  });
});
