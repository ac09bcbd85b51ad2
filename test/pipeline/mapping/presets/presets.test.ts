// The producers' presets on bytes made as their code makes them, and the sets of names.

import avro from 'avsc';
import { describe, expect, test } from 'vitest';
import { elementChoice } from '../../../../src/pipeline/mapping/element-choice.ts';
import type { ElementSpec } from '../../../../src/pipeline/mapping/mapping-spec.ts';
import { commonNames } from '../../../../src/pipeline/mapping/presets/common-names.ts';
import { presets, presetsNamed } from '../../../../src/pipeline/mapping/presets/presets.ts';
import { framingFromText } from '../../../../src/framing.ts';
import { container } from '../../../support/arbitrary/hostile-datums.ts';
import { exported } from './exported.ts';

const words = (name: string, section = {}) => ({ section, presets: presetsNamed([name]).presets });

describe('pmacct', () => {
  const record = (name: string, fields: object) => ({
    type: 'record',
    name,
    fields: Object.entries(fields).map(([field, type]) => ({ name: field, type: type as unknown })),
  });
  // As p_avro_schema_build_acct_data composes it: no namespace, and null only in the counters.
  const acctData = record('acct_data', {
    tag: 'long',
    mac_src: 'string',
    mac_dst: 'string',
    vlan: 'long',
    as_src: 'long',
    as_dst: 'long',
    peer_ip_src: 'string',
    peer_ip_dst: 'string',
    iface_in: 'long',
    iface_out: 'long',
    ip_src: 'string',
    ip_dst: 'string',
    mask_src: 'long',
    mask_dst: 'long',
    port_src: 'long',
    port_dst: 'long',
    tcp_flags: 'string',
    ip_proto: 'string',
    tos: 'long',
    sampling_rate: 'long',
    timestamp_start: 'string',
    timestamp_end: 'string',
    packets: ['null', 'long'],
    flows: ['null', 'long'],
    bytes: ['null', 'long'],
    writer_id: 'string',
  });
  const type = avro.Type.forSchema(acctData as avro.Schema, { wrapUnions: false });
  const full = {
    ...{ tag: 0, mac_src: '02:00:00:00:00:01', mac_dst: '02:00:00:00:00:02', vlan: 7 },
    ...{ as_src: 64_512, as_dst: 64_513, peer_ip_src: '198.51.100.1', peer_ip_dst: '198.51.100.2' },
    ...{ iface_in: 1, iface_out: 2, ip_src: '192.0.2.1', ip_dst: '192.0.2.2', mask_src: 24 },
    ...{ mask_dst: 25, port_src: 443, port_dst: 50_000, tcp_flags: '27', ip_proto: 'tcp', tos: 8 },
    ...{ sampling_rate: 100, timestamp_start: '2026-01-02 03:04:05.678901' },
    ...{ timestamp_end: '1767323046.000999', packets: 10, flows: 1, bytes: 1_000 },
    writer_id: 'nfacctd/1',
  };
  // What pmacct writes where it knows nothing.
  const empty = {
    ...{ tag: 0, mac_src: '', mac_dst: '00:00:00:00:00:00', vlan: 0, as_src: 0, as_dst: 0 },
    ...{
      peer_ip_src: '',
      peer_ip_dst: '0.0.0.0',
      iface_in: 0,
      iface_out: 0,
      ip_src: '2001:db8::1',
    },
    ...{
      ip_dst: '2001:db8::2',
      mask_src: 0,
      mask_dst: 0,
      port_src: 0,
      port_dst: 0,
      tcp_flags: '0',
    },
    ...{
      ip_proto: 'ipv6-icmp',
      tos: 0,
      sampling_rate: 0,
      timestamp_start: '0000-00-00 00:00:00.000000',
    },
    ...{ timestamp_end: '0.000000', packets: 1, flows: null, bytes: null, writer_id: 'nfacctd/1' },
  };

  test('several datums in one message, both forms of time, nothing false where nothing is known', () => {
    const value = Buffer.concat([type.toBuffer(full), type.toBuffer(empty)]);
    const { records, dropped, faults } = exported(value, {
      framing: framingFromText('bare-many')!,
      schema: acctData,
      words: words('pmacct'),
    });
    expect([dropped, faults]).toEqual([[], []]);
    expect(records).toEqual([
      {
        sourceIPv4Address: '192.0.2.1',
        destinationIPv4Address: '192.0.2.2',
        ...{ sourceTransportPort: 443, destinationTransportPort: 50_000, protocolIdentifier: 6 },
        ...{ octetDeltaCount: 1_000, packetDeltaCount: 10 },
        flowStartMilliseconds: '2026-01-02T03:04:05.678',
        flowEndMilliseconds: '2026-01-02T03:04:06.000',
        ...{ tcpControlBits: 27, ipClassOfService: 8, ingressInterface: 1, egressInterface: 2 },
        ...{ vlanId: 7, bgpSourceAsNumber: 64_512, bgpDestinationAsNumber: 64_513 },
        ...{ sourceIPv4PrefixLength: 24, destinationIPv4PrefixLength: 25 },
        ...{ sourceMacAddress: '02:00:00:00:00:01', destinationMacAddress: '02:00:00:00:00:02' },
        bgpNextHopIPv4Address: '198.51.100.2',
        originalExporterIPv4Address: '198.51.100.1',
        samplingInterval: 100,
      },
      {
        sourceIPv6Address: '2001:db8::1',
        destinationIPv6Address: '2001:db8::2',
        ...{ sourceTransportPort: 0, destinationTransportPort: 0, protocolIdentifier: 58 },
        ...{ packetDeltaCount: 1, tcpControlBits: 0, ipClassOfService: 0 },
        ...{ ingressInterface: 0, egressInterface: 0, vlanId: 0 },
        ...{ bgpSourceAsNumber: 0, bgpDestinationAsNumber: 0 },
        ...{ sourceIPv6PrefixLength: 0, destinationIPv6PrefixLength: 0 },
      },
    ]);
  });

  test('TCP flags as an array of their names', () => {
    const schema = record('acct_data', {
      ip_src: 'string',
      tcp_flags: { type: 'array', items: 'string' },
    });
    const value = avro.Type.forSchema(schema as avro.Schema).toBuffer({
      ip_src: '192.0.2.1',
      tcp_flags: ['SYN', 'ACK'],
    });
    const { records } = exported(value, { schema, words: words('pmacct') });
    expect(records).toEqual([{ sourceIPv4Address: '192.0.2.1', tcpControlBits: 18 }]);
  });

  test('markers are dropped by the name of their record, and in a union with it', () => {
    const init = record('acct_init', { event_type: 'string', writer_id: 'string' });
    const marker = { event_type: 'purge_init', writer_id: 'x' };
    const alone = avro.Type.forSchema(init as avro.Schema).toBuffer(marker);
    expect(exported(alone, { schema: init, words: words('pmacct') })).toEqual({
      ...{ records: [], dropped: ['marker'], faults: [] },
    });
    const union = [acctData, init];
    const both = avro.Type.forSchema(union as avro.Schema, { wrapUnions: true });
    const of = (name: string, value: object) =>
      exported(both.toBuffer({ [name]: value }), { schema: union, words: words('pmacct') });
    expect(of('acct_init', marker)).toEqual({ records: [], dropped: ['marker'], faults: [] });
    expect(
      of('acct_data', { ...full, packets: { long: 1 }, flows: null, bytes: null }),
    ).toMatchObject({
      ...{ dropped: [], faults: [] },
      records: [{ sourceIPv4Address: '192.0.2.1', packetDeltaCount: 1 }],
    });
  });

  test("its local times are read in the zone that the section says, not in the preset's", () => {
    const { records } = exported(type.toBuffer(full), {
      schema: acctData,
      words: words('pmacct', { zone: 'Europe/Zurich' }),
    });
    expect(records[0]).toMatchObject({ flowStartMilliseconds: '2026-01-02T02:04:05.678' });
  });

  test('rates that were applied already are left out when it is said', () => {
    const { records } = exported(type.toBuffer(full), {
      schema: acctData,
      words: words('pmacct', { samplingApplied: true }),
    });
    expect(records[0]).not.toHaveProperty('samplingInterval');
  });
});

