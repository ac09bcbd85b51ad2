// What a mapping can say of a field: units, forms of text, sums, stand-ins, constants, sources beside
// the value, sizes and lists.

import { describe, expect, test } from 'vitest';
import { readMappingFile, sectionFor } from '../../../src/pipeline/mapping/mapping-file.ts';
import { mappingFromSchema, valuesIn } from '../../support/events/mapping.ts';

type Fields = Readonly<Record<string, unknown>>;

const schemaOf = (types: Fields) => ({
  type: 'record',
  name: 'E',
  fields: Object.entries(types).map(([name, type]) => ({ name, type })),
});

const wordsOf = (fields: Fields, more: Fields = {}) => {
  const { file, faults } = readMappingFile(
    JSON.stringify({ topics: { '*': { fields, ...more } } }),
  );
  expect(faults).toEqual([]);
  return { section: sectionFor(file, 'any'), presets: [] };
};

/** The values that elements get: by the types of the fields, the mapping, and one event. */
const values = (types: Fields, fields: Fields, event: Fields, more?: Fields) =>
  valuesIn(schemaOf(types), event, wordsOf(fields, more));

const one = (type: unknown, spec: unknown, value: unknown, more?: Fields): unknown =>
  Object.values(values({ f: type }, { f: spec }, { f: value }, more))[0];

const faultOf = (type: unknown, spec: unknown): string | undefined =>
  mappingFromSchema(schemaOf({ f: type }), wordsOf({ f: spec })).faults[0]?.problem;

describe('units', () => {
  const ms = (unit: string) => ({ element: 'flowStartMilliseconds', unit });
  const duration = (unit: string) => ({ element: 'flowDurationMilliseconds', unit });

  test.each([
    ['long', ms('s'), 1_700_000_000, 1_700_000_000_000],
    ['long', ms('us'), 1_700_000_000_123_999, 1_700_000_000_123],
    ['double', ms('s'), 1_700_000_000.1239, 1_700_000_000_124],
    ['long', { element: 'flowStartSeconds', unit: 'ms' }, 1_700_000_000_999, 1_700_000_000],
    [{ type: 'int', logicalType: 'date' }, 'flowStartSeconds', 2, 172_800],
    ['int', duration('s'), 3, 3_000],
    ['long', duration('us'), 2_999, 2],
    ['long', { element: 'octetDeltaCount', unit: 'bits' }, 80, 10n],
    ['long', { element: 'octetDeltaCount', unit: 'bits' }, 81, '81 bits are not whole octets'],
  ])('%j by %j: %s', (type, spec, value, wanted) => {
    expect(one(type, spec, value)).toEqual(wanted);
  });

  test('below zero go down, so that they stay below', () => {
    expect(one('long', ms('us'), -1)).toBe(-1);
  });

  test.each([
    ['long', { element: 'octetDeltaCount', unit: 's' }, '"unit" has no effect on octetDeltaCount'],
    ['long', { element: 'vlanId', unit: 'bits' }, '"unit": "bits" has no effect on vlanId'],
    [
      { type: 'long', logicalType: 'timestamp-micros' },
      { element: 'flowStartMilliseconds', unit: 's' },
      'Avro\'s timestamp-micros counts us; remove "unit"',
    ],
  ])('that do not fit are a fault: %j by %j', (type, spec, problem) => {
    expect(faultOf(type, spec)).toContain(problem);
  });
});

