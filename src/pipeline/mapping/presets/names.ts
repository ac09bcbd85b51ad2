// Sets of field names: for topics that Connect, Flink, ksqlDB or a pipeline of one's own wrote with
// the names of a known schema. Types and units may have changed since; these are the originals'.

import type { ElementSpec, Preset, TimeUnit } from '../mapping-spec.ts';

const unset = ['', '0.0.0.0', '::', '-'];
const address = (element: string): ElementSpec => ({ element, nullValues: unset });
const mac = (element: string): ElementSpec => ({
  element,
  nullValues: ['', '00:00:00:00:00:00'],
});
const macNumber = (element: string): ElementSpec => ({ element, nullValues: [0] });
const time = (element: string, unit: TimeUnit): ElementSpec => ({ element, unit });
const known = (element: string): ElementSpec => ({ element, null: 'unknown', optional: true });

export const goflow2: Preset = {
  name: 'goflow2',
  kind: 'names',
  title: 'goflow2 (FlowMessage)',
  sources: [
    {
      repository: 'netsampler/goflow2',
      path: 'pb/flow.proto',
      commit: '02f5d1b20f35c872834146d94f098b6f91cbf447',
    },
  ],
  mapping: {
    fields: {
      src_addr: address('sourceAddress'),
      dst_addr: address('destinationAddress'),
      src_port: 'sourceTransportPort',
      dst_port: 'destinationTransportPort',
      proto: 'protocolIdentifier',
      bytes: 'octetDeltaCount',
      packets: 'packetDeltaCount',
      time_flow_start_ns: { ...time('flowStartMilliseconds', 'ns'), nullValues: [0] },
      time_flow_end_ns: { ...time('flowEndMilliseconds', 'ns'), nullValues: [0] },
      in_if: known('ingressInterface'),
      out_if: known('egressInterface'),
      src_as: known('bgpSourceAsNumber'),
      dst_as: known('bgpDestinationAsNumber'),
      src_net: known('sourcePrefixLength'),
      dst_net: known('destinationPrefixLength'),
      vlan_id: known('vlanId'),
      ip_tos: known('ipClassOfService'),
      tcp_flags: known('tcpControlBits'),
      src_mac: macNumber('sourceMacAddress'),
      dst_mac: macNumber('destinationMacAddress'),
      next_hop: address('ipNextHopAddress'),
      bgp_next_hop: address('bgpNextHopAddress'),
      sampler_address: address('originalExporterAddress'),
      sampling_rate: 'samplingInterval',
    },
  },
};

export const akvorado: Preset = {
  name: 'akvorado',
  kind: 'names',
  title: 'Akvorado (FlowMessage, as its Kafka consumers see it)',
  sources: [
    { repository: 'akvorado/akvorado', path: 'common/schema/definition.go', commit: '2526821' },
  ],
  mapping: {
    fields: {
      SrcAddr: address('sourceAddress'),
      DstAddr: address('destinationAddress'),
      SrcPort: 'sourceTransportPort',
      DstPort: 'destinationTransportPort',
      Proto: 'protocolIdentifier',
      Bytes: 'octetDeltaCount',
      Packets: 'packetDeltaCount',
      TimeReceived: time('observationTimeSeconds', 's'),
      InIf: known('ingressInterface'),
      OutIf: known('egressInterface'),
      SrcAS: known('bgpSourceAsNumber'),
      DstAS: known('bgpDestinationAsNumber'),
      SrcNetMask: known('sourcePrefixLength'),
      DstNetMask: known('destinationPrefixLength'),
      SrcVlan: known('vlanId'),
      DstVlan: known('postVlanId'),
      NextHop: address('bgpNextHopAddress'),
      ExporterAddress: address('originalExporterAddress'),
      SamplingRate: 'samplingInterval',
    },
  },
};

export const netobserv: Preset = {
  name: 'netobserv',
  kind: 'names',
  title: 'NetObserv (flowlogs-pipeline)',
  sources: [
    { repository: 'netobserv/netobserv-ebpf-agent', path: 'proto/flow.proto', commit: '56a7d35' },
    { repository: 'netobserv/flowlogs-pipeline', path: 'docs/api.md', commit: '8752783' },
  ],
  mapping: {
    fields: {
      SrcAddr: address('sourceAddress'),
      DstAddr: address('destinationAddress'),
      SrcPort: 'sourceTransportPort',
      DstPort: 'destinationTransportPort',
      Proto: 'protocolIdentifier',
      Bytes: 'octetDeltaCount',
      Packets: 'packetDeltaCount',
      TimeFlowStartMs: time('flowStartMilliseconds', 'ms'),
      TimeFlowEndMs: time('flowEndMilliseconds', 'ms'),
      SrcMac: mac('sourceMacAddress'),
      DstMac: mac('destinationMacAddress'),
      Flags: known('tcpControlBits'),
      AgentIP: address('originalExporterAddress'),
      Sampling: 'samplingInterval',
    },
  },
};

export const ecs: Preset = {
  name: 'ecs',
  kind: 'names',
  title: 'Elastic Common Schema (network flows)',
  sources: [
    {
      repository: 'elastic/ecs',
      path: 'generated/csv/fields.csv',
      commit: '7b665790c7c477dc8452ff16024dda76c706cc9c',
    },
  ],
  mapping: {
    fields: {
      'source.ip': address('sourceAddress'),
      'destination.ip': address('destinationAddress'),
      'source.port': 'sourceTransportPort',
      'destination.port': 'destinationTransportPort',
      'network.iana_number': 'protocolIdentifier',
      'network.transport': 'protocolIdentifier',
      'source.bytes': 'octetDeltaCount',
      'source.packets': 'packetDeltaCount',
      'destination.bytes': 'reverseOctetDeltaCount',
      'destination.packets': 'reversePacketDeltaCount',
      'event.start': 'flowStartMilliseconds',
      'event.end': 'flowEndMilliseconds',
      'source.mac': mac('sourceMacAddress'),
      'destination.mac': mac('destinationMacAddress'),
      'source.as.number': known('bgpSourceAsNumber'),
      'destination.as.number': known('bgpDestinationAsNumber'),
      'network.vlan.id': 'vlanId',
      'observer.ip': address('originalExporterAddress'),
    },
  },
};

export const awsVpc: Preset = {
  name: 'aws-vpc',
  kind: 'names',
  title: 'AWS VPC flow logs',
  sources: [
    {
      repository: 'awsdocs/amazon-vpc-user-guide',
      path: 'doc_source/flow-logs.md',
      commit: '1e1eda574128b0be1678bd00627d482fbefb4ce6',
    },
  ],
  mapping: {
    fields: {
      srcaddr: address('sourceAddress'),
      dstaddr: address('destinationAddress'),
      srcport: 'sourceTransportPort',
      dstport: 'destinationTransportPort',
      protocol: 'protocolIdentifier',
      bytes: 'octetDeltaCount',
      packets: 'packetDeltaCount',
      start: time('flowStartMilliseconds', 's'),
      end: time('flowEndMilliseconds', 's'),
      // "The decimal bitmask value for the TCP flags"
      tcp_flags: { ...known('tcpControlBits'), base: 10 },
    },
    skip: [
      { reason: 'NODATA', field: 'log_status', is: ['NODATA'] },
      { reason: 'SKIPDATA', field: 'log_status', is: ['SKIPDATA'] },
    ],
  },
};