describe('ktranslate', () => {
  const fields = {
    timestamp: 'long',
    dst_as: 'long',
    in_bytes: 'long',
    in_pkts: 'long',
    input_port: 'long',
    dst_addr: 'string',
    src_addr: 'string',
    l4_dst_port: 'long',
    l4_src_port: 'long',
    output_port: 'long',
    protocol: 'string',
    src_as: 'long',
    tcp_flags: 'long',
    tos: 'long',
    out_bytes: 'long',
    out_pkts: 'long',
    sample_rate: 'long',
    dst_nexthop: 'string',
    src_eth_mac: 'string',
    custom_str: { type: 'map', values: 'string' },
  };
  const kflow = {
    type: 'record',
    name: 'kflow',
    namespace: 'kentik.com',
    fields: Object.entries(fields).map(([name, type]) => ({ name, type })),
  };
  // The namespace has a hyphen-less dot name that avsc takes as it is.
  const type = avro.Type.forSchema(kflow as avro.Schema);
  const flow = {
    ...{ timestamp: 1_767_323_045, dst_as: 0, in_bytes: 0, in_pkts: 0, input_port: 3 },
    ...{ dst_addr: '192.0.2.2', src_addr: '192.0.2.1', l4_dst_port: 53, l4_src_port: 5353 },
    ...{ output_port: 4, protocol: 'UDP', src_as: 64_512, tcp_flags: 0, tos: 0, out_bytes: 99 },
    ...{ out_pkts: 1, sample_rate: 0, dst_nexthop: '', src_eth_mac: '', custom_str: { a: 'b' } },
  };

  test('a container file of many records in each message', () => {
    const value = container(
      JSON.stringify(kflow),
      type.toBuffer(flow),
      type.toBuffer({ ...flow, in_bytes: 7, in_pkts: 2, out_bytes: 0, sample_rate: 10 }),
    );
    const { records, faults } = exported(value, {
      framing: framingFromText('ocf')!,
      schema: kflow,
      words: words('ktranslate'),
    });
    expect(faults).toEqual([]);
    const same = {
      ...{ sourceIPv4Address: '192.0.2.1', destinationIPv4Address: '192.0.2.2' },
      ...{ sourceTransportPort: 5353, destinationTransportPort: 53, protocolIdentifier: 17 },
      flowStartMilliseconds: '2026-01-02T03:04:05.000',
      flowEndMilliseconds: '2026-01-02T03:04:05.000',
      ...{ tcpControlBits: 0, ipClassOfService: 0, ingressInterface: 3, egressInterface: 4 },
      ...{ bgpSourceAsNumber: 64_512, bgpDestinationAsNumber: 0 },
    };
    expect(records).toEqual([
      { ...same, octetDeltaCount: 99, packetDeltaCount: 1 },
      { ...same, octetDeltaCount: 7, packetDeltaCount: 2, samplingInterval: 10 },
    ]);
  });

  test('of what it writes nothing is framed otherwise', () => {
    expect(presetsNamed(['ktranslate']).presets[0]!.mapping.framing).toBe('ocf');
  });
});

