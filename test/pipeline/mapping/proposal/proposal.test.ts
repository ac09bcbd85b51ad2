// What is proposed for a schema, and what is only asked.

import { describe, expect, test } from 'vitest';
import { parseSchema } from '../../../../src/avro/schema.ts';
import { proposalFor } from '../../../../src/pipeline/mapping/proposal/proposal.ts';

type Field = readonly [name: string, type: unknown, doc?: string];

const record = (fields: readonly Field[], name = 'flow') => ({
  type: 'record',
  name,
  fields: fields.map(([field, type, doc]) => ({ name: field, type, ...(doc && { doc }) })),
});

const ends: Field[] = [
  ['src_ip', 'string'],
  ['dst_ip', 'string'],
];

const proposed = (...fields: readonly Field[]) =>
  proposalFor(parseSchema(record([...ends, ...fields])));

/** The entries but for those of the two addresses. */
function entriesFor(...fields: readonly Field[]) {
  const {
    src_ip: source,
    dst_ip: destination,
    ...others
  } = proposed(...fields).section.fields ?? {};
  expect([source, destination]).toEqual(['sourceAddress', 'destinationAddress']);
  return others;
}

const doubtsFor = (...fields: readonly Field[]) =>
  Object.fromEntries(proposed(...fields).suggestions.map(({ path, doubt }) => [path, doubt]));

const logical = (type: string, logicalType: string) => ({ type, logicalType });

describe('times', () => {
  test('with a logical type need no unit', () => {
    const fields = entriesFor(
      ['start', logical('long', 'timestamp-micros')],
      ['end', ['null', logical('long', 'timestamp-millis')]],
    );
    expect(fields).toEqual({ start: 'flowStartMilliseconds', end: 'flowEndMilliseconds' });
  });

  test('take their unit from the name, from "doc", or from a width that holds only seconds', () => {
    const fields = entriesFor(
      ['start_ns', 'long'],
      ['end', 'long', 'End of the flow, in milliseconds since 1970.'],
      ['duration', 'int', 'In microseconds.'],
    );
    expect(fields).toEqual({
      start_ns: { element: 'flowStartMilliseconds', unit: 'ns' },
      end: { element: 'flowEndMilliseconds', unit: 'ms' },
      duration: { element: 'flowDurationMilliseconds', unit: 'us' },
    });
    expect(entriesFor(['start_time', 'int'])).toEqual({
      start_time: { element: 'flowStartMilliseconds', unit: 's' },
    });
  });

  test('without any unit, without a zone, or of which nobody says what happened then are not sure', () => {
    const fields: Field[] = [
      ['start', 'long'],
      ['end_time', logical('long', 'local-timestamp-millis')],
      ['timestamp', logical('long', 'timestamp-millis')],
      ['FIRST_SWITCHED', 'int'],
      ['last', 'string'],
    ];
    for (const field of fields) {
      expect(entriesFor(field)).toEqual({});
      expect(doubtsFor(field)).toEqual({ [field[0]]: expect.stringMatching(/\?/) as unknown });
    }
  });
});

describe('counters', () => {
  test('of both ends are the two directions', () => {
    const fields: Field[] = [
      ['bytes_src', 'long'],
      ['bytes_dst', 'long'],
    ];
    expect(entriesFor(...fields)).toEqual({
      bytes_src: 'octetDeltaCount',
      bytes_dst: 'reverseOctetDeltaCount',
    });
  });

  test('in and out are not sure, unless "doc" says the direction or there is only one', () => {
    const fields = (up = '', down = ''): Field[] => [
      ['in_bytes', 'long', up],
      ['out_bytes', 'long', down],
    ];
    expect(Object.keys(doubtsFor(...fields()))).toEqual(['in_bytes', 'out_bytes']);
    expect(
      entriesFor(...fields('From the server to the client.', 'From the client to the server.')),
    ).toEqual({
      in_bytes: 'reverseOctetDeltaCount',
      out_bytes: 'octetDeltaCount',
    });
    expect(entriesFor(['in_bytes', 'long'])).toEqual({ in_bytes: 'octetDeltaCount' });
  });

  test('sent and received are the directions if nothing else is, and their sum is asked for', () => {
    expect(entriesFor(['bytes_sent', 'long'])).toEqual({ bytes_sent: 'octetDeltaCount' });
    const all: Field[] = [
      ['bytes_toserver', 'long'],
      ['bytes_toclient', 'long'],
    ];
    expect(entriesFor(...all, ['bytes', 'long'])).toEqual({
      bytes_toserver: 'octetDeltaCount',
      bytes_toclient: 'reverseOctetDeltaCount',
    });
    const fields: Field[] = [
      ['pkts_sent', 'long'],
      ['pkts_received', 'long'],
      ['packets', 'long', 'Total packets (transmit and receive).'],
    ];
    expect(Object.keys(doubtsFor(...fields))).toEqual(['pkts_sent', 'pkts_received', 'packets']);
  });

  test('of totals are not sure, unless "doc" says since when', () => {
    expect(doubtsFor(['total_packets', 'long'])).toMatchObject({
      total_packets: expect.stringContaining('since the start of the flow?') as unknown,
    });
    expect(entriesFor(['total_packets', 'long', 'Packets since the start of the flow.'])).toEqual({
      total_packets: 'packetTotalCount',
    });
    expect(entriesFor(['total_packets', 'long', 'Packets since the previous export.'])).toEqual({
      total_packets: 'packetDeltaCount',
    });
  });

  test('of both directions, or of the payload only, are not sure', () => {
    expect(doubtsFor(['bytes', 'long', 'Bytes in both directions.'])).toHaveProperty('bytes');
    expect(doubtsFor(['bytes', 'long', 'Octets of the payload.'])).toHaveProperty('bytes');
    expect(entriesFor(['payload_bytes', 'long'])).toEqual({});
  });
});

