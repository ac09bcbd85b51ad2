// What field names usually mean: words and their synonyms, and the Information Element that a set of
// words stands for. A name is a hint for a person or a proposal; events are never mapped by it alone.

import type { TimeUnit } from '../mapping-spec.ts';

/** What a field's path seems to mean. */
export interface NameMeaning {
  /** An element's or a pair's name. */
  readonly element: string;
  /** Why the name is not enough to be sure; undefined where it is. */
  readonly doubt?: string | undefined;
  /** The unit of a time or a duration, where the name has it: `start_ms`. */
  readonly unit?: TimeUnit | undefined;
  /** Of several fields for one element, the one with the highest rank is meant. */
  readonly rank: number;
  /** The words of the path, each by its usual synonym. */
  readonly words: ReadonlySet<string>;
}

/** Usual word → its synonyms. Those of the empty word say nothing. */
const synonyms: Readonly<Record<string, string>> = {
  source: 'src source orig originator initiator sender client',
  destination: 'dst dest destination resp responder receiver server target',
  ip: 'ip addr address ipaddr ipaddress inet h',
  ipv4: 'ipv4 ip4 v4 inet4',
  ipv6: 'ipv6 ip6 v6 inet6',
  port: 'port ports p',
  mac: 'mac hwaddr macaddr',
  ethernet: 'eth ether ethernet l2',
  ingress: 'in input ingress inbound incoming',
  egress: 'out output egress outbound outgoing',
  up: 'up sent tx upload upstream',
  down: 'down rcvd received recv rx download downstream',
  interface: 'interface iface if ifc intf ifindex ifidx netif snmp',
  bytes: 'bytes byte octets octet',
  packets: 'packets packet pkts pkt',
  as: 'as asn',
  mask: 'mask masklen netmask prefixlen prefixlength',
  protocol: 'protocol proto prot',
  transport: 'transport l4 layer4',
  vlan: 'vlan dot1q',
  tos: 'tos',
  dscp: 'dscp',
  ttl: 'ttl',
  tcp: 'tcp',
  udp: 'udp',
  sctp: 'sctp',
  icmp: 'icmp icmpv4 icmpv6 icmp4 icmp6',
  type: 'type',
  code: 'code',
  index: 'index idx',
  forwarding: 'forwarding fwd',
  status: 'status',
  flags: 'flags flag control bits',
  next: 'next',
  hop: 'hop',
  bgp: 'bgp',
  peer: 'peer',
  nat: 'nat post xlate xlated translated translation natted',
  sampling: 'sampling sample sampled sampler',
  rate: 'rate interval',
  exporter: 'exporter export agent router observer device',
  start: 'start started begin began beginning first',
  end: 'end ended stop stopped finish finished last',
  time: 'time timestamp ts datetime date seen switched epoch at',
  duration: 'duration elapsed',
  direction: 'direction',
  total: 'total totals sum cumulative',
  delta: 'delta',
  count: 'count counter cnt',
  number: 'number num no nr',
  id: 'id',
  name: 'name',
  drop: 'drop drops dropped discarded',
  customer: 'customer inner',
  min: 'min minimum',
  max: 'max maximum',
  label: 'label',
  fragment: 'fragment frag',
  offset: 'offset',
  arrival: 'arrival arrived',
  domain: 'domain',
  point: 'point',
  observation: 'observation',
  version: 'version ver',
  toserver: 'toserver',
  toclient: 'toclient',
  '': 'flow flows network endpoint traffic connection conn info netflow session',
};

/** One word that stands for several. */
const compounds: Readonly<Record<string, string>> = {
  src4: 'source ipv4',
  dst4: 'destination ipv4',
  src6: 'source ipv6',
  dst6: 'destination ipv6',
  bgp4: 'bgp ipv4',
  bgp6: 'bgp ipv6',
  sip: 'source ip',
  dip: 'destination ip',
  saddr: 'source ip',
  daddr: 'destination ip',
  sport: 'source port',
  dport: 'destination port',
  spt: 'source port',
  dpt: 'destination port',
  smac: 'source mac',
  dmac: 'destination mac',
  etype: 'ethernet type',
  ethertype: 'ethernet type',
  nexthop: 'next hop',
  stime: 'start time',
  etime: 'end time',
  ltime: 'end time',
  iana: 'protocol',
};

