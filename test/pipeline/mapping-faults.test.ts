// What is wrong with a mapping, each fault with the path and the way to mend it.

import { describe, expect, test } from 'vitest';
import { mappingFromSchema } from '../../src/pipeline/mapping.ts';

type AvroField = Readonly<Record<string, unknown>>;

const faultsOf = (...fields: readonly AvroField[]) =>
  mappingFromSchema({ type: 'record', name: 'E', fields }).faults.map(
    ({ path, problem }) => `${path}: ${problem}`,
  );

const octets = { name: 'octetDeltaCount', type: 'long' };
const fixed = (size: number) => ({ type: 'fixed', name: `F${size}`, size });

describe('a fault of one field', () => {
  test.each([
    [
      'a misspelt element',
      { name: 'a', type: 'long', ipfix: 'octetDeltaCont' },
      'a: "octetDeltaCont" is not an Information Element; did you mean "octetDeltaCount"?',
    ],
    [
      'an element that nothing is like',
      { name: 'a', type: 'long', ipfix: 'zzzzzzzzzzzzzzzzzzzz' },
      'a: "zzzzzzzzzzzzzzzzzzzz" is not an Information Element; see the IANA IPFIX registry',
    ],
    [
      'an element relative to Export Time',
      { name: 'a', type: 'long', ipfix: 'flowStartDeltaMicroseconds' },
      'a: flowStartDeltaMicroseconds is relative to Export Time; use an absolute time element',
    ],
    [
      'the other such element, by its own name',
      { name: 'flowEndDeltaMicroseconds', type: 'long' },
      'flowEndDeltaMicroseconds: flowEndDeltaMicroseconds is relative to Export Time; ' +
        'use an absolute time element',
    ],
    [
      'a type that is not supported',
      { name: 'a', type: 'long', ipfix: 'flowStartNanoseconds' },
      'a: flowStartNanoseconds is dateTimeNanoseconds, which is not supported yet',
    ],
    [
      'a fixed of the wrong size',
      { name: 'a', type: fixed(8), ipfix: 'sourceMacAddress' },
      'a: fixed of 8 octets cannot fill sourceMacAddress (6 octets)',
    ],
    [
      "a fixed of the other IP version's size",
      { name: 'a', type: fixed(16), ipfix: 'sourceIPv4Address' },
      'a: fixed of 16 octets cannot fill sourceIPv4Address (4 octets)',
    ],
    [
      "a fixed of neither IP version's size",
      { name: 'a', type: fixed(5), ipfix: 'sourceAddress' },
      'a: fixed of 5 octets cannot fill sourceIPv4Address or sourceIPv6Address (4 or 16 octets)',
    ],
  ])('%s', (_, field, fault) => {
    expect(faultsOf(octets, field)).toEqual([fault]);
  });

  test.each([
    ['string', 'flowId', 'int or long'],
    ['double', 'flowId', 'int or long'],
    ['bytes', 'flowId', 'int or long'],
    ['boolean', 'flowId', 'int or long'],
    ['string', 'sourceIPv4Address', 'bytes or fixed'],
    ['string', 'sourceAddress', 'bytes or fixed'],
    ['long', 'sourceMacAddress', 'bytes or fixed'],
    ['int', 'applicationName', 'string or enum'],
    ['int', 'samplingProbability', 'float or double'],
    ['string', 'flowStartMilliseconds', 'long (timestamp-millis) or long'],
    ['int', 'flowStartMilliseconds', 'long (timestamp-millis) or long'],
    ['string', 'flowStartSeconds', 'int or long'],
    ['int', 'dataRecordsReliability', 'boolean'],
    ['string', 'mplsTopLabelStackSection', 'bytes or fixed'],
  ])('Avro %s for %s says to use %s', (type, element, wanted) => {
    const [fault] = faultsOf(octets, { name: 'a', type, ipfix: element });
    expect(fault).toMatch(new RegExp(`^a: Avro ${type} cannot fill \\w+ \\(\\w+\\); use `));
    expect(fault).toContain(`use ${wanted}, or map another element`);
  });

  test.each([
    [{ type: 'long', logicalType: 'timestamp-micros' }, 'long (timestamp-micros)'],
    [{ type: 'array', items: 'long' }, 'array'],
    [{ type: 'map', values: 'long' }, 'map'],
    [['long', 'string'], 'union'],
    [['null', 'long', 'string'], 'union'],
    ['null', 'null'],
  ])('%o holds no single number', (type, form) => {
    const [fault] = faultsOf(octets, { name: 'a', type, ipfix: 'flowStartMilliseconds' });
    expect(fault).toContain(`a: Avro ${form} cannot fill flowStartMilliseconds`);
  });
});