describe('numbers', () => {
  test('in text are not sure if their base is not', () => {
    expect(doubtsFor(['tcp_flags', 'string'])).toHaveProperty('tcp_flags');
    expect(entriesFor(['tcp_flags', 'string', 'As hexadecimal digits.'])).toEqual({
      tcp_flags: { element: 'tcpControlBits', base: 16 },
    });
    expect(entriesFor(['src_port', 'string'])).toEqual({ src_port: 'sourceTransportPort' });
    expect(doubtsFor(['in_if', 'string'])['in_if']).toMatch(/or a name\?/);
  });

  test('that stand for unknown are taken from "doc"', () => {
    expect(entriesFor(['proto', 'int', 'Use -1 if it is unknown.'])).toEqual({
      proto: { element: 'protocolIdentifier', nullValues: [-1] },
    });
  });

  test('of an enum are known for protocols and directions, and asked for otherwise', () => {
    const symbols = (name: string, ...all: string[]) => ({ type: 'enum', name, symbols: all });
    expect(
      entriesFor(
        ['proto', symbols('p', 'TCP', 'UDP', 'OTHER')],
        ['direction', symbols('d', 'INBOUND', 'OUTBOUND')],
      ),
    ).toEqual({
      proto: { element: 'protocolIdentifier', symbols: { OTHER: null } },
      direction: { element: 'flowDirection', symbols: { INBOUND: 0, OUTBOUND: 1 } },
    });
    expect(doubtsFor(['proto', symbols('p', 'TCP', 'MINE')])['proto']).toMatch(/number has MINE\?/);
  });

  test('of ICMP are not sure if 0 may say that there is none', () => {
    const icmp = (type: unknown): Field[] => [
      ['icmp_type', type],
      ['icmp_code', type],
    ];
    expect(Object.keys(doubtsFor(...icmp('int')))).toEqual(['icmp_type', 'icmp_code']);
    expect(entriesFor(...icmp(['null', 'int']))).toEqual({
      icmp_type: 'icmpType',
      icmp_code: 'icmpCode',
    });
    expect(doubtsFor(['icmp_type', ['null', 'int']])['icmp_type']).toMatch(/type × 256 \+ code\?/);
  });
});

describe('addresses', () => {
  test('in numbers are not sure, unless "doc" says their order', () => {
    expect(doubtsFor(['next_hop', 'int'])['next_hop']).toMatch(/big .* or little\?/);
    expect(entriesFor(['next_hop', 'int', 'In network byte order.'])).toEqual({
      next_hop: { element: 'ipNextHopAddress', byteOrder: 'big' },
    });
  });

  test('that cannot be null and often are not there have values that mean null', () => {
    expect(entriesFor(['next_hop', 'string'])).toEqual({
      next_hop: { element: 'ipNextHopAddress', nullValues: ['', '0.0.0.0', '::'] },
    });
    expect(entriesFor(['next_hop', ['null', 'string']])).toEqual({ next_hop: 'ipNextHopAddress' });
  });

  test('of an exporter are those of the original one', () => {
    expect(entriesFor(['exporterAddress', ['null', 'string']])).toEqual({
      exporterAddress: 'originalExporterAddress',
    });
  });
});

