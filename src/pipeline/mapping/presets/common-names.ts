// Names that every schema which has them gives the same meaning, without a unit to guess.

import type { FieldSpec } from '../mapping-spec.ts';

/** Tried after IANA's names where a topic has no preset; compared ignoring case, `_` and `-`. */
export const commonNames: Readonly<Record<string, FieldSpec>> = {
  src_addr: 'sourceAddress',
  src_ip: 'sourceAddress',
  ip_src: 'sourceAddress',
  source_ip: 'sourceAddress',
  dst_addr: 'destinationAddress',
  dst_ip: 'destinationAddress',
  ip_dst: 'destinationAddress',
  destination_ip: 'destinationAddress',
  src_port: 'sourceTransportPort',
  port_src: 'sourceTransportPort',
  source_port: 'sourceTransportPort',
  dst_port: 'destinationTransportPort',
  port_dst: 'destinationTransportPort',
  destination_port: 'destinationTransportPort',
  proto: 'protocolIdentifier',
  ip_proto: 'protocolIdentifier',
  protocol: 'protocolIdentifier',
  bytes: 'octetDeltaCount',
  octets: 'octetDeltaCount',
  packets: 'packetDeltaCount',
  src_mac: 'sourceMacAddress',
  dst_mac: 'destinationMacAddress',
  src_as: 'bgpSourceAsNumber',
  dst_as: 'bgpDestinationAsNumber',
  tcp_flags: 'tcpControlBits',
  vlan_id: 'vlanId',
};
