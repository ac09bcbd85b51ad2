// The examples of RFC 7011, RFC 6313, RFC 5103 and RFC 5610, written by our encoder: the same octets.

import { describe, expect, test } from 'vitest';
import { basicListField } from '../../src/ipfix/basic-list.ts';
import { type FieldEncoder, plainField } from '../../src/ipfix/field-encoder.ts';
import { elementById, elementByName } from '../../src/ipfix/information-element.ts';
import { setHeaderOctets, templateSetId, writeSetHeader } from '../../src/ipfix/message.ts';
import {
  subTemplateListField,
  subTemplateMultiListField,
} from '../../src/ipfix/sub-template-list.ts';
import { writeTemplateRecord } from '../../src/ipfix/template.ts';
import { fieldOf } from '../support/events/encoded.ts';
import * as biflow from '../vectors/rfc5103-appendix-a.ts';
import * as types from '../vectors/rfc5610-appendix-a.ts';
import * as lists from '../vectors/rfc6313-section-9.ts';
import * as appendix from '../vectors/rfc7011-appendix-a.ts';

type Fields = readonly FieldEncoder[];

const documentation = 32_473;

function templateSet(id: number, fields: Fields): Buffer {
  const set = Buffer.alloc(500);
  const end = writeTemplateRecord(
    set,
    setHeaderOctets,
    id,
    fields.map(({ field }) => field),
  );
  writeSetHeader(set, 0, templateSetId, end);
  return set.subarray(0, end);
}

function dataSet(id: number, fields: Fields, ...records: readonly (readonly unknown[])[]): Buffer {
  const set = Buffer.alloc(500);
  let at = setHeaderOctets;
  for (const record of records) {
    fields.forEach((field, i) => (at = field.encode(record[i], set, at)));
  }
  writeSetHeader(set, 0, id, at);
  return set.subarray(0, at);
}

const octets = (...values: readonly number[]) => Buffer.from(values);
const reverseOf = (name: string, length: number) =>
  plainField({ element: elementById(29305, elementByName(name)!.id)!, length })!;
const enterpriseField = (id: number, type: 'octetArray' | 'unsigned8', length: number) => {
  const element = { ...elementByName('octetDeltaCount')!, id, type, name: `${id}` };
  return plainField({ element: { ...element, enterpriseNumber: documentation }, length })!;
};

const addresses = [fieldOf('sourceIPv4Address'), fieldOf('destinationIPv4Address')] as const;
const ports = [fieldOf('sourceTransportPort'), fieldOf('destinationTransportPort')] as const;

describe('RFC 7011 Appendix A', () => {
  const counts = [fieldOf('packetDeltaCount', 4), fieldOf('octetDeltaCount', 4)];
  const flow = [...addresses, fieldOf('ipNextHopIPv4Address'), ...counts];

  test('A.2.1, A.2.2: Templates', () => {
    expect(templateSet(256, flow)).toEqual(appendix.templateSet);
    const own = [...addresses, enterpriseField(15, 'octetArray', 4), ...counts];
    expect(templateSet(257, own)).toEqual(appendix.enterpriseTemplateSet);
  });

  test('A.3: three Flow Records', () => {
    const host = (last: number) => octets(192, 0, 2, last);
    expect(
      dataSet(
        256,
        flow,
        [host(12), host(254), host(1), 5009, 5344385],
        [host(27), host(23), host(2), 748, 388934],
        [host(56), host(65), host(3), 5, 6534],
      ),
    ).toEqual(appendix.dataSet);
  });

  test('A.4.4: the records of an enterprise-specific scope, counters in 2 octets', () => {
    const options = [
      enterpriseField(123, 'octetArray', 4),
      fieldOf('exportedMessageTotalCount', 2),
      fieldOf('exportedFlowRecordTotalCount', 2),
    ];
    expect(
      dataSet(260, options, [octets(0, 0, 0, 1), 345, 10201], [octets(0, 0, 0, 2), 690, 20402]),
    ).toEqual(appendix.enterpriseScopeDataSet);
  });
});

