import type { ElementSpec, Preset } from '../mapping-spec.ts';

const address = (element: string): ElementSpec => ({
  element,
  nullValues: ['', '0.0.0.0', '::'],
});
const mac = (element: string): ElementSpec => ({
  element,
  nullValues: ['', '00:00:00:00:00:00'],
});

export const ktranslate: Preset = {
  name: 'ktranslate',
  kind: 'producer',
  title: 'Kentik ktranslate with -format avro and the kafka sink',
  sources: [
    {
      repository: 'kentik/ktranslate',
      path: 'pkg/formats/avro/avro.go',
      commit: '2d11a364753b3d19862d9ed02bb032b5b1f6ab3d',
    },
    { repository: 'kentik/ktranslate', path: 'pkg/sinks/kafka/kafa.go', commit: 'a1b0ef5' },
  ],
  mapping: {
    framing: 'ocf',
    fields: {
      src_addr: address('sourceAddress'),
      dst_addr: address('destinationAddress'),
      l4_src_port: 'sourceTransportPort',
      l4_dst_port: 'destinationTransportPort',
      protocol: { element: 'protocolIdentifier', nullValues: [''] },
      // One of the two directions is counted, by where the flow was seen; the other one is 0.
      in_bytes: { element: 'octetDeltaCount', nullValues: [0], fallback: ['out_bytes'] },
      in_pkts: { element: 'packetDeltaCount', nullValues: [0], fallback: ['out_pkts'] },
      timestamp: [
        { element: 'flowStartMilliseconds', unit: 's', nullValues: [0] },
        { element: 'flowEndMilliseconds', unit: 's', nullValues: [0] },
      ],
      tcp_flags: 'tcpControlBits',
      tos: 'ipClassOfService',
      input_port: 'ingressInterface',
      output_port: 'egressInterface',
      vlan_in: 'vlanId',
      vlan_out: 'postVlanId',
      src_as: 'bgpSourceAsNumber',
      dst_as: 'bgpDestinationAsNumber',
      src_nexthop_as: 'bgpPrevAdjacentAsNumber',
      dst_nexthop_as: 'bgpNextAdjacentAsNumber',
      dst_nexthop: address('bgpNextHopAddress'),
      src_eth_mac: mac('sourceMacAddress'),
      dst_eth_mac: mac('destinationMacAddress'),
      sample_rate: 'samplingInterval',
    },
    skip: [{ reason: 'rollup', field: '$record', is: ['kentik.com.rollup'] }],
  },
};