describe('times in text', () => {
  const at = (more: object = {}) => ({ element: 'flowStartMilliseconds', ...more });

  test.each([
    ['2026-01-02T03:04:05Z', at(), Date.UTC(2026, 0, 2, 3, 4, 5)],
    ['2026-01-02T03:04:05.678901+02:00', at(), Date.UTC(2026, 0, 2, 1, 4, 5, 678)],
    ['2026-01-02 03:04:05.678901', at({ zone: 'UTC' }), Date.UTC(2026, 0, 2, 3, 4, 5, 678)],
    ['2026-01-02 03:04:05', at({ zone: '+01:00' }), Date.UTC(2026, 0, 2, 2, 4, 5)],
    ['2026-07-02 03:04:05', at({ zone: 'Europe/Zurich' }), Date.UTC(2026, 6, 2, 1, 4, 5)],
    ['2026-01-02 03:04:05', at({ zone: 'Europe/Zurich' }), Date.UTC(2026, 0, 2, 2, 4, 5)],
    // The hour that comes twice: the earlier one; the one that never comes.
    ['2026-10-25 02:30:00', at({ zone: 'Europe/Zurich' }), Date.UTC(2026, 9, 25, 0, 30)],
    [
      '2026-03-29 02:30:00',
      at({ zone: 'Europe/Zurich' }),
      'the clocks of Europe/Zurich never show 2026-03-29T02:30:00',
    ],
    ['1767323045.678901', at({ unit: 's' }), 1_767_323_045_678],
    ['1714979289123', at({ unit: 'ms' }), 1_714_979_289_123],
    ['1714979289123.9', at({ unit: 'ms' }), 1_714_979_289_123],
    ['1714979289123456789', at({ unit: 'ns' }), 1_714_979_289_123],
    ['1714979289123', at({ format: 'epoch', unit: 'ms' }), 1_714_979_289_123],
    ['1714979289', at({ element: 'flowStartSeconds', unit: 's' }), 1_714_979_289],
    ['1714979289123', at({ element: 'flowStartSeconds', unit: 'ms' }), 1_714_979_289],
    [
      '1714979289123',
      at(),
      /is a number without a unit; set "unit" in the mapping: s, ms, us or ns$/,
    ],
    ['2026-01-02T03:04:05Z', at({ unit: 'ms' }), Date.UTC(2026, 0, 2, 3, 4, 5)],
    // Python's str(), PostgreSQL, Go and Ruby.
    ['2024-05-06 07:08:09.123+00:00', at(), Date.UTC(2024, 4, 6, 7, 8, 9, 123)],
    ['2024-05-06 07:08:09.123+02', at(), Date.UTC(2024, 4, 6, 5, 8, 9, 123)],
    ['2024-05-06 07:08:09 -0330', at(), Date.UTC(2024, 4, 6, 10, 38, 9)],
    ['2024-05-06 07:08:09 UTC', at({ format: 'datetime' }), Date.UTC(2024, 4, 6, 7, 8, 9)],
    ['2024-05-06 07:08:09,5Z', at(), Date.UTC(2024, 4, 6, 7, 8, 9, 500)],
    ['2024-05-06T07:08:09+02', at(), Date.UTC(2024, 4, 6, 5, 8, 9)],
    [
      '2024-05-06 07:08:09+99:99',
      at(),
      /^"2024-05-06 07:08:09\+99:99" .* a zone that does not exist/,
    ],
    // Below 1970 and below zero: the whole milliseconds at or before it.
    ['-0.0005', at({ unit: 's' }), -1],
    ['1969-12-31T23:59:58.5Z', at(), -1500],
    ['1767323045', at({ format: 'epoch' }), 1_767_323_045_000],
    ['2026-01-02T03:04:05Z', at({ format: 'epoch' }), /is not a time of the form epoch$/],
    ['2026-02-30T00:00:00Z', at(), /is a time that does not exist$/],
    ['2026-01-02 03:04:05', at(), /has no zone; set "zone" in the mapping$/],
    ['yesterday', at(), '"yesterday" is not a time'],
  ])('%s by %j', (text, spec, wanted) => {
    const found = one('string', spec, text);
    if (wanted instanceof RegExp) expect(found).toMatch(wanted);
    else expect(found).toBe(wanted);
  });

  test("are taken in the topic's zone where they have none of their own", () => {
    const more = { zone: '-05:00' };
    expect(one('string', at(), '2026-01-02 00:00:00', more)).toBe(Date.UTC(2026, 0, 2, 5));
  });

  test('in an unknown zone are a fault of the file', () => {
    const text = JSON.stringify({ topics: { a: { zone: 'Europe/Zurch' } } });
    expect(readMappingFile(text).faults[0]).toMatchObject({
      path: 'topics.a.zone (line 1)',
      problem: '"Europe/Zurch" is not a zone; write it as UTC, +02:00 or Europe/Zurich',
    });
  });
});

