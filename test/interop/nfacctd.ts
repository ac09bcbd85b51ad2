// pmacct's nfacctd in the foreground on loopback, printing each flow as a line of JSON, and what it
// shows of an element. Its own fields, and flowId by aggregate_primitives.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { toolPath } from '../support/processes/tool-path.ts';
import { everyTime, type FieldTexts } from './element-reader.ts';
import { freeUdpPort, host, startLiveProgram } from './live-program.ts';
import { protocolNumber } from './protocol-names.ts';

export type NfacctdFlow = Readonly<Record<string, unknown>>;

export interface Nfacctd {
  readonly port: number;
  /** Waits until its socket is read empty, then ends it, which prints the rest. */
  stop(): Promise<{ readonly flows: NfacctdFlow[]; readonly faults: string[] }>;
  /** Those printed so far: it prints once a second. */
  flows(): NfacctdFlow[];
  remove(): void;
}

const primitives = ['name=flow_id field_type=148 len=8 semantics=u_int'];

const aggregate = [
  ...['src_host', 'dst_host', 'src_port', 'dst_port', 'proto', 'tos', 'tcpflags'],
  ...['src_mac', 'dst_mac', 'vlan', 'src_mask', 'dst_mask', 'src_as', 'dst_as'],
  ...['in_iface', 'out_iface', 'peer_dst_ip', 'post_nat_src_host', 'mpls_label_top'],
  ...['timestamp_start', 'timestamp_end', 'sampling_rate', 'sampling_direction'],
  'flow_id',
];

export interface NfacctdOptions {
  readonly port?: number;
  /** More lines of its configuration. */
  readonly settings?: Readonly<Record<string, string>>;
}

export async function startNfacctd(options: NfacctdOptions = {}): Promise<Nfacctd> {
  const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-nfacctd-'));
  const port = options.port ?? (await freeUdpPort());
  const [configuration, primitivesFile] = [join(folder, 'conf'), join(folder, 'primitives')];
  const settings = {
    daemonize: 'false',
    nfacctd_ip: host,
    nfacctd_port: String(port),
    plugins: 'print',
    aggregate_primitives: primitivesFile,
    aggregate: aggregate.join(', '),
    print_output: 'json',
    print_refresh_time: '1',
    print_output_lock_file: join(folder, 'lock'),
    print_cache_entries: '65521',
    plugin_pipe_size: '40960000',
    plugin_buffer_size: '40960',
    timestamps_utc: 'true',
    // By default it looks at neither versions nor Sequence Numbers.
    nfacctd_disable_checks: 'false',
    ...options.settings,
  };
  writeFileSync(primitivesFile, `${primitives.join('\n')}\n`);
  const lines = Object.entries(settings).map(([name, value]) => `${name}: ${value}\n`);
  writeFileSync(configuration, lines.join(''));
  const nfacctd = await startLiveProgram({
    command: toolPath('nfacctd')!,
    args: ['-f', configuration],
    port,
    stopSignal: 'SIGINT',
  });
  const flows = () => {
    const printed = nfacctd.output().split('\n');
    return printed
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as NfacctdFlow);
  };
  return {
    port,
    flows,
    async stop() {
      await nfacctd.untilRead();
      // The print plugin is a process of its own, behind a pipe: it gets a second to empty that.
      await sleep(1200);
      await nfacctd.stop();
      const faults = nfacctd
        .log()
        .split('\n')
        .filter((line) => /^(?:WARN|ERROR)/.test(line));
      return { flows: flows(), faults };
    },
    remove() {
      nfacctd.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** As `NetFlow Accounting Daemon, nfacctd 1.7.7-git (RELEASE)` tells it. */
export function nfacctdVersion(): string {
  const told = execFileSync(toolPath('nfacctd')!, ['-V'], { encoding: 'utf8' });
  return /nfacctd (\d[\w.]*)/.exec(told)?.[1] ?? told.trim();
}

const of =
  (name: string) =>
  (flow: NfacctdFlow): string | undefined => {
    const value = flow[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  };
const time =
  (name: string) =>
  (flow: NfacctdFlow): string | undefined =>
    of(name)(flow)?.replace(' ', 'T');
const address =
  (name: string, version: 4 | 6) =>
  (flow: NfacctdFlow): string | undefined => {
    const text = of(name)(flow) ?? '';
    return text !== '' && text.includes(':') === (version === 6) ? text : undefined;
  };
const direction = (flow: NfacctdFlow): string | undefined => {
  const letter = of('sampling_direction')(flow);
  return letter === 'i' ? '0' : letter === 'e' ? '1' : undefined;
};

export const nfacctdTexts: FieldTexts<NfacctdFlow> = {
  ...everyTime('flowStart', time('timestamp_start')),
  ...everyTime('flowEnd', time('timestamp_end')),
  flowId: of('flow_id'),
  octetDeltaCount: of('bytes'),
  octetTotalCount: of('bytes'),
  packetDeltaCount: of('packets'),
  packetTotalCount: of('packets'),
  protocolIdentifier: (flow) => protocolNumber(of('ip_proto')(flow) ?? ''),
  ipClassOfService: of('tos'),
  tcpControlBits: of('tcp_flags'),
  sourceTransportPort: of('port_src'),
  destinationTransportPort: of('port_dst'),
  sourceIPv4Address: address('ip_src', 4),
  sourceIPv6Address: address('ip_src', 6),
  destinationIPv4Address: address('ip_dst', 4),
  destinationIPv6Address: address('ip_dst', 6),
  bgpNextHopIPv4Address: address('peer_ip_dst', 4),
  bgpNextHopIPv6Address: address('peer_ip_dst', 6),
  postNATSourceIPv4Address: address('post_nat_ip_src', 4),
  sourceMacAddress: of('mac_src'),
  destinationMacAddress: of('mac_dst'),
  ingressInterface: of('iface_in'),
  egressInterface: of('iface_out'),
  bgpSourceAsNumber: of('as_src'),
  bgpDestinationAsNumber: of('as_dst'),
  sourceIPv4PrefixLength: of('mask_src'),
  sourceIPv6PrefixLength: of('mask_src'),
  destinationIPv4PrefixLength: of('mask_dst'),
  destinationIPv6PrefixLength: of('mask_dst'),
  vlanId: of('vlan'),
  // It has one VLAN for a flow, and puts the later one there.
  postVlanId: of('vlan'),
  flowDirection: direction,
  samplingInterval: of('sampling_rate'),
};