describe('RFC 6313 §9', () => {
  const multicast = (item: FieldEncoder, semantic: 'allOf' | 'exactlyOneOf') => [
    fieldOf('ingressInterface'),
    ...addresses,
    basicListField(elementByName('basicList')!, item, { semantic }),
  ];
  const flow = [9, octets(192, 0, 2, 201), octets(233, 252, 0, 1)];
  const interfaces = fieldOf('egressInterface');

  test('9.1, 9.2: lists of interfaces, by number and by name', () => {
    expect(templateSet(256, multicast(interfaces, 'allOf'))).toEqual(lists.multicastTemplateSet);
    expect(dataSet(256, multicast(interfaces, 'allOf'), [...flow, [1, 4, 8]])).toEqual(
      lists.multicastDataSet,
    );
    const names = [...flow, ['FE0/0', 'FE10/10', 'FE2/2']];
    expect(dataSet(256, multicast(fieldOf('interfaceName'), 'allOf'), names)).toEqual(
      lists.namesDataSet,
    );
    expect(dataSet(256, multicast(interfaces, 'exactlyOneOf'), [...flow, [1, 4, 8]])).toEqual(
      lists.loadBalancedDataSet,
    );
  });

  test('9.3: a list of metrics', () => {
    const hash = plainField({ element: elementByName('digestHashValue')!, length: 4 })!;
    const metrics = { id: 257, fields: [fieldOf('observationTimeMicroseconds'), hash] };
    const fields = [
      ...addresses,
      ...ports,
      fieldOf('protocolIdentifier'),
      subTemplateListField(elementByName('subTemplateList')!, metrics, { semantic: 'allOf' }),
    ];
    expect(templateSet(257, metrics.fields)).toEqual(lists.metricsTemplateSet);
    expect(templateSet(258, fields)).toEqual(lists.delayTemplateSet);
    const beginUs = Date.UTC(2011, 6, 1) * 1_000;
    const hashes = [0x91230613, 0x91230650, 0x91230725, 0x91230844, 0x91230978];
    const records = hashes.map((value, i) => [beginUs + 500_000 * i, value]);
    const key = [octets(192, 0, 2, 1), octets(192, 0, 2, 105), 1025, 80, 6];
    expect(dataSet(258, fields, [...key, records])).toEqual(lists.delayDataSet);
  });

  test('9.4: records of two Templates in one list', () => {
    const selector = [fieldOf('selectorId', 4), fieldOf('selectorAlgorithm', 1)];
    const filtering = { id: 259, fields: selector };
    const counts = [fieldOf('samplingPacketInterval', 1), fieldOf('samplingPacketSpace', 1)];
    const sampling = { id: 260, fields: [...selector, ...counts] };
    const element = elementByName('subTemplateMultiList')!;
    const fields = [
      fieldOf('sourceIPv6Address'),
      fieldOf('destinationIPv6Address'),
      ...ports,
      fieldOf('protocolIdentifier'),
      fieldOf('octetTotalCount', 4),
      fieldOf('packetTotalCount', 4),
      subTemplateMultiListField(element, [filtering, sampling], { semantic: 'allOf' }),
    ];
    expect(templateSet(259, filtering.fields)).toEqual(lists.filteringTemplateSet);
    expect(templateSet(260, sampling.fields)).toEqual(lists.samplingTemplateSet);
    expect(templateSet(261, fields)).toEqual(lists.selectedFlowTemplateSet);
    const host = (last: number) =>
      octets(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last);
    const attributes = [
      { templateId: 259, records: [[100, 5]] },
      { templateId: 260, records: [[15, 1, 1, 99]] },
    ];
    expect(dataSet(261, fields, [host(1), host(2), 1025, 80, 6, 108_000, 120, attributes])).toEqual(
      lists.selectedFlowDataSet,
    );
  });

  test('9.5: Observation Points in a record of an Options Template', () => {
    const router = fieldOf('sourceIPv4Address');
    const lineCard = fieldOf('lineCardId');
    const point = fieldOf('ingressInterface');
    const templates = [
      { id: 263, fields: [router, point] },
      { id: 264, fields: [router, lineCard] },
      { id: 265, fields: [router, lineCard, point] },
    ];
    expect(Buffer.concat(templates.map(({ id, fields }) => templateSet(id, fields)))).toEqual(
      lists.observationPointTemplateSets,
    );
    const element = elementByName('subTemplateMultiList')!;
    const fields = [
      fieldOf('selectionSequenceId', 4),
      subTemplateMultiListField(element, templates, { semantic: 'allOf' }),
      fieldOf('selectorId', 4),
      fieldOf('selectorId', 4),
    ];
    const host = (last: number) => octets(192, 0, 2, last);
    const points = [
      { templateId: 263, records: [[host(11), 1]] },
      {
        templateId: 264,
        records: [
          [host(12), 10],
          [host(13), 11],
        ],
      },
      { templateId: 265, records: [[host(14), 12, 2]] },
    ];
    expect(dataSet(262, fields, [7, points, 5, 10])).toEqual(lists.sequenceDataSet);
  });
});

describe('RFC 5103 Appendix A', () => {
  test('a Biflow: reverse elements beside their own', () => {
    const fields = [
      fieldOf('flowStartSeconds'),
      reverseOf('flowStartSeconds', 4),
      ...addresses,
      ...ports,
      fieldOf('protocolIdentifier'),
      fieldOf('octetTotalCount', 4),
      reverseOf('octetTotalCount', 4),
      fieldOf('packetTotalCount', 4),
      reverseOf('packetTotalCount', 4),
    ];
    const start = Date.UTC(2006, 1, 1, 17) / 1_000;
    const hosts = [octets(192, 0, 2, 2), octets(192, 0, 2, 3)];
    const record = [start, start + 1, ...hosts, 32_770, 80, 6, 18_000, 128_000, 65, 110];
    expect(templateSet(256, fields)).toEqual(biflow.biflowTemplateSet);
    expect(dataSet(256, fields, record)).toEqual(biflow.biflowDataSet);
  });

  test('the direction of an Observation Domain', () => {
    const fields = [fieldOf('observationDomainId'), fieldOf('biflowDirection')];
    expect(dataSet(257, fields, [33, 3])).toEqual(biflow.directionDataSet);
  });
});

describe('RFC 5610 Appendix A', () => {
  test('a Template with enterprise elements, and the records that type them', () => {
    const flow = [
      fieldOf('flowStartSeconds'),
      ...addresses,
      ...ports,
      fieldOf('octetTotalCount', 4),
      enterpriseField(14, 'unsigned8', 1),
      enterpriseField(15, 'unsigned8', 1),
      fieldOf('protocolIdentifier'),
    ];
    expect(templateSet(256, flow)).toEqual(types.flagsTemplateSet);
    const type = [
      fieldOf('privateEnterpriseNumber'),
      fieldOf('informationElementId'),
      fieldOf('informationElementDataType'),
      fieldOf('informationElementSemantics'),
      fieldOf('informationElementName'),
    ];
    const records = [
      [documentation, 14, 1, 5, 'initialTCPFlags'],
      [documentation, 15, 1, 5, 'unionTCPFlags'],
    ];
    expect(dataSet(257, type, ...records)).toEqual(types.typeDataSet);
  });
});