describe('several fields to one element', () => {
  const icmp = { t: { element: 'icmpTypeCodeIPv4', times: 256, plus: 'c' } };
  const types = { t: ['null', 'int'], c: ['null', 'int'] };

  test('are summed, the one times a number', () => {
    expect(values(types, icmp, { t: 3, c: 1 })).toEqual({ icmpTypeCodeIPv4: 769 });
    expect(values(types, icmp, { t: null, c: 1 })).toEqual({ icmpTypeCodeIPv4: null });
    expect(values(types, icmp, { t: 3, c: null })).toEqual({ icmpTypeCodeIPv4: null });
  });

  test('never run into each other', () => {
    const found = values(types, icmp, { t: 3, c: 256 });
    expect(found).toEqual({ icmpTypeCodeIPv4: '256 is not from 0 to 255' });
  });

  test('give an end out of a start and a duration', () => {
    const fields = {
      start: [
        { element: 'flowStartMilliseconds', unit: 's' },
        { element: 'flowEndMilliseconds', unit: 's', plus: 'took', plusUnit: 'us' },
      ],
    };
    expect(values({ start: 'long', took: 'long' }, fields, { start: 10, took: 2_500_000 })).toEqual(
      {
        flowStartMilliseconds: 10_000,
        flowEndMilliseconds: 12_500,
      },
    );
  });
});

describe('what stands in', () => {
  test('is the first of the fallbacks that has a value', () => {
    const spec = { element: 'flowEndMilliseconds', unit: 's', fallback: ['b', '$timestamp'] };
    const types = { a: ['null', 'long'], b: ['null', 'long'] };
    const end = (a: number | null, b: number | null) =>
      values(types, { a: spec }, { a, b })['flowEndMilliseconds'];
    expect([end(1, 2), end(null, 2), end(null, null)]).toEqual([1000, 2000, 1_700_000_000_123]);
  });

  test('is a constant where the events say nothing', () => {
    const fields = {
      f: 'flowId',
      $constant: [
        { element: 'samplingInterval', value: 1000 },
        { element: 'originalExporterAddress', value: '192.0.2.1' },
      ],
    };
    expect(values({ f: 'long' }, fields, { f: 1 })).toEqual({
      flowId: 1,
      samplingInterval: 1000,
      originalExporterAddress: Buffer.from([192, 0, 2, 1]),
    });
  });
});

test('what is beside the value is read from there', () => {
  const fields = {
    f: 'flowId',
    $key: { element: 'originalExporterAddress', as: 'json' },
    '$header.exporter': 'exporterAddress',
    '$header.none': 'applicationName',
    $topic: 'userName',
    $partition: 'ingressInterface',
    $offset: 'octetTotalCount',
    $timestamp: 'observationTimeMilliseconds',
  };
  expect(values({ f: 'long' }, fields, { f: 1 })).toEqual({
    flowId: 1,
    originalExporterAddress: Buffer.from([192, 0, 2, 9]),
    exporterAddress: Buffer.from('20010db8000000000000000000000009', 'hex'),
    applicationName: null,
    userName: 'flows',
    ingressInterface: 3,
    octetTotalCount: 41,
    observationTimeMilliseconds: 1_700_000_000_123,
  });
});

describe('addresses', () => {
  const mapped = '::ffff:192.0.2.1';

  test('of IPv4 in the form of IPv6 become IPv4, unless told', () => {
    const four = Buffer.from([192, 0, 2, 1]);
    const six = Buffer.from('00000000000000000000ffffc0000201', 'hex');
    expect(one('string', 'sourceAddress', mapped)).toEqual(four);
    expect(one('bytes', 'sourceAddress', six)).toEqual(four);
    expect(one('bytes', 'sourceIPv4Address', six)).toEqual(four);
    expect(one('bytes', 'sourceIPv6Address', six)).toEqual(six);
    expect(one('string', 'sourceAddress', mapped, { ipv4Mapped: 'ipv6' })).toEqual(six);
  });

  test.each([
    '192.0.2.256',
    '192.0.2',
    '010.0.0.1',
    '1.2.3.4.5',
    '::1::',
    '1:2:3:4:5:6:7',
    'fe80::1%eth0',
    '',
  ])('that are none are refused: %s', (text) =>
    expect(one('string', 'sourceAddress', text)).toMatch(/ is not an IP address$/),
  );
});

