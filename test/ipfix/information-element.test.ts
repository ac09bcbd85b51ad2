import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generateRegistry } from '../../scripts/generate-registry.ts';
import {
  abstractTypes,
  elementById,
  elementByName,
  ianaRegistry,
} from '../../src/ipfix/information-element.ts';

test("the registry has IANA's 502 elements, ascending, each name once", () => {
  expect(ianaRegistry).toHaveLength(502);
  const ids = ianaRegistry.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
  expect(new Set(ianaRegistry.map(({ name }) => name)).size).toBe(502);
});

test('the generated file is what the generator makes of the table', () => {
  const file = new URL('../../src/ipfix/iana-registry.ts', import.meta.url);
  expect(readFileSync(file, 'utf8')).toBe(generateRegistry());
});

test('an element is found by its name and by its id', () => {
  const octets = elementByName('octetDeltaCount');
  expect(octets).toEqual({
    id: 1,
    name: 'octetDeltaCount',
    type: 'unsigned64',
    enterpriseNumber: 0,
    semantics: 'deltaCounter',
    units: 'octets',
    range: '',
    deprecated: false,
  });
  expect(elementById(0, 1)).toBe(octets);
});

test.each([
  [4, 'protocolIdentifier', 'unsigned8'],
  [6, 'tcpControlBits', 'unsigned16'],
  [27, 'sourceIPv6Address', 'ipv6Address'],
  [56, 'sourceMacAddress', 'macAddress'],
  [89, 'forwardingStatus', 'unsigned32'],
  [153, 'flowEndMilliseconds', 'dateTimeMilliseconds'],
  [276, 'dataRecordsReliability', 'boolean'],
  [291, 'basicList', 'basicList'],
  [434, 'mibObjectValueInteger', 'signed32'],
  [515, 'ipv6ExtensionHeadersFull', 'unsigned256'],
  [533, 'pathDelaySumDeltaMicroseconds', 'unsigned64'],
])('element %i is %s, an %s', (id, name, type) => {
  expect(elementById(0, id)).toMatchObject({ id, name, type });
});

test("ranges and deprecation are the registry's own", () => {
  expect(elementByName('sourceIPv6PrefixLength')?.range).toBe('0-128');
  expect(elementByName('samplingInterval')?.deprecated).toBe(true);
  expect(elementByName('samplingPacketInterval')?.deprecated).toBe(false);
});

test('the reverse of an element has its own name in the reverse enterprise space', () => {
  const reverse = elementById(29305, 2);
  expect(reverse).toMatchObject({ id: 2, name: 'reversePacketDeltaCount', type: 'unsigned64' });
  expect(elementByName('reversePacketDeltaCount')).toBe(reverse);
});

test('what the registry has not is undefined', () => {
  expect(elementByName('octetdeltacount')).toBeUndefined();
  expect(elementById(0, 0)).toBeUndefined();
  expect(elementById(0, 534)).toBeUndefined();
  expect(elementById(32473, 1)).toBeUndefined();
});

// RFC 5610 §3.1, Table 1; RFC 6313 §11.1 and RFC 9740 added the last four.
test.each([
  [0, 'octetArray'],
  [4, 'unsigned64'],
  [8, 'signed64'],
  [10, 'float64'],
  [13, 'string'],
  [19, 'ipv6Address'],
  [20, 'basicList'],
  [22, 'subTemplateMultiList'],
  [23, 'unsigned256'],
])('the abstract type of number %i is %s', (number, type) => {
  expect(abstractTypes[number]).toBe(type);
});
