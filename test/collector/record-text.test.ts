import { describe, expect, test } from 'vitest';
import { jsonLine, RecordTable } from '../../src/collector/record-text.ts';
import { Decoder } from '../../src/ipfix/decoder.ts';
import { elementByName } from '../../src/ipfix/information-element.ts';
import { hex } from '../support/events/hex.ts';
import { appendixMessage, message } from '../vectors/rfc7011-appendix-a.ts';

describe('a Data Record as text', () => {
  test('a JSON line has strings for large integers and an array for an element that is there twice', () => {
    const template = hex`0002 0018 0100 0004 0001 0008 0037 0001 0037 0001 0052 0004`;
    const data = hex`0100 0012 ffffffffffffffff 01 02 65746830`;
    const decoded = new Decoder().decode(message([template, data]));
    expect(JSON.parse(jsonLine(decoded.records[0]!, decoded, '192.0.2.9:1'))).toEqual({
      octetDeltaCount: '18446744073709551615',
      postIpClassOfService: [1, 2],
      interfaceName: 'eth0',
      _: {
        exporter: '192.0.2.9:1',
        observationDomainId: 1,
        templateId: 256,
        options: false,
        exportTime: 0x6a6de240,
      },
    });
  });

  test('a row has its main columns within 100, and the rest below', () => {
    const decoded = new Decoder().decode(appendixMessage);
    const table = new RecordTable();
    expect(table.header().length).toBeLessThanOrEqual(101);
    const [first, rest] = table.rows(decoded.records[0]!, decoded).split('\n');
    expect(first).toMatch(/^- +192\.0\.2\.12 +192\.0\.2\.254 +- +5,344,385 +5,009$/);
    expect(rest).toBe('    ipNextHopIPv4Address=192.0.2.1');
    expect(table.rows(decoded.records[3]!, decoded)).toContain('lineCardId=1');
  });

  test('a row with long IPv6 addresses keeps its columns, on two lines', () => {
    const template = hex`0002 0018 0100 0004 001b 0010 0007 0002 001c 0010 0001 0008`;
    const source = hex`20010db885a308d313198a2e03707344 01bb`;
    const rest = hex`20010db8000000000000000000000001 000000000012d687`;
    const data = Buffer.concat([hex`0100 002e`, source, rest]);
    const decoded = new Decoder().decode(message([template, data]));
    const lines = new RecordTable().rows(decoded.records[0]!, decoded).split('\n');
    expect(lines[0]).toMatch(/^- {23}\[2001:db8:85a3:8d3:1319:8a2e:370:7344\]:443$/);
    expect(lines[1]).toMatch(/^ {24}2001:db8::1 +- +1,234,567 +-$/);
    expect(lines[1]).toHaveLength(new RecordTable().header().length - 1);
  });

  test('a row never lets a control character of the network through', () => {
    const template = hex`0002 000c 0100 0001 0052 ffff`;
    const decoded = new Decoder().decode(message([template, hex`0100 000b 06 1b5b326a c285`]));
    const rows = new RecordTable().rows(decoded.records[0]!, decoded);
    expect(rows).toContain(String.raw`interfaceName="\u001b[2j\u0085"`);
  });

  test('lists are objects in JSON, and the same in a row', () => {
    const template = hex`0002 000c 0100 0001 0123 ffff`;
    const data = hex`0100 0016 11 03 0052 ffff 04 61206222 03 1b5b32 02 6364`;
    const decoded = new Decoder().decode(message([template, data]));
    const list = {
      semantic: 'allOf',
      element: 'interfaceName',
      values: ['a b"', '\u001b[2', 'cd'],
    };
    expect(JSON.parse(jsonLine(decoded.records[0]!, decoded, 'x'))).toMatchObject({
      basicList: list,
    });
    expect(new RecordTable(200).rows(decoded.records[0]!, decoded)).toContain(
      `basicList=${JSON.stringify(list)}`,
    );
  });

  test('floats that are no numbers are written as RFC 7373 §4.4 has them', () => {
    const template = hex`0002 000c 0100 0001 0137 0004`;
    const data = hex`0100 0014 7fc00000 7f800000 ff800000 3f000000`;
    const decoded = new Decoder().decode(message([template, data]));
    const values = decoded.records.map(
      (record) =>
        (JSON.parse(jsonLine(record, decoded, 'x')) as Record<string, unknown>)[
          'samplingProbability'
        ],
    );
    expect(values).toEqual(['NaN', '+inf', '-inf', 0.5]);
  });

  test('an element whose name every object has is a key like others', () => {
    const element = { ...elementByName('vlanId')!, name: 'toString', enterpriseNumber: 9, id: 1 };
    const template = hex`0002 0010 0100 0001 8001 0002 00000009`;
    const decoder = new Decoder({ elements: [element] });
    const decoded = decoder.decode(message([template, hex`0100 0006 0007`]));
    expect(JSON.parse(jsonLine(decoded.records[0]!, decoded, 'x'))).toMatchObject({ toString: 7 });
  });
});
