// A flow as one line of text, from an event and from nfdump's JSON: equal flows, equal lines.
//
// nfdump prints the ICMP type and code in the place of the ports of ICMP flows.

import type { FlowEvent } from '../../src/generator/flow-event.ts';
import { ipv6Text } from './element-text.ts';

const icmp = new Set([1, 58]);
const noMac = '00:00:00:00:00:00';

export function lineOfEvent(event: FlowEvent): string {
  const isIpv4 = event.sourceAddress.length === 4;
  const address = (octets: Buffer) => (isIpv4 ? octets.join('.') : ipv6Text(octets));
  return line({
    start: new Date(event.flowStart).toISOString().slice(0, -1),
    end: new Date(event.flowEnd).toISOString().slice(0, -1),
    source: address(event.sourceAddress),
    destination: address(event.destinationAddress),
    protocol: event.protocol,
    ports: portsOf(event),
    packets: event.packets,
    octets: event.octets,
    flags: icmp.has(event.protocol) ? '-' : flagText(event.tcpFlags ?? 0),
    tos: event.ipClassOfService ?? 0,
    interfaces: `${event.ingressInterface ?? 0}>${event.egressInterface ?? 0}`,
    as: `${event.sourceAs ?? 0}>${event.destinationAs ?? 0}`,
    masks: `${event.sourcePrefixLength ?? 0}>${event.destinationPrefixLength ?? 0}`,
    vlan: event.vlanId ?? 0,
    macs: `${macText(event.sourceMac)}>${macText(event.destinationMac)}`,
    nextHop: event.nextHop === null ? '-' : address(event.nextHop),
    direction: event.flowDirection ?? 0,
  });
}

function portsOf({ icmpTypeCode, sourcePort, destinationPort }: FlowEvent): string {
  if (icmpTypeCode === null) return `${sourcePort}>${destinationPort}`;
  return `type ${icmpTypeCode >> 8} code ${icmpTypeCode & 0xff}`;
}

export function lineOfNfdump(flow: Record<string, unknown>): string {
  const shown = (name: string, absent = '-') => {
    const value = flow[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : absent;
  };
  const version = 'src4_addr' in flow ? 4 : 6;
  const isIcmp = icmp.has(Number(flow['proto']));
  return line({
    start: shown('first'),
    end: shown('last'),
    source: shown(`src${version}_addr`),
    destination: shown(`dst${version}_addr`),
    protocol: shown('proto'),
    ports: isIcmp
      ? `type ${shown('icmp_type')} code ${shown('icmp_code')}`
      : `${shown('src_port')}>${shown('dst_port')}`,
    packets: shown('in_packets'),
    octets: shown('in_bytes'),
    flags: isIcmp ? '-' : shown('tcp_flags'),
    tos: shown('src_tos'),
    interfaces: `${shown('input_snmp')}>${shown('output_snmp')}`,
    as: `${shown('src_as')}>${shown('dst_as')}`,
    masks: `${shown('src_mask')}>${shown('dst_mask')}`,
    vlan: shown('src_vlan'),
    macs: `${shown('in_src_mac', noMac)}>${shown('in_dst_mac', noMac)}`,
    nextHop: shown(`ip${version}_next_hop`),
    direction: shown('direction'),
  });
}

/** Both are multisets: a flow that comes twice where one was sent is a difference. */
export function multisetDifferences(wanted: readonly string[], seen: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const text of wanted) counts.set(text, (counts.get(text) ?? 0) + 1);
  for (const text of seen) counts.set(text, (counts.get(text) ?? 0) - 1);
  return [...counts]
    .filter(([, count]) => count !== 0)
    .map(([text, count]) => (count > 0 ? `missing: ${text}` : `too much: ${text}`))
    .sort((a, b) => a.slice(a.indexOf(':') + 2).localeCompare(b.slice(b.indexOf(':') + 2)));
}

function line(parts: Record<string, string | number>): string {
  return Object.entries(parts)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

const macText = (octets: Buffer | null): string =>
  octets === null ? noMac : octets.toString('hex').replace(/..\B/g, '$&:');

/** `...AP.SF`: one place for each of the eight flags. */
function flagText(flags: number): string {
  const letters = ['C', 'E', 'U', 'A', 'P', 'R', 'S', 'F'];
  return letters.map((letter, i) => ((flags & (0x80 >> i)) === 0 ? '.' : letter)).join('');
}