/** Records around a flow say nothing of it; in the name of a field, these words do. */
const wrappers: ReadonlySet<string> = new Set(
  'id location event data datum record records payload after value message msg'.split(' '),
);

const units = new Map<string, TimeUnit>(
  Object.entries({
    ...{ s: 's', sec: 's', secs: 's', second: 's', seconds: 's', unix: 's' },
    ...{ ms: 'ms', msec: 'ms', msecs: 'ms', millis: 'ms', millisecond: 'ms', milliseconds: 'ms' },
    ...{ us: 'us', usec: 'us', micros: 'us', microsecond: 'us', microseconds: 'us' },
    ...{ ns: 'ns', nsec: 'ns', nanos: 'ns', nanosecond: 'ns', nanoseconds: 'ns' },
  } as const),
);

interface Meaning {
  readonly element: string;
  readonly doubt?: string;
  readonly rank?: number;
}

/** The words of a name → what it means; the order of the words does not matter. */
const meanings = new Map<string, Meaning>();

function means(phrases: string, element: string, more: Omit<Meaning, 'element'> = {}): void {
  for (const phrase of phrases.split(/\s*\|\s*/)) {
    meanings.set(keyOf(phrase.split(' ')), { element, ...more });
  }
}

const keyOf = (words: Iterable<string>): string => [...new Set(words)].sort().join(' ');

/** The same of both ends. */
function ends(phrases: string, source: string, destination: string): void {
  const at = (end: string) =>
    phrases
      .split(/\s*\|\s*/)
      .map((phrase) => `${end} ${phrase}`)
      .join('|');
  means(at('source'), source);
  means(at('destination'), destination);
}

const isTotal =
  'since the start of the flow? If it counts since the previous record, use the delta element';
const isAddress = 'is it the address?';
const ofNetwork = 'the length of the prefix, or the address of the network?';
const whichWay = 'which direction is counted?';

ends('ip', 'sourceAddress', 'destinationAddress');
ends('ipv4', 'sourceIPv4Address', 'destinationIPv4Address');
ends('ipv6', 'sourceIPv6Address', 'destinationIPv6Address');
ends(
  'port | transport port | tcp port | udp port | sctp port | transport tcp port | transport udp port | transport sctp port | port number | port id | transport port id',
  'sourceTransportPort',
  'destinationTransportPort',
);
ends(
  'mac | ethernet mac | ethernet | ethernet ip | mac ip',
  'sourceMacAddress',
  'destinationMacAddress',
);
ends('as | as number | bgp as', 'bgpSourceAsNumber', 'bgpDestinationAsNumber');
ends('peer as | next hop as', 'bgpPrevAdjacentAsNumber', 'bgpNextAdjacentAsNumber');
ends('mask | ipv4 mask | ipv6 mask', 'sourcePrefixLength', 'destinationPrefixLength');
means('source net | source network', 'sourcePrefixLength', { doubt: ofNetwork });
means('destination net | destination network', 'destinationPrefixLength', { doubt: ofNetwork });
ends('nat ip', 'postNATSourceAddress', 'postNATDestinationAddress');
ends('nat ipv4', 'postNATSourceIPv4Address', 'postNATDestinationIPv4Address');
ends(
  'nat port | nat transport port',
  'postNAPTSourceTransportPort',
  'postNAPTDestinationTransportPort',
);
ends('vlan | vlan id', 'vlanId', 'postVlanId');
ends('tos', 'ipClassOfService', 'postIpClassOfService');
ends('bytes | bytes count | ip bytes', 'octetDeltaCount', 'reverseOctetDeltaCount');
ends('packets | packets count', 'packetDeltaCount', 'reversePacketDeltaCount');
means('source', 'sourceAddress', { doubt: isAddress });
means('destination', 'destinationAddress', { doubt: isAddress });
means('nat source', 'postNATSourceAddress', { doubt: isAddress });
means('nat destination', 'postNATDestinationAddress', { doubt: isAddress });
means('next hop as', 'bgpNextAdjacentAsNumber');
means('ingress source mac', 'sourceMacAddress');
means('ingress destination mac', 'destinationMacAddress');
means('egress source mac', 'postSourceMacAddress');
means('egress destination mac', 'postDestinationMacAddress');

