// The lists of RFC 6313, decoded: its own examples, and what is no list.

import { describe, expect, test } from 'vitest';
import { jsonRecord, jsonValue } from '../../src/collector/json-value.ts';
import { Decoder, type ListValue } from '../../src/ipfix/decoder.ts';
import { hex } from '../support/events/hex.ts';
import * as lists from '../vectors/rfc6313-section-9.ts';
import { message } from '../vectors/rfc7011-appendix-a.ts';

/** The last record of a Message with these Sets, by the names of its elements. */
function lastRecord(...sets: readonly Buffer[]): unknown {
  const { records } = new Decoder().decode(message(sets));
  return { ...jsonRecord(records.at(-1)!.values) };
}

describe('RFC 6313 §9', () => {
  const flow = {
    ingressInterface: 9,
    sourceIPv4Address: '192.0.2.201',
    destinationIPv4Address: '233.252.0.1',
  };

  test('9.1, 9.2: the interfaces of a multicast and of a load-balanced flow', () => {
    const list = { semantic: 'allOf', element: 'egressInterface', values: [1, 4, 8] };
    expect(lastRecord(lists.multicastTemplateSet, lists.multicastDataSet)).toEqual({
      ...flow,
      basicList: list,
    });
    expect(lastRecord(lists.multicastTemplateSet, lists.namesDataSet)).toEqual({
      ...flow,
      basicList: {
        semantic: 'allOf',
        element: 'interfaceName',
        values: ['FE0/0', 'FE10/10', 'FE2/2'],
      },
    });
    expect(lastRecord(lists.multicastTemplateSet, lists.loadBalancedDataSet)).toEqual({
      ...flow,
      basicList: { ...list, semantic: 'exactlyOneOf' },
    });
  });

  const delay = {
    sourceIPv4Address: '192.0.2.1',
    destinationIPv4Address: '192.0.2.105',
    sourceTransportPort: 1025,
    destinationTransportPort: 80,
    protocolIdentifier: 6,
  };

  test('9.3: five times and hashes of one flow', () => {
    const { metricsTemplateSet, delayTemplateSet, delayDataSet } = lists;
    const metrics = [
      ['00.000000', 0x91230613],
      ['00.500000', 0x91230650],
      ['01.000000', 0x91230725],
      ['01.500000', 0x91230844],
      ['02.000000', 0x91230978],
    ].map(([second, hash]) => ({
      observationTimeMicroseconds: `2011-07-01T00:00:${second}`,
      digestHashValue: hash,
    }));
    expect(lastRecord(metricsTemplateSet, delayTemplateSet, delayDataSet)).toEqual({
      ...delay,
      subTemplateList: { semantic: 'allOf', templateId: 257, records: metrics },
    });
  });

  test('9.3 without its Template 257: the list is kept as octets', () => {
    expect(lastRecord(lists.delayTemplateSet, lists.delayDataSet)).toEqual({
      ...delay,
      subTemplateList: {
        semantic: 'allOf',
        templateId: 257,
        octets: lists.delayDataSet.toString('hex', 23),
      },
    });
  });

  test('9.4: what a flow was filtered and sampled by', () => {
    const templates = [lists.filteringTemplateSet, lists.samplingTemplateSet];
    expect(
      lastRecord(...templates, lists.selectedFlowTemplateSet, lists.selectedFlowDataSet),
    ).toMatchObject({
      sourceIPv6Address: '2001:db8::1',
      destinationIPv6Address: '2001:db8::2',
      octetTotalCount: 108_000,
      packetTotalCount: 120,
      subTemplateMultiList: {
        semantic: 'allOf',
        parts: [
          { templateId: 259, records: [{ selectorId: 100, selectorAlgorithm: 5 }] },
          {
            templateId: 260,
            records: [
              {
                selectorId: 15,
                selectorAlgorithm: 1,
                samplingPacketInterval: 1,
                samplingPacketSpace: 99,
              },
            ],
          },
        ],
      },
    });
  });

  test('9.5: Observation Points of three Templates in an options record', () => {
    const sets = [lists.sequenceOptionsTemplateSet, lists.observationPointTemplateSets];
    const decoded = new Decoder().decode(message([...sets, lists.sequenceDataSet]));
    expect(decoded).toMatchObject({ optionsRecordCount: 1, unknownSets: [] });
    expect({ ...jsonRecord(decoded.records[0]!.values) }).toEqual({
      selectionSequenceId: 7,
      subTemplateMultiList: {
        semantic: 'allOf',
        parts: [
          {
            templateId: 263,
            records: [{ sourceIPv4Address: '192.0.2.11', ingressInterface: 1 }],
          },
          {
            templateId: 264,
            records: [
              { sourceIPv4Address: '192.0.2.12', lineCardId: 10 },
              { sourceIPv4Address: '192.0.2.13', lineCardId: 11 },
            ],
          },
          {
            templateId: 265,
            records: [{ sourceIPv4Address: '192.0.2.14', lineCardId: 12, ingressInterface: 2 }],
          },
        ],
      },
      selectorId: [5, 10],
    });
  });
});

/** Templates 256 to 258: one list each. 259: an octet. 260: a list of its own Template, and an octet. */
const templates = hex`
  0002 0038
  0100 0001 0123 ffff
  0101 0001 0124 ffff
  0102 0001 0125 ffff
  0103 0001 0004 0001
  0104 0002 0124 ffff 0004 0001
`;
templates.writeUInt16BE(templates.length, 2);

const setIds = { basicList: 256, subTemplateList: 257, subTemplateMultiList: 258 };

