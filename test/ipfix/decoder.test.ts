// The Decoder against RFC 7011's own examples, and how it keeps Templates.

import { describe, expect, test } from 'vitest';
import { Decoder, type DecodedRecord } from '../../src/ipfix/decoder.ts';
import type { InformationElement } from '../../src/ipfix/information-element.ts';
import { hex } from '../support/events/hex.ts';
import * as appendix from '../vectors/rfc7011-appendix-a.ts';

const { appendixMessage, message } = appendix;

function named(record: DecodedRecord | undefined): Record<string, unknown> {
  return Object.fromEntries(
    (record?.values ?? []).map(({ element, value }) => [element.name, value]),
  );
}

describe('RFC 7011 Appendix A', () => {
  test('the whole Message of A.1 has 152 octets, three flows and two options records', () => {
    expect(appendixMessage).toHaveLength(152);
    const decoded = new Decoder().decode(appendixMessage);
    expect(decoded).toMatchObject({
      exportTime: 0x6a6de240,
      sequenceNumber: 0,
      observationDomainId: 1,
      length: 152,
      dataRecordCount: 5,
      optionsRecordCount: 2,
      unknownSets: [],
      withdrawals: [],
      paddingOctets: 0,
    });
    expect(decoded.templates.map(({ templateId, options }) => [templateId, options])).toEqual([
      [256, false],
      [258, true],
    ]);
  });

  test('A.3 gives the three Flow Records of its table', () => {
    const { records } = new Decoder().decode(appendixMessage);
    expect(named(records[0])).toEqual({
      sourceIPv4Address: '192.0.2.12',
      destinationIPv4Address: '192.0.2.254',
      ipNextHopIPv4Address: '192.0.2.1',
      packetDeltaCount: 5009,
      octetDeltaCount: 5344385,
    });
    expect(named(records[1])).toMatchObject({ packetDeltaCount: 748, octetDeltaCount: 388934 });
    expect(named(records[2])).toMatchObject({ packetDeltaCount: 5, octetDeltaCount: 6534 });
  });

  test('A.2.2 and A.4.2 name an unknown enterprise element by its number and id', () => {
    const sets = [appendix.enterpriseTemplateSet, appendix.enterpriseOptionsTemplateSet];
    const [flow, options] = new Decoder().decode(message(sets)).templates;
    expect(flow?.fields[2]).toMatchObject({
      element: { id: 15, enterpriseNumber: 32473, name: '32473/15', type: 'octetArray' },
      length: 4,
    });
    expect(options?.fields.map(({ scope }) => scope)).toEqual([true, false, false]);
    expect(options?.fields[2]?.element.name).toBe('32473/42');
  });

  test('A.4.3 and A.4.4 give two records of an enterprise-specific scope', () => {
    const sets = [appendix.enterpriseScopeTemplateSet, appendix.enterpriseScopeDataSet];
    const { records } = new Decoder().decode(message(sets));
    expect(records.map(named)).toEqual([
      {
        '32473/123': '00000001',
        exportedMessageTotalCount: 345,
        exportedFlowRecordTotalCount: 10201,
      },
      {
        '32473/123': '00000002',
        exportedMessageTotalCount: 690,
        exportedFlowRecordTotalCount: 20402,
      },
    ]);
    expect(records.every(({ options }) => options)).toBe(true);
  });
});

describe('what is not in a Template', () => {
  test('a Data Set without a Template is reported with its octets', () => {
    const decoded = new Decoder().decode(message([appendix.dataSet]));
    expect(decoded.records).toEqual([]);
    expect(decoded.unknownSets).toHaveLength(1);
    expect(decoded.unknownSets[0]?.setId).toBe(256);
    expect(decoded.unknownSets[0]?.octets).toHaveLength(60);
  });

  test('Templates are known only in their own session and Observation Domain', () => {
    const decoder = new Decoder();
    decoder.decode(message([appendix.templateSet]), 'a');
    const data = message([appendix.dataSet]);
    const otherDomain = message([appendix.dataSet], { observationDomainId: 2 });
    expect(decoder.decode(data, 'a').dataRecordCount).toBe(3);
    expect(decoder.decode(data, 'b').dataRecordCount).toBe(0);
    expect(decoder.decode(otherDomain, 'a').dataRecordCount).toBe(0);
    expect(decoder.templates(1, 'a').size).toBe(1);
  });

  test('a withdrawal over UDP is reported and ignored', () => {
    const decoder = new Decoder();
    decoder.decode(message([appendix.templateSet]));
    const withdrawal = decoder.decode(message([hex`0002 0008 0100 0000`, appendix.dataSet]));
    expect(withdrawal.withdrawals).toEqual([256]);
    expect(withdrawal.dataRecordCount).toBe(3);
  });

  test('a Template received again is read again, also within one Message', () => {
    const decoder = new Decoder();
    decoder.decode(message([appendix.templateSet]));
    const changed = hex`0002 000c 0100 0001 0001 0004  // octetDeltaCount alone`;
    const data = hex`0100 0008 0000002a`;
    expect(named(decoder.decode(message([changed, data])).records[0])).toEqual({
      octetDeltaCount: 42,
    });
    expect(named(decoder.decode(message([data])).records[0])).toEqual({ octetDeltaCount: 42 });
  });

  test('padding is passed over in Template Sets and Data Sets', () => {
    const template = hex`0002 0010 0100 0001 0001 0008 00000000`;
    const data = hex`0100 0012 000000000000002a 000000ff0000`;
    const decoded = new Decoder().decode(message([template, data]));
    expect(decoded.records.map(named)).toEqual([{ octetDeltaCount: 42 }]);
    expect(decoded.paddingOctets).toBe(6);
  });

  test('declared enterprise elements and reverse elements have their names and types', () => {
    const element: InformationElement = {
      id: 15,
      name: 'acmeCounter',
      type: 'unsigned32',
      enterpriseNumber: 32473,
      semantics: '',
      units: '',
      range: '',
      deprecated: false,
    };
    const template = hex`0002 0018 0100 0002 800f 0004 00007ed9 8001 0004 00007279`;
    const data = hex`0100 000c 00000007 00000008`;
    const decoder = new Decoder({ elements: [element] });
    expect(named(decoder.decode(message([template, data])).records[0])).toEqual({
      acmeCounter: 7,
      reverseOctetDeltaCount: 8,
    });
  });

  test('counting alone gives the same counts, fixed lengths or not', () => {
    const variable = hex`0002 000c 0105 0001 0052 ffff`;
    const names = hex`0105 000a 02 6869 00 01 61`;
    const octets = message([appendix.templateSet, appendix.dataSet, variable, names]);
    const counted = new Decoder({ values: false }).decode(octets);
    const decoded = new Decoder().decode(octets);
    expect(counted.records).toEqual([]);
    expect({ ...counted, records: [] }).toEqual({ ...decoded, records: [] });
    expect(decoded.dataRecordCount).toBe(6);
  });
});