means('protocol | ip protocol | transport protocol', 'protocolIdentifier');
means(
  'protocol number | ip protocol number | protocol id | transport protocol id | transport',
  'protocolIdentifier',
  { rank: 1 },
);
means('protocol name | transport protocol name', 'protocolIdentifier', { rank: -1 });
means('bytes | bytes count | bytes delta | bytes delta count', 'octetDeltaCount');
means('packets | packets count | packets delta | packets delta count', 'packetDeltaCount');
means('bytes total | bytes total count', 'octetTotalCount', { doubt: isTotal });
means('packets total | packets total count', 'packetTotalCount', { doubt: isTotal });
means('ingress bytes | up bytes', 'octetDeltaCount', { doubt: whichWay });
means('ingress packets | up packets', 'packetDeltaCount', { doubt: whichWay });
means('egress bytes | down bytes', 'reverseOctetDeltaCount', { doubt: whichWay });
means('egress packets | down packets', 'reversePacketDeltaCount', { doubt: whichWay });
means('toserver bytes', 'octetDeltaCount');
means('toserver packets', 'packetDeltaCount');
means('toclient bytes', 'reverseOctetDeltaCount');
means('toclient packets', 'reversePacketDeltaCount');
means('drop bytes | drop packets bytes', 'droppedOctetDeltaCount');
means('drop packets', 'droppedPacketDeltaCount');

means('ingress interface | ingress interface index', 'ingressInterface');
means('egress interface | egress interface index', 'egressInterface');
means('ingress', 'ingressInterface', { doubt: 'the index of an interface?' });
means('egress', 'egressInterface', { doubt: 'the index of an interface?' });
means('vlan | vlan id | ingress vlan | ingress vlan id', 'vlanId');
means('egress vlan | egress vlan id', 'postVlanId');
means('customer vlan | customer vlan id', 'dot1qCustomerVlanId', {
  doubt: 'the VLAN of the customer, inside the one of the provider?',
});
means('next hop | ip next hop | ipv4 next hop', 'ipNextHopAddress');
means('bgp next hop | ip bgp next hop | bgp ipv4 next hop', 'bgpNextHopAddress');
means('ipv6 next hop', 'ipNextHopIPv6Address');
means('bgp ipv6 next hop', 'bgpNextHopIPv6Address');
means('tos | ip tos', 'ipClassOfService');
means('dscp | ip dscp', 'ipDiffServCodePoint');
means('ip ttl', 'ipTTL');
means('ttl', 'ipTTL', { doubt: 'the TTL of the packets?' });
means('min ttl | ip min ttl', 'minimumTTL');
means('max ttl | ip max ttl', 'maximumTTL');
means('tcp flags | transport tcp flags | tcp flags number', 'tcpControlBits');
means('flags', 'tcpControlBits', { doubt: 'the flags of TCP, or others?' });
means('icmp type | transport icmp type', 'icmpType');
means('icmp code | transport icmp code', 'icmpCode');
means('icmp type code | transport icmp type code', 'icmpTypeCode', {
  doubt: 'is it type × 256 + code?',
});
means('ethernet type', 'ethernetType');
means('ipv6 label | label ipv6', 'flowLabelIPv6');
means('fragment id', 'fragmentIdentification');
means('fragment offset', 'fragmentOffset');
means('sampling rate', 'samplingInterval');
means('sampling', 'samplingInterval', { doubt: 'one of how many packets is sampled?' });
means('exporter ip | sampling ip', 'originalExporterAddress');
means('exporter ipv4', 'originalExporterIPv4Address');
means('exporter ipv6', 'originalExporterIPv6Address');
means('forwarding status', 'forwardingStatus');
means('observation domain id', 'originalObservationDomainId');
means('direction', 'flowDirection', { doubt: 'the element has 0 for ingress and 1 for egress' });