function listOf(type: keyof typeof setIds, octets: Buffer): unknown {
  const set = Buffer.concat([hex`0000 0000 ff 0000`, octets]);
  set.writeUInt16BE(setIds[type], 0);
  set.writeUInt16BE(set.length, 2);
  set.writeUInt16BE(octets.length, 5);
  const { records } = new Decoder().decode(message([templates, set]));
  expect(records).toHaveLength(1);
  return jsonValue(records[0]!.values[0]!.value);
}

describe('a list that is no list is kept as octets, and its record is whole', () => {
  test.each([
    ['basicList', '', 'a basicList cannot be empty'],
    ['basicList', '03003a00', '4 octets are not basicList'],
    ['basicList', '03003a0000', 'in vlanId: Field Length is 0'],
    ['basicList', '03003a0003', 'in vlanId: 3 octets are not unsigned16'],
    ['basicList', '03803a0002', 'ends inside a Field Specifier'],
    ['basicList', '03003a000200070', 'in item 2: 2 octets needed, 1 are left'],
    ['basicList', '030052ffff056869', 'in item 1: 5 octets needed, 2 are left'],
    ['basicList', '030052ffffff00', 'in item 1: the octets end inside its length'],
    ['basicList', '030004ffff0200', 'in item 1: 2 octets are not unsigned8'],
    ['subTemplateList', '0301', '2 octets are not subTemplateList'],
    ['subTemplateList', '03010401', 'in record 1: in subTemplateList: 1 octets needed, 0 are left'],
    ['subTemplateMultiList', '', 'a subTemplateMultiList cannot be empty'],
    [
      'subTemplateMultiList',
      '03010300',
      'in part 1: 3 octets are too few for Template ID and length',
    ],
    ['subTemplateMultiList', '0301030003', 'in part 1: 3 octets of 4'],
    ['subTemplateMultiList', '0301030006aa', 'in part 1: 6 octets of 5'],
  ] as const)('%s %s: %s', (type, digits, fault) => {
    const octets = Buffer.from(digits.padEnd(digits.length + (digits.length % 2), '1'), 'hex');
    expect(listOf(type, octets)).toEqual({ fault, octets: octets.toString('hex') });
  });
});

describe('what is empty, nested or unknown', () => {
  test('lists of nothing', () => {
    const semantic = 'ordered';
    expect(listOf('basicList', hex`04 003a 0002`)).toEqual({
      semantic,
      element: 'vlanId',
      values: [],
    });
    expect(listOf('subTemplateList', hex`04 0103`)).toEqual({
      semantic,
      templateId: 259,
      records: [],
    });
    expect(listOf('subTemplateMultiList', hex`04`)).toEqual({ semantic, parts: [] });
    const empty = { templateId: 259, records: [] };
    // A length of 0 is RFC 6313 §4.5.3's way to say so, one of 4 the natural one.
    expect(listOf('subTemplateMultiList', hex`04 0103 0000 0103 0004`)).toEqual({
      semantic,
      parts: [empty, empty],
    });
  });

  test('a semantic without a name is shown by its number', () => {
    expect(listOf('subTemplateList', hex`05 0103 07`)).toEqual({
      semantic: '5',
      templateId: 259,
      records: [{ protocolIdentifier: 7 }],
    });
  });

  test('a list in a list, one of them unreadable', () => {
    expect(listOf('basicList', hex`03 0123 ffff  06 ff 0004 0001 2a  02 ff00`)).toEqual({
      semantic: 'allOf',
      element: 'basicList',
      values: [
        { semantic: 'undefined', element: 'protocolIdentifier', values: [42] },
        { fault: '2 octets are not basicList', octets: 'ff00' },
      ],
    });
  });

  test('sixteen lists within each other are read, the next one is kept as octets', () => {
    const nested = (levels: number): Buffer => {
      if (levels === 0) return hex`ff 0104`;
      const inner = nested(levels - 1);
      const length = Buffer.from([inner.length]);
      return Buffer.concat([hex`ff 0104`, length, inner, hex`2a`]);
    };
    let list = listOf('subTemplateList', nested(20)) as { records?: { subTemplateList: never }[] };
    let levels = 0;
    for (; list.records; list = list.records[0]!.subTemplateList) levels += 1;
    expect(levels).toBe(16);
    expect(list).toEqual({ fault: 'within 16 other lists', octets: nested(4).toString('hex') });
  });

  test('the octets of an unknown Template are a view into the datagram', () => {
    const set = hex`0101 000b ff 0004 ff 0200 07`;
    const octets = message([templates, set]);
    const { value } = new Decoder().decode(octets).records[0]!.values[0]!;
    const list = value as ListValue & { octets: Uint8Array };
    octets[octets.length - 1] = 8;
    expect([...list.octets]).toEqual([8]);
  });

  test('a list is read by the Template as it was received last', () => {
    const decoder = new Decoder();
    decoder.decode(message([templates]));
    const data = hex`0101 000d ff 0006 ff 0103 00000007`;
    data.writeUInt16BE(data.length, 2);
    data.writeUInt16BE(data.length - 7, 5);
    const changed = hex`0002 000c 0103 0001 000a 0004`;
    const [record] = decoder.decode(message([changed, data])).records;
    expect(jsonValue(record!.values[0]!.value)).toMatchObject({
      records: [{ ingressInterface: 7 }],
    });
  });

  test('counting alone passes lists over, well-formed or not', () => {
    const set = hex`0100 000d  04 ff003a00  03 aabbcc`;
    const octets = message([templates, set]);
    const counted = new Decoder({ values: false }).decode(octets);
    expect(counted.dataRecordCount).toBe(2);
    expect(new Decoder().decode(octets).dataRecordCount).toBe(2);
  });
});
