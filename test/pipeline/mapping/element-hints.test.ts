// What validate suggests for fields that nothing maps.

import { expect, test } from 'vitest';
import { parseSchema } from '../../../src/avro/schema.ts';
import { elementHints } from '../../../src/pipeline/mapping/element-hints.ts';
import { mappingOf } from '../../../src/pipeline/mapping/mapping.ts';

function hintsOf(fields: Readonly<Record<string, unknown>>, unlisted: 'map' | 'ignore' = 'map') {
  const list = Object.entries(fields).map(([name, type]) => ({ name, type }));
  const root = parseSchema({ type: 'record', name: 'E', fields: list });
  const mapping = mappingOf(root, { section: { unlisted, fields: {} }, presets: [] });
  return elementHints(root, mapping).map(({ path, element, preset }) => [path, element, preset]);
}

test('a field that a preset knows is suggested by the preset that knows most of the schema', () => {
  const vpc = { srcaddr: 'string', dstaddr: 'string', start: 'long', log_status: 'string' };
  expect(hintsOf(vpc, 'ignore')).toEqual([
    ['srcaddr', 'sourceAddress', 'aws-vpc'],
    ['dstaddr', 'destinationAddress', 'aws-vpc'],
    ['start', 'flowStartMilliseconds', 'aws-vpc'],
  ]);
});

test.each([
  ['octetDeltaCuont', 'long', 'octetDeltaCount'],
  ['packet_delta_counts', 'long', 'packetDeltaCount'],
  ['tcp_control_bit', 'int', 'tcpControlBits'],
  ['sourceTransportPrt', 'int', 'sourceTransportPort'],
])('a field with a name like an element is suggested: %s', (name, type, element) => {
  expect(hintsOf({ [name]: type })).toEqual([[name, element, undefined]]);
});

test.each([
  ['a name like no element', { customer: 'string' }],
  ['a short name', { flwId: 'long' }],
  ['a type that the element cannot have', { octetDeltaCuont: 'boolean' }],
  ['an element that another field fills', { octetDeltaCount: 'long', octetDeltaCuont: 'long' }],
])('there is no suggestion for %s', (_, fields) => {
  expect(hintsOf(fields)).toEqual([]);
});

test('an element is suggested for one field only', () => {
  const fields = { src_addr: 'string', source_ip: 'string' };
  expect(hintsOf(fields, 'ignore')).toHaveLength(1);
});
