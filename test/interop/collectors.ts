// The programs as collectors of what the stage sends: three live, three over what was received. Of
// each: the flows it shows, and what it says is wrong with what it got.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePcap } from '../support/oracles/pcap.ts';
import type { Datagram } from '../support/fakes/recorder.ts';
import { missingTools } from '../support/processes/tool-path.ts';
import { type Shown, shownIn } from './element-reader.ts';
import type { Knows } from './flow-lines.ts';
import { goflow2Texts, startGoflow2 } from './goflow2.ts';
import { readWithIpfixDump, shownByIpfixDump } from './ipfixdump.ts';
import { nfacctdTexts, startNfacctd } from './nfacctd.ts';
import { nfcapdFaults, startNfcapd } from './nfcapd.ts';
import { nfdumpTexts } from './nfdump-texts.ts';
import { readWithPythonIpfix, shownByPythonIpfix } from './python-ipfix.ts';
import { readWithTshark } from './tshark.ts';

export interface Collected {
  readonly flows: readonly Shown[];
  readonly faults: readonly string[];
}

export interface LiveCollector {
  readonly port: number;
  stop(): Promise<Collected>;
  remove(): void;
}

export interface LiveProgramName {
  readonly name: 'nfcapd' | 'nfacctd' | 'goflow2';
  readonly tools: readonly string[];
  readonly knows: Knows;
  readonly start: (port?: number) => Promise<LiveCollector>;
}

export const liveCollectors: readonly LiveProgramName[] = [
  {
    name: 'nfcapd',
    tools: ['nfcapd', 'nfdump'],
    knows: (element) => element in nfdumpTexts,
    async start(port) {
      const nfcapd = await startNfcapd(port);
      return {
        port: nfcapd.port,
        remove: () => nfcapd.remove(),
        async stop() {
          const { log, kernelDrops, sequenceErrors, badPackets } = await nfcapd.stop();
          const counts = { kernelDrops, sequenceErrors, badPackets };
          const counted = Object.entries(counts).filter(([, count]) => count > 0);
          const faults = [...nfcapdFaults(log), ...counted.map((count) => count.join(': '))];
          const flows = await nfcapd.flows();
          return { flows: flows.map((flow) => shownIn(nfdumpTexts, flow)), faults };
        },
      };
    },
  },
  {
    name: 'nfacctd',
    tools: ['nfacctd'],
    // Its VLAN of a flow that goes out is that of postVlanId alone; vlanId it leaves aside there.
    knows: (element, event) =>
      element in nfacctdTexts && !(element === 'vlanId' && event?.flowDirection === 1),
    async start(port) {
      const nfacctd = await startNfacctd(port === undefined ? {} : { port });
      return {
        port: nfacctd.port,
        remove: () => nfacctd.remove(),
        async stop() {
          const { flows, faults } = await nfacctd.stop();
          return { flows: flows.map((flow) => shownIn(nfacctdTexts, flow)), faults };
        },
      };
    },
  },
  {
    name: 'goflow2',
    tools: ['goflow2'],
    knows: (element) => element in goflow2Texts,
    async start(port) {
      const goflow2 = await startGoflow2(port === undefined ? {} : { port });
      return {
        port: goflow2.port,
        remove: () => goflow2.remove(),
        async stop() {
          const { flows, faults } = await goflow2.stop();
          return { flows: flows.map((flow) => shownIn(goflow2Texts, flow)), faults };
        },
      };
    },
  },
];

export interface StreamReader {
  readonly name: 'ipfixDump' | 'python-ipfix';
  readonly tools: readonly string[];
  readonly read: (datagrams: readonly Datagram[]) => Promise<Collected>;
}

/** Each Transport Session is a stream of its own to them. */
export const streamReaders: readonly StreamReader[] = [
  {
    name: 'ipfixDump',
    tools: ['ipfixDump'],
    async read(datagrams) {
      const readings = await Promise.all(sessionsOf(datagrams).map(readWithIpfixDump));
      return {
        flows: readings.flatMap(({ records }) => records.map(shownByIpfixDump)),
        faults: readings.flatMap(({ complaints }) => complaints),
      };
    },
  },
  {
    name: 'python-ipfix',
    tools: ['python3-ipfix'],
    async read(datagrams) {
      const readings = await Promise.all(sessionsOf(datagrams).map(readWithPythonIpfix));
      return {
        flows: readings.flatMap(({ records }) => records.map(shownByPythonIpfix)),
        faults: readings.flatMap(({ complaints }) => complaints),
      };
    },
  },
];

function sessionsOf(datagrams: readonly Datagram[]): Buffer[][] {
  const sessions = Map.groupBy(datagrams, ({ port }) => port);
  return [...sessions.values()].map((all) => all.map(({ octets }) => octets));
}

export async function readDatagramsWithTshark(datagrams: readonly Datagram[]) {
  const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-tshark-'));
  const [pcap, dstPort] = [join(folder, 'received.pcap'), 4739];
  try {
    writePcap(pcap, datagrams, { dstPort });
    return await readWithTshark(pcap, dstPort);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Those of them that are on this machine. */
export const installed = <Program extends { readonly tools: readonly string[] }>(
  programs: readonly Program[],
): Program[] => programs.filter(({ tools }) => missingTools(tools).length === 0);