describe('sets of names', () => {
  test('goflow2: octets of no length, a number as a MAC address, nanoseconds', () => {
    const schema = {
      type: 'record',
      name: 'FlowMessage',
      fields: Object.entries({
        ...{ src_addr: 'bytes', bgp_next_hop: 'bytes', src_mac: 'long', dst_mac: 'long' },
        ...{ time_flow_start_ns: 'long', sampling_rate: 'long', bytes: 'long', proto: 'int' },
      }).map(([name, type]) => ({ name, type })),
    };
    const value = avro.Type.forSchema(schema as avro.Schema).toBuffer({
      ...{
        src_addr: Buffer.from([192, 0, 2, 1]),
        bgp_next_hop: Buffer.alloc(0),
        src_mac: 0x020000000001,
      },
      ...{
        dst_mac: 0,
        time_flow_start_ns: 1_767_323_045 * 1e6,
        sampling_rate: 0,
        bytes: 5,
        proto: 6,
      },
    });
    expect(exported(value, { schema, words: words('goflow2') }).records).toEqual([
      {
        ...{ sourceIPv4Address: '192.0.2.1', sourceMacAddress: '02:00:00:00:00:01' },
        ...{ octetDeltaCount: 5, protocolIdentifier: 6 },
        flowStartMilliseconds: '1970-01-21T10:55:23.045',
      },
    ]);
  });

  test('ecs: nested, with two directions as two records', () => {
    const end = (name: string) => ({
      type: 'record',
      name,
      fields: [
        { name: 'ip', type: 'string' },
        { name: 'port', type: 'int' },
        { name: 'bytes', type: 'long' },
      ],
    });
    const schema = {
      type: 'record',
      name: 'Ecs',
      fields: [
        { name: 'source', type: end('Source') },
        { name: 'destination', type: end('Destination') },
      ],
    };
    const value = (bytes: number) =>
      avro.Type.forSchema(schema as avro.Schema).toBuffer({
        source: { ip: '192.0.2.1', port: 1, bytes: 10 },
        destination: { ip: '192.0.2.2', port: 2, bytes },
      });
    const forward = {
      ...{ sourceIPv4Address: '192.0.2.1', sourceTransportPort: 1, octetDeltaCount: 10 },
      ...{ destinationIPv4Address: '192.0.2.2', destinationTransportPort: 2 },
    };
    const there = exported(value(20), { schema, words: words('ecs') }).records;
    expect(there).toEqual([
      forward,
      {
        ...{ sourceIPv4Address: '192.0.2.2', sourceTransportPort: 2, octetDeltaCount: 20 },
        ...{ destinationIPv4Address: '192.0.2.1', destinationTransportPort: 1 },
      },
    ]);
    expect(exported(value(0), { schema, words: words('ecs') }).records).toEqual([forward]);
  });

  test('aws-vpc: seconds, and rows without data under their own reasons', () => {
    const schema = {
      type: 'record',
      name: 'Vpc',
      fields: Object.entries({
        ...{
          srcaddr: 'string',
          dstaddr: 'string',
          start: 'long',
          end: 'long',
          log_status: 'string',
        },
      }).map(([name, type]) => ({ name, type })),
    };
    const row = (log_status: string, srcaddr: string) =>
      exported(
        avro.Type.forSchema(schema as avro.Schema).toBuffer({
          ...{ srcaddr, dstaddr: srcaddr, start: 10, end: 20, log_status },
        }),
        { schema, words: words('aws-vpc') },
      );
    expect(row('NODATA', '-').dropped).toEqual(['NODATA']);
    expect(row('SKIPDATA', '-').dropped).toEqual(['SKIPDATA']);
    expect(row('OK', '192.0.2.1').records).toEqual([
      {
        ...{ sourceIPv4Address: '192.0.2.1', destinationIPv4Address: '192.0.2.1' },
        flowStartMilliseconds: '1970-01-01T00:00:10.000',
        flowEndMilliseconds: '1970-01-01T00:00:20.000',
      },
    ]);
  });
});

test('every preset names elements that there are', () => {
  const elements = (fields: object) =>
    Object.values(fields)
      .flat()
      .map((spec: string | ElementSpec) => (typeof spec === 'string' ? spec : spec.element));
  const all = [...presets.map(({ mapping }) => mapping.fields ?? {}), commonNames].flatMap(
    elements,
  );
  expect(all.filter((name) => elementChoice(name) === undefined)).toEqual([]);
});
