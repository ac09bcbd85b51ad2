import type { ElementSpec, Preset } from '../mapping-spec.ts';

// What is not set is "" or 0 in pmacct's record, hardly ever null.
const address = (element: string): ElementSpec => ({
  element,
  nullValues: ['', '0.0.0.0', '::'],
});
const mac = (element: string): ElementSpec => ({
  element,
  nullValues: ['', '00:00:00:00:00:00'],
});
// With timestamps_since_epoch the text is a number of seconds.
const time = (element: string): ElementSpec => ({
  element,
  unit: 's',
  nullValues: ['', '0', '0.000000', '0000-00-00 00:00:00', '0000-00-00 00:00:00.000000'],
});

const tcpFlags = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32, ECE: 64, CWR: 128 };

export const pmacct: Preset = {
  name: 'pmacct',
  kind: 'producer',
  title: 'pmacct: nfacctd, pmacctd, sfacctd and uacctd with the kafka plugin and Avro output',
  sources: [
    {
      repository: 'pmacct/pmacct',
      path: 'src/plugin_cmn_avro.c',
      commit: '011d7d801de2db59bf70f017d609a1d9a9ec3b42',
    },
    { repository: 'pmacct/pmacct', path: 'src/kafka_plugin.c', commit: '743f0c0' },
  ],
  mapping: {
    // Its text times have no zone unless it is configured to write one.
    zone: 'UTC',
    fields: {
      ip_src: address('sourceAddress'),
      ip_dst: address('destinationAddress'),
      port_src: 'sourceTransportPort',
      port_dst: 'destinationTransportPort',
      ip_proto: { element: 'protocolIdentifier', nullValues: [''] },
      bytes: 'octetDeltaCount',
      packets: 'packetDeltaCount',
      timestamp_start: time('flowStartMilliseconds'),
      timestamp_end: time('flowEndMilliseconds'),
      tcp_flags: { element: 'tcpControlBits', nullValues: [''], base: 10, symbols: tcpFlags },
      tos: 'ipClassOfService',
      iface_in: 'ingressInterface',
      iface_out: 'egressInterface',
      vlan: 'vlanId',
      as_src: 'bgpSourceAsNumber',
      as_dst: 'bgpDestinationAsNumber',
      peer_as_src: 'bgpPrevAdjacentAsNumber',
      peer_as_dst: 'bgpNextAdjacentAsNumber',
      mask_src: 'sourcePrefixLength',
      mask_dst: 'destinationPrefixLength',
      mac_src: mac('sourceMacAddress'),
      mac_dst: mac('destinationMacAddress'),
      peer_ip_dst: address('bgpNextHopAddress'),
      peer_ip_src: address('originalExporterAddress'),
      post_nat_ip_src: address('postNATSourceAddress'),
      post_nat_ip_dst: address('postNATDestinationAddress'),
      post_nat_port_src: { element: 'postNAPTSourceTransportPort', nullValues: [0] },
      post_nat_port_dst: { element: 'postNAPTDestinationTransportPort', nullValues: [0] },
      sampling_rate: 'samplingInterval',
    },
    skip: [
      { reason: 'marker', field: '$record', is: ['acct_init', 'acct_close'] },
      { reason: 'marker', field: 'event_type', is: ['purge_init', 'purge_close'] },
    ],
  },
};
