// What is wrong with a mapping, each fault with the path and the way to fix it.

import { describe, expect, test } from 'vitest';
import { mappingFromSchema } from '../../support/events/mapping.ts';

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
      'the reverse of an element that has no direction',
      { name: 'a', type: 'long', ipfix: 'reverseFlowId' },
      'a: reverseFlowId does not exist: it has no direction (RFC 5103 §6.1); map another element',
    ],
    [
      'the other such element, by its own name',
      { name: 'flowEndDeltaMicroseconds', type: 'long' },
      'flowEndDeltaMicroseconds: flowEndDeltaMicroseconds is relative to Export Time; ' +
        'use an absolute time element',
    ],
    [
      'a type that no field can fill',
      { name: 'a', type: 'long', ipfix: 'subTemplateList' },
      'a: subTemplateList is subTemplateList, which is not supported yet',
    ],
    [
      'a fixed of the wrong size',
      { name: 'a', type: fixed(8), ipfix: 'sourceMacAddress' },
      'a: fixed of 8 octets is not a MAC address (6 octets)',
    ],
    [
      "a fixed of the other IP version's size",
      { name: 'a', type: fixed(4), ipfix: 'sourceIPv6Address' },
      'a: fixed of 4 octets cannot fill sourceIPv6Address (16 octets)',
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
    ['bytes', 'flowId', 'int, long, double, decimal, string, enum'],
    ['boolean', 'flowId', 'int, long, double, decimal, string, enum'],
    ['long', 'sourceIPv6Address', 'bytes, fixed, string'],
    ['boolean', 'sourceAddress', 'bytes, fixed, string, int, long'],
    ['double', 'sourceMacAddress', 'bytes, fixed, string, long'],
    ['boolean', 'applicationName', 'string, enum, int, long'],
    ['boolean', 'samplingProbability', 'float, double, int, long, decimal, string'],
    ['bytes', 'flowStartMilliseconds', 'int, long, double, string'],
    ['double', 'dataRecordsReliability', 'boolean, int, string'],
    ['int', 'mplsTopLabelStackSection', 'bytes, fixed, string'],
  ])('Avro %s for %s says to use one of %s', (type, element, wanted) => {
    const [fault] = faultsOf(octets, { name: 'a', type, ipfix: element });
    expect(fault).toMatch(new RegExp(`^a: Avro ${type} cannot fill \\w+ \\(\\w+\\); use `));
    expect(fault).toContain(`use one of ${wanted}, or map another element`);
  });

  test.each([
    [{ type: 'array', items: 'long' }, 'is an array; map one of its items, as "path.0"'],
    [{ type: 'map', values: 'long' }, 'is a map; map one of its keys, as "path.key"'],
    [['long', 'bytes'], 'Avro bytes cannot fill flowStartMilliseconds'],
    [{ type: 'long', logicalType: 'time-micros' }, 'time-micros is a time of day without a date'],
    [{ type: 'long', logicalType: 'local-timestamp-millis' }, 'has no zone; add "zone"'],
  ])('%o holds no single time', (type, problem) => {
    const [fault] = faultsOf(octets, { name: 'a', type, ipfix: 'flowStartMilliseconds' });
    expect(fault).toContain(problem);
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
    const twins = ['a', 'b'].map((name) => ({ name, type: 'long', ipfix: 'octetDeltaCount' }));
    expect(faultsOf(...twins)).toEqual([
      'b: fills octetDeltaCount, as a does; map only one of them',
    ]);
  });

  test('is none where an attribute and a name do: the name gives way, and this is reported', () => {
    const attribute = { name: 'b', type: 'long', ipfix: 'octetDeltaCount' };
    const mapping = mappingFromSchema({ type: 'record', name: 'E', fields: [octets, attribute] });
    expect(mapping.faults).toEqual([]);
    expect(mapping.fields.map(({ path }) => path)).toEqual(['b']);
    expect(mapping.leftOut).toEqual([
      { path: 'octetDeltaCount', problem: 'octetDeltaCount is filled by b' },
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
      fields.length === 0
        ? '(schema): has no records with fields; events are Avro records'
        : '(schema): no field maps to an Information Element; name them in MAPPING_FILE, ' +
          'or add "ipfix" attributes',
    ]);
  });

  test.each([['"string"'], ['{"type":"array","items":"long"}']])(
    'a schema without records: %s',
    (text) => {
      expect(mappingFromSchema(JSON.parse(text))).toMatchObject({
        fields: [],
        ignored: [],
        faults: [
          { path: '(schema)', problem: 'has no records with fields; events are Avro records' },
        ],
      });
    },
  );
});

test("all fields' faults are reported at once, each with its own path", () => {
  const inner = {
    type: 'record',
    name: 'I',
    fields: [{ name: 'x', type: 'long', ipfix: 'flwId' }],
  };
  expect(
    faultsOf({ name: 'a', type: 'bytes', ipfix: 'flowId' }, { name: 'b', type: inner }, octets, {
      name: 'c',
      type: 'long',
      ipfix: 'flowEndDeltaMicroseconds',
    }).map((fault) => fault.split(':')[0]),
  ).toEqual(['a', 'b.x', 'c']);
});

test('two fields to one element are reported beside the faults of others; what follows is not', () => {
  const twin = { ...octets, name: 'b', ipfix: 'octetDeltaCount' };
  const first = { ...octets, ipfix: 'octetDeltaCount' };
  const address = { name: 'a', type: 'double', ipfix: 'sourceAddress' };
  const faults = faultsOf(address, first, twin, { name: 'icmpType', type: 'int' });
  expect(faults.map((fault) => fault.split(';')[0])).toEqual([
    'a: Avro double cannot fill sourceIPv4Address (ipv4Address)',
    'b: fills octetDeltaCount, as octetDeltaCount does',
  ]);
});