test('the protocol of the application is not the one of the flow', () => {
  expect(entriesFor(['protocol', 'string', 'HTTP/1.1 or HTTP/2'])).toEqual({});
  expect(entriesFor(['protocol', 'string'])).toEqual({ protocol: 'protocolIdentifier' });
});

test('an end without a word for its address is not sure', () => {
  const { section, suggestions } = proposalFor(
    parseSchema(
      record([
        ['src', 'string'],
        ['bytes', 'long'],
      ]),
    ),
  );
  expect(section.fields).toEqual({ bytes: 'octetDeltaCount' });
  expect(suggestions).toEqual([
    { path: 'src', spec: { element: 'sourceAddress' }, doubt: 'is it the address?' },
  ]);
});

describe('several fields for one element', () => {
  test('of equal rank are asked for, and neither is mapped', () => {
    const fields: Field[] = [
      ['vlan', 'int'],
      ['src_vlan', 'int'],
    ];
    expect(entriesFor(...fields)).toEqual({});
    expect(doubtsFor(...fields)).toEqual({
      vlan: 'this field, or src_vlan?',
      src_vlan: 'vlan, or this field?',
    });
  });

  test('are the exact one, and the other is ignored with the reason', () => {
    const { section, ignored } = proposed(['client_ip', 'string']);
    expect(Object.keys(section.fields ?? {})).toEqual(['src_ip', 'dst_ip']);
    expect(ignored).toEqual([{ path: 'client_ip', reason: 'sourceAddress is filled by src_ip' }]);
  });

  test('of different transport protocols stand in for each other', () => {
    const ports = (name: string) => ['null', record([['source_port', 'int']], name)];
    expect(entriesFor(['TCP', ports('TCP')], ['UDP', ports('UDP')])).toEqual({
      'TCP.source_port': { element: 'sourceTransportPort', fallback: ['UDP.source_port'] },
    });
  });
});

describe('the schema itself', () => {
  test('says an element in "doc" only if it is named as one', () => {
    expect(entriesFor(['volume', 'long', 'IPFIX octetTotalCount'])).toEqual({
      volume: 'octetTotalCount',
    });
    expect(entriesFor(['volume', 'long', 'Like octetTotalCount, without the headers.'])).toEqual(
      {},
    );
  });

  test('keeps what its "ipfix" attributes say', () => {
    const field = { name: 'volume', type: 'long', ipfix: 'octetDeltaCount' };
    const root = parseSchema({ ...record(ends), fields: [...record(ends).fields, field] });
    const { section, mappedElsewhere } = proposalFor(root);
    expect(section.unlisted).toBeUndefined();
    expect(mappedElsewhere).toContainEqual({ path: 'volume', by: 'attribute' });
  });

  test('may have its events in an array', () => {
    const items = record([...ends, ['bytes', 'long']]);
    const root = parseSchema(
      record(
        [
          ['sent', 'long'],
          ['flows', { type: 'array', items }],
        ],
        'batch',
      ),
    );
    expect(proposalFor(root).section).toMatchObject({
      events: 'flows',
      fields: { 'flows.src_ip': 'sourceAddress', 'flows.bytes': 'octetDeltaCount' },
    });
  });

  test('of a change of a row has the flow in "after", and a deleted row is no flow', () => {
    const row = record(ends, 'row');
    const fields: Field[] = [
      ['before', ['null', row]],
      ['after', ['null', 'row']],
      ['op', 'string'],
    ];
    const { section } = proposalFor(parseSchema(record(fields, 'Envelope')));
    expect(section.fields).toEqual({
      'after.src_ip': 'sourceAddress',
      'after.dst_ip': 'destinationAddress',
    });
    expect(section.skip).toEqual([{ reason: 'not a row', field: 'op', is: ['d', 't', 'm'] }]);
  });
});

test('names that say something else are not mapped', () => {
  const others = [
    ...['start_port', 'src_as_path', 'ip_len', 'bytes_per_packet', 'max_bytes', 'src_country'],
    ...['sampled', 'ttl', 'flags', 'first', 'last', 'template_id', 'in_port', 'header_bytes'],
    ...[
      'created_at',
      'src_id',
      'port',
      'sample_mode',
      'pkt_srcaddr',
      'protocol_version',
      'as_path',
    ],
  ];
  expect(entriesFor(...others.map((name): Field => [name, 'int']))).toEqual({});
});