describe('words', () => {
  const tcp = { type: 'enum', name: 'P', symbols: ['TCP', 'SCTP'] };

  test('of protocols are known', () => {
    expect(one(tcp, 'protocolIdentifier', 'SCTP')).toBe(132);
    expect(one('string', 'protocolIdentifier', 'ipv6-icmp')).toBe(58);
    expect(one('string', 'protocolIdentifier', '6')).toBe(6);
    expect(one('string', 'protocolIdentifier', 'tpc')).toBe('"tpc" is not an integer');
  });

  test('that a topic alone has are said', () => {
    const spec = { element: 'flowEndReason', symbols: { idle: 1, active: 2 } };
    expect(one('string', spec, 'active')).toBe(2);
    const colour = { type: 'enum', name: 'C', symbols: ['idle', 'gone'] };
    expect(faultOf(colour, spec)).toContain(
      'no number is known for gone; set each one in "symbols": to its number, or to null if it means ' +
        'that the value is absent, as in "symbols": {"gone": null}',
    );
  });

  test('in an array are bits', () => {
    const flags = { element: 'tcpControlBits', symbols: { SYN: 2, ACK: 16 } };
    expect(one({ type: 'array', items: 'string' }, flags, ['SYN', 'ACK'])).toBe(18);
  });
});

describe('sizes', () => {
  test('reduced, and of enterprise elements, are in the Field Specifier', () => {
    const fields = {
      f: { element: 'octetDeltaCount', length: 4 },
      g: { element: '4242/17', type: 'unsigned32', name: 'score', length: 3 },
      s: { element: 'applicationName', length: 8 },
    };
    const schema = schemaOf({ f: 'long', g: 'int', s: 'string' });
    const mapping = mappingFromSchema(schema, wordsOf(fields));
    expect(mapping.fields.map(({ elements: [first] }) => first!.field)).toMatchObject([
      { element: { name: 'octetDeltaCount' }, length: 4 },
      { element: { name: 'score', enterpriseNumber: 4242, id: 17 }, length: 3 },
      { element: { name: 'applicationName' }, length: 8 },
    ]);
  });

  test.each([
    ['long', { element: 'octetDeltaCount', length: 9 }, 'cannot be sent in 9 octets'],
    ['string', { element: 'sourceAddress', length: 3 }, 'cannot be sent in 3 octets'],
    ['long', { element: '4242/17' }, '4242/17 needs "type", the abstract type of the element'],
    ['long', { element: '4242/40000', type: 'unsigned8' }, 'is out of range; PEN/id'],
    ['long', { element: '0/9999' }, "IANA's registry has no element 9999"],
  ])('that cannot be are a fault: %s by %j', (type, spec, problem) => {
    expect(faultOf(type, spec)).toContain(problem);
  });
});

test('an array becomes a list of its items, each by its element', () => {
  const fields = { a: { element: 'basicList', of: 'ipNextHopIPv4Address', semantic: 'allOf' } };
  const types = { a: { type: 'array', items: 'string' } };
  const mapping = mappingFromSchema(schemaOf(types), wordsOf(fields));
  const [list] = mapping.fields[0]!.elements;
  const hops = values(types, fields, { a: ['10.0.0.1', '10.0.0.2'] })['basicList'];
  const target = Buffer.alloc(40);
  const end = list!.encode(hops, target, 0);
  expect(list!.octetsOf(hops)).toBe(end);
  expect(target.toString('hex', 0, end)).toBe(
    'ff000d' + '03' + '000f0004' + '0a000001' + '0a000002',
  );
});

test('keys of maps and items of arrays have paths', () => {
  const types = {
    m: { type: 'map', values: 'long' },
    a: {
      type: 'array',
      items: { type: 'record', name: 'I', fields: [{ name: 'n', type: 'int' }] },
    },
  };
  const fields = { 'm.one': 'flowId', 'm."a.b"': 'octetDeltaCount', 'a.1.n': 'vlanId' };
  const event = (m: object, a: object[]) => values(types, fields, { m, a });
  expect(event({ one: 1, 'a.b': 2, other: 3 }, [{ n: 4 }, { n: 5 }])).toEqual({
    flowId: 1,
    octetDeltaCount: 2,
    vlanId: 5,
  });
  expect(event({}, [{ n: 4 }])).toEqual({ flowId: null, octetDeltaCount: null, vlanId: null });
});