test('all Avro forms that an element takes are taken', () => {
  const enumeration = { type: 'enum', name: 'P', symbols: ['TCP'] };
  const millis = { type: 'long', logicalType: 'timestamp-millis' };
  expect(
    faultsOf(
      { name: 'a', type: 'int', ipfix: 'flowId' },
      { name: 'b', type: 'long', ipfix: 'octetDeltaCount' },
      { name: 'c', type: fixed(6), ipfix: 'sourceMacAddress' },
      { name: 'd', type: fixed(4), ipfix: 'sourceAddress' },
      { name: 'e', type: fixed(16), ipfix: 'destinationAddress' },
      { name: 'f', type: 'bytes', ipfix: 'applicationId' },
      { name: 'g', type: fixed(3), ipfix: 'mplsTopLabelStackSection' },
      { name: 'h', type: enumeration, ipfix: 'applicationName' },
      { name: 'i', type: 'string', ipfix: 'userName' },
      { name: 'j', type: 'boolean', ipfix: 'dataRecordsReliability' },
      { name: 'k', type: 'double', ipfix: 'samplingProbability' },
      { name: 'l', type: millis, ipfix: 'flowStartMilliseconds' },
      { name: 'm', type: 'int', ipfix: 'flowStartSeconds' },
    ),
  ).toEqual([]);
});

describe('a fault that no field has alone', () => {
  test('two fields to one element', () => {
    expect(faultsOf(octets, { name: 'b', type: 'long', ipfix: 'octetDeltaCount' })).toEqual([
      'b: fills octetDeltaCount, as octetDeltaCount does; map only one of them',
    ]);
  });

  test('a name for either IP version beside one for IPv4', () => {
    expect(
      faultsOf(
        { name: 'a', type: 'bytes', ipfix: 'sourceAddress' },
        { name: 'b', type: 'bytes', ipfix: 'sourceIPv4Address' },
      ),
    ).toEqual(['b: fills sourceIPv4Address, as a does; map only one of them']);
  });

  test.each(['sourcePrefixLength', 'icmpType', 'icmpTypeCode'])(
    '%s, but no address that says the IP version',
    (name) => {
      const hop = { name: 'ipNextHopAddress', type: 'bytes' };
      expect(faultsOf(hop, { name, type: 'int' })).toEqual([
        `${name}: ${name} depends on the flow's IP version; ` +
          'map sourceAddress or destinationAddress too',
      ]);
      expect(
        faultsOf({ name: 'destinationAddress', type: 'bytes' }, { name, type: 'int' }),
      ).toEqual([]);
    },
  );

  test.each([
    ['no field', []],
    ['only fields that are ignored', [{ name: 'note', type: 'string' }]],
  ])('nothing mapped: %s', (_, fields) => {
    expect(faultsOf(...fields)).toEqual([
      '(schema): no field maps to an Information Element; add "ipfix" attributes',
    ]);
  });

  test('nothing that is always there', () => {
    expect(faultsOf({ ...octets, type: ['null', 'long'] })).toEqual([
      '(schema): every field may be absent; map one that is never null',
    ]);
  });

  test.each([['"string"'], ['{"type":"array","items":"long"}'], ['null'], ['[]'], ['7']])(
    'a schema that is no record: %s',
    (text) => {
      expect(mappingFromSchema(JSON.parse(text))).toEqual({
        fields: [],
        ignored: [],
        faults: [{ path: '(schema)', problem: 'is not an Avro record' }],
      });
    },
  );
});

test("all fields' faults are told at once, each with its own path", () => {
  const inner = {
    type: 'record',
    name: 'I',
    fields: [{ name: 'x', type: 'long', ipfix: 'flwId' }],
  };
  expect(
    faultsOf({ name: 'a', type: 'string', ipfix: 'flowId' }, { name: 'b', type: inner }, octets, {
      name: 'c',
      type: 'long',
      ipfix: 'flowEndDeltaMicroseconds',
    }).map((fault) => fault.split(':')[0]),
  ).toEqual(['a', 'b.x', 'c']);
});

test('two fields to one element are told beside the faults of others; what follows is not', () => {
  const twin = { ...octets, name: 'b', ipfix: 'octetDeltaCount' };
  const address = { name: 'a', type: 'string', ipfix: 'sourceAddress' };
  const faults = faultsOf(address, octets, twin, { name: 'icmpType', type: 'int' });
  expect(faults.map((fault) => fault.split(';')[0])).toEqual([
    'a: Avro string cannot fill sourceIPv4Address (ipv4Address)',
    'b: fills octetDeltaCount, as octetDeltaCount does',
  ]);
});
