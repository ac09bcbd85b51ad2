// goflow2 in the foreground on loopback, printing each flow as a line of JSON, and what it shows of
// an element with the mapping it comes with.

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { toolPath } from '../support/processes/tool-path.ts';
import { everyTime, type FieldTexts } from './element-reader.ts';
import { timeText } from './element-text.ts';
import { freeUdpPort, host, startLiveProgram } from './live-program.ts';
import { protocolNumber } from './protocol-names.ts';

/** Its integers as text: nanoseconds are beyond what a number holds. */
export type Goflow2Flow = Readonly<Record<string, unknown>>;

export interface Goflow2 {
  readonly port: number;
  /** Waits until its socket is read empty, then ends it. */
  stop(): Promise<{ readonly flows: Goflow2Flow[]; readonly faults: string[] }>;
  flows(): Goflow2Flow[];
  remove(): void;
}

export interface Goflow2Options {
  readonly port?: number;
}

export async function startGoflow2(options: Goflow2Options = {}): Promise<Goflow2> {
  const port = options.port ?? (await freeUdpPort());
  // With more threads than one, data may overtake the Template sent just before, and is thrown away.
  const listen = `netflow://${host}:${port}?workers=1`;
  const args = ['-listen', listen, '-addr', `${host}:0`, '-format', 'json'];
  const goflow2 = await startLiveProgram({ command: toolPath('goflow2')!, args, port });
  const linesOf = (text: string) => text.split('\n').filter((line) => line !== '');
  // It writes a line and its end apart, from several threads: two lines may stand in one.
  const flows = () =>
    linesOf(goflow2.output().replaceAll('}{', '}\n{')).map(
      (line) => JSON.parse(line, integersAsText) as Goflow2Flow,
    );
  return {
    port,
    flows,
    async stop() {
      await goflow2.untilRead();
      // What it has read it still has to work through.
      await sleep(300);
      await goflow2.stop();
      const told = linesOf(goflow2.log()).filter((line) => !line.startsWith('{'));
      return { flows: flows(), faults: told.filter((line) => !line.includes('level=INFO')) };
    },
    remove: () => goflow2.kill(),
  };
}

function integersAsText(_: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' ? (context?.source ?? String(value)) : value;
}

// What `go version -m` reads, so that no Go is needed where only the program is
//   mod  github.com/netsampler/goflow2/v2  v2.2.6  h1:…
/** Of the module it was built from: a plain `go install` leaves its own `-v` without one. */
export function goflow2Version(): string {
  const program = readFileSync(toolPath('goflow2')!, 'latin1');
  return /mod\tgithub\.com\/netsampler\/goflow2\/v2\tv([\w.+-]+)/.exec(program)?.[1] ?? 'unknown';
}

const of =
  (name: string) =>
  (flow: Goflow2Flow): string | undefined => {
    const value = flow[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
const time =
  (name: string) =>
  (flow: Goflow2Flow): string | undefined => {
    const ns = of(name)(flow);
    return ns === undefined ? undefined : timeText(BigInt(ns), 9);
  };
const address =
  (name: string, version: 4 | 6) =>
  (flow: Goflow2Flow): string | undefined => {
    const text = of(name)(flow);
    return text?.includes(':') === (version === 6) ? text : undefined;
  };
/** It shows a prefix as the network: `10.1.0.0/24`. */
const prefix =
  (name: string) =>
  (flow: Goflow2Flow): string | undefined =>
    of(name)(flow)?.split('/')[1];
const icmp = (flow: Goflow2Flow): string =>
  String(Number(of('icmp_type')(flow)) * 256 + Number(of('icmp_code')(flow)));
/** The label alone, without the bits after it. */
const label = (flow: Goflow2Flow): string | undefined => {
  const [top] = flow['mpls_label'] as string[];
  return top === undefined ? undefined : (Number(top) << 4).toString(16).padStart(6, '0');
};

export const goflow2Texts: FieldTexts<Goflow2Flow> = {
  ...everyTime('flowStart', time('time_flow_start_ns')),
  ...everyTime('flowEnd', time('time_flow_end_ns')),
  octetDeltaCount: of('bytes'),
  octetTotalCount: of('bytes'),
  packetDeltaCount: of('packets'),
  packetTotalCount: of('packets'),
  // It has one counter for a flow, and puts the later one there.
  postOctetDeltaCount: of('bytes'),
  protocolIdentifier: (flow) => protocolNumber(of('proto')(flow) ?? ''),
  ipClassOfService: of('ip_tos'),
  tcpControlBits: of('tcp_flags'),
  sourceTransportPort: of('src_port'),
  destinationTransportPort: of('dst_port'),
  sourceIPv4Address: address('src_addr', 4),
  sourceIPv6Address: address('src_addr', 6),
  destinationIPv4Address: address('dst_addr', 4),
  destinationIPv6Address: address('dst_addr', 6),
  ipNextHopIPv4Address: address('next_hop', 4),
  ipNextHopIPv6Address: address('next_hop', 6),
  bgpNextHopIPv4Address: address('bgp_next_hop', 4),
  bgpNextHopIPv6Address: address('bgp_next_hop', 6),
  sourceMacAddress: of('src_mac'),
  destinationMacAddress: of('dst_mac'),
  ingressInterface: of('in_if'),
  egressInterface: of('out_if'),
  bgpSourceAsNumber: of('src_as'),
  bgpDestinationAsNumber: of('dst_as'),
  sourceIPv4PrefixLength: prefix('src_net'),
  sourceIPv6PrefixLength: prefix('src_net'),
  destinationIPv4PrefixLength: prefix('dst_net'),
  destinationIPv6PrefixLength: prefix('dst_net'),
  flowLabelIPv6: of('ipv6_flow_label'),
  icmpTypeCodeIPv4: icmp,
  icmpTypeCodeIPv6: icmp,
  vlanId: of('vlan_id'),
  postVlanId: of('dst_vlan'),
  minimumTTL: of('ip_ttl'),
  forwardingStatus: of('forwarding_status'),
  mplsTopLabelStackSection: label,
};
