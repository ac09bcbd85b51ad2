// What nfdump shows of an element, in the form of element-text.ts.

import { everyTime, type FieldTexts } from './element-reader.ts';
import type { NfdumpFlow } from './nfcapd.ts';

const of =
  (...names: string[]) =>
  (flow: NfdumpFlow): string | undefined => {
    const found = names.map((name) => flow[name]).find((value) => value !== undefined);
    return typeof found === 'string' || typeof found === 'number' ? String(found) : undefined;
  };
const icmp = (flow: NfdumpFlow): number | undefined =>
  'icmp_type' in flow ? Number(flow['icmp_type']) * 256 + Number(flow['icmp_code']) : undefined;
/** `...AP.SF`: one place for each of the eight flags. */
const flags = (flow: NfdumpFlow): number | undefined => {
  const text = flow['tcp_flags'];
  if (typeof text !== 'string') return undefined;
  return Number.parseInt(text.replaceAll('.', '0').replace(/[A-Z]/g, '1'), 2);
};
/** `74565-0-1`: label, experimental bits, bottom of the stack. */
const label = (flow: NfdumpFlow): string | undefined => {
  const parts = of('mpls_1')(flow)?.split('-').map(Number);
  if (!parts) return undefined;
  const [value = 0, bits = 0, bottom = 0] = parts;
  return ((value << 4) | (bits << 1) | bottom).toString(16).padStart(6, '0');
};

export const nfdumpTexts: FieldTexts<NfdumpFlow> = {
  ...everyTime('flowStart', of('first')),
  ...everyTime('flowEnd', of('last')),
  octetDeltaCount: of('in_bytes'),
  octetTotalCount: of('in_bytes'),
  packetDeltaCount: of('in_packets'),
  packetTotalCount: of('in_packets'),
  postOctetDeltaCount: of('out_bytes'),
  protocolIdentifier: of('proto'),
  ipClassOfService: of('src_tos'),
  tcpControlBits: flags,
  sourceTransportPort: of('src_port'),
  destinationTransportPort: of('dst_port'),
  sourceIPv4Address: of('src4_addr'),
  destinationIPv4Address: of('dst4_addr'),
  sourceIPv6Address: of('src6_addr'),
  destinationIPv6Address: of('dst6_addr'),
  ipNextHopIPv4Address: of('ip4_next_hop'),
  ipNextHopIPv6Address: of('ip6_next_hop'),
  bgpNextHopIPv4Address: of('bgp4_next_hop'),
  bgpNextHopIPv6Address: of('bgp6_next_hop'),
  postNATSourceIPv4Address: of('src4_xlt_ip'),
  sourceMacAddress: of('in_src_mac'),
  destinationMacAddress: of('in_dst_mac'),
  ingressInterface: of('input_snmp'),
  egressInterface: of('output_snmp'),
  bgpSourceAsNumber: of('src_as'),
  bgpDestinationAsNumber: of('dst_as'),
  sourceIPv4PrefixLength: of('src_mask'),
  sourceIPv6PrefixLength: of('src_mask'),
  destinationIPv4PrefixLength: of('dst_mask'),
  destinationIPv6PrefixLength: of('dst_mask'),
  vlanId: of('src_vlan'),
  postVlanId: of('dst_vlan'),
  flowDirection: of('direction'),
  forwardingStatus: of('fwd_status'),
  ingressVRFID: of('ingress_vrf'),
  icmpTypeCodeIPv4: icmp,
  icmpTypeCodeIPv6: icmp,
  mplsTopLabelStackSection: label,
  reverseOctetDeltaCount: of('out_bytes'),
  reversePacketDeltaCount: of('out_packets'),
};