means('start | start packets', 'flowStartMilliseconds');
means('end | end packets', 'flowEndMilliseconds');
means('duration', 'flowDurationMilliseconds');
means('time', 'observationTimeMilliseconds', {
  doubt: 'the start of the flow, its end, or when it was observed?',
});
means('time down | time arrival', 'collectionTimeMilliseconds', {
  doubt: 'when the flow was collected?',
});

const canonical = new Map<string, string>();
for (const [word, others] of Object.entries(synonyms)) {
  for (const other of others.split(' ')) if (other !== '') canonical.set(other, word);
}
for (const [word, several] of Object.entries(compounds)) canonical.set(word, several);

/** Weaker synonyms: the other end of a session, a name that may also be a host's. */
const weak: ReadonlySet<string> = new Set([
  'client',
  'server',
  'address',
  'addr',
  'sender',
  'target',
]);

/** What a field's name or path seems to mean; undefined where nothing is known of it. */
export function meaningOf(path: string): NameMeaning | undefined {
  const { words, unit, rank } = wordsOf(path);
  if (words.size === 0) return undefined;
  const found = meanings.get(keyOf(words)) ?? meanings.get(keyOf(withoutTime(words)));
  if (!found) return undefined;
  return { ...found, unit, rank: rank + (found.rank ?? 0), words };
}

/** `start time` is `start`; the word is needed where it is the only one. */
function withoutTime(words: ReadonlySet<string>): Set<string> {
  return new Set(words).size > 1
    ? new Set([...words].filter((word) => word !== 'time'))
    : new Set();
}

function wordsOf(path: string) {
  const segments = path.split('.').map(partsOf);
  const words = new Set<string>();
  let unit: TimeUnit | undefined;
  let rank = 0;
  segments.forEach((parts, depth) => {
    const isLast = depth === segments.length - 1;
    parts.forEach((part, i) => {
      if (isLast && i === parts.length - 1 && i + depth > 0 && units.has(part))
        unit = units.get(part);
      else if (isLast || !wrappers.has(part)) {
        for (const word of (canonical.get(part) ?? part).split(' ')) if (word) words.add(word);
        if (weak.has(part)) rank -= 1;
      }
    });
  });
  // An address is of one version at most, and says so itself.
  if (words.has('ipv4') || words.has('ipv6')) words.delete('ip');
  return { words, unit, rank };
}

/** `SrcPort`, `src_port`, `srcport` → src, port. */
function partsOf(segment: string): string[] {
  const written = segment
    .replace(/autonomous_?system/gi, 'as')
    .replace(/prefix_?len(?:gth)?/gi, 'mask')
    .replace(/net_?mask/gi, 'mask')
    .replace(/IPv([46])/g, 'Ipv$1')
    .replace(/ICMPv([46])/g, 'Icmpv$1');
  const parts = written.match(/[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z0-9]+/g) ?? [];
  return parts.flatMap((part) => splitUp(part.toLowerCase()));
}

/** A word that is not known, as the known ones that it consists of. */
function splitUp(word: string): string[] {
  if (canonical.has(word) || units.has(word)) return [word];
  // The fewest words for each beginning of it.
  const best: (string[] | undefined)[] = [[]];
  for (let end = 1; end <= word.length; end += 1) {
    for (let from = 0; from <= end - 2; from += 1) {
      const before = best[from];
      const part = word.slice(from, end);
      if (!before || !canonical.has(part)) continue;
      const known = best[end];
      if (!known || before.length + 1 < known.length) best[end] = [...before, part];
    }
  }
  return best[word.length] ?? [word];
}
