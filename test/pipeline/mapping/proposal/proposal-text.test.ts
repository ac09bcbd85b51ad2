// A proposal as YAML that the reader of mapping files takes.

import { expect, test } from 'vitest';
import { parseSchema } from '../../../../src/avro/schema.ts';
import { readMappingFile } from '../../../../src/pipeline/mapping/mapping-file.ts';
import { proposalFor } from '../../../../src/pipeline/mapping/proposal/proposal.ts';
import { proposalText } from '../../../../src/pipeline/mapping/proposal/proposal-text.ts';

const record = (fields: readonly (readonly [string, unknown])[], name = 'flow') => ({
  type: 'record',
  name,
  fields: fields.map(([field, type]) => ({ name: field, type })),
});

const textFor = (schema: unknown, topic = 'flows') =>
  proposalText(proposalFor(parseSchema(schema)), { topic, head: ['Proposed.'] });

test('names that YAML takes for other values are quoted', () => {
  const symbols = { type: 'enum', name: 'p', symbols: ['TCP', 'no_other', 'NONE'] };
  const inner = record([['src_ip', 'string']], 'inner');
  const text = textFor(
    record([
      ['on', inner],
      ['proto', symbols],
      ['dst_ip', 'string'],
    ]),
    'null',
  );
  const { file, faults } = readMappingFile(text);
  expect(faults).toEqual([]);
  expect(file?.topics['null']?.fields).toMatchObject({
    proto: { element: 'protocolIdentifier', symbols: { NONE: null, no_other: null } },
    dst_ip: 'destinationAddress',
  });
});

test('each suggestion is right for its line once the mark of a comment is removed', () => {
  const fields = [
    ['src_ip', 'string'],
    ['next_hop', 'int'],
    ['start', 'long'],
    ['tcp_flags', 'string'],
  ] as const;
  const text = textFor(record(fields));
  const { file, faults } = readMappingFile(text.replace(/^( {6})# (?=\w+: \{)/gm, '$1'));
  expect(faults).toEqual([]);
  expect(file?.topics['flows']?.fields).toEqual({
    src_ip: 'sourceAddress',
    next_hop: { element: 'ipNextHopAddress', byteOrder: 'big' },
    start: { element: 'flowStartMilliseconds', unit: 'ms' },
    tcp_flags: { element: 'tcpControlBits', base: 10 },
  });
});

test('what is long is wrapped, and an updated row is spoken of beside the rule', () => {
  const row = record(
    [['src_ip', 'string'], ...Array.from({ length: 40 }, (_, i) => [`other_${i}`, 'int'] as const)],
    'row',
  );
  const text = textFor(
    record(
      [
        ['before', ['null', row]],
        ['after', ['null', 'row']],
        ['op', 'string'],
      ],
      'Envelope',
    ),
  );
  expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(100);
  expect(text).toMatch(
    /# A row that is updated .*\n {4}skip:\n {6}- \{ reason: "not a row", field: op, is: \[d, t, m\] \}\n/,
  );
});
