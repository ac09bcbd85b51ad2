// The programs, each as a reader of elements. In the table they stand in this order.

import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writePcap } from '../support/oracles/pcap.ts';
import { type ElementReader, inOrder, shownIn } from './element-reader.ts';
import type { ElementRecord } from './element-records.ts';
import { goReaders } from './go-decoders.ts';
import { goflow2Texts, goflow2Version, startGoflow2 } from './goflow2.ts';
import { ipfixDumpVersion, readWithIpfixDump, shownByIpfixDump } from './ipfixdump.ts';
import { host } from './live-program.ts';
import { nfacctdTexts, nfacctdVersion, startNfacctd } from './nfacctd.ts';
import { nfdumpVersion, startNfcapd } from './nfcapd.ts';
import { nfdumpTexts } from './nfdump-texts.ts';
import { pythonIpfixVersion, readWithPythonIpfix, shownByPythonIpfix } from './python-ipfix.ts';
import { readWithTshark, tsharkVersion } from './tshark.ts';
import { tsharkText } from './tshark-texts.ts';

const tshark: ElementReader = {
  name: 'tshark',
  tools: ['tshark'],
  version: tsharkVersion,
  async read(records) {
    const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-elements-'));
    const [pcap, dstPort] = [join(folder, 'elements.pcap'), 4739];
    const datagrams = messagesOf(records).map((octets, i) => {
      return { octets, atMs: 1_700_000_060_000 + i, address: host, port: 40_000 };
    });
    try {
      writePcap(pcap, datagrams, { dstPort });
      const { fields } = await readWithTshark(pcap, dstPort);
      // A record for each Message that it could make out, in their order; a Message has one.
      return records.map(({ fields: sent }, i) => {
        const shown = fields[i];
        return shown && ((_, index) => tsharkText(shown, sent[index]!));
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

const nfdump: ElementReader = {
  name: 'nfdump',
  tools: ['nfcapd', 'nfdump'],
  version: nfdumpVersion,
  async read(records) {
    const nfcapd = await startNfcapd();
    try {
      await sendPaced(messagesOf(records), nfcapd.port);
      await nfcapd.stop();
      const flows = await nfcapd.flows();
      return inOrder(
        records,
        flows.map((flow) => shownIn(nfdumpTexts, flow)),
      );
    } finally {
      nfcapd.remove();
    }
  },
};

const nfacctd: ElementReader = {
  name: 'nfacctd',
  tools: ['nfacctd'],
  version: nfacctdVersion,
  async read(records) {
    const nfacctd = await startNfacctd();
    try {
      await sendPaced(messagesOf(records), nfacctd.port);
      const { flows } = await nfacctd.stop();
      return inOrder(
        records,
        flows.map((flow) => shownIn(nfacctdTexts, flow)),
      );
    } finally {
      nfacctd.remove();
    }
  },
};

const goflow2: ElementReader = {
  name: 'goflow2',
  tools: ['goflow2'],
  version: goflow2Version,
  async read(records) {
    const goflow2 = await startGoflow2();
    try {
      await sendPaced(messagesOf(records), goflow2.port);
      const { flows } = await goflow2.stop();
      return inOrder(
        records,
        flows.map((flow) => shownIn(goflow2Texts, flow)),
      );
    } finally {
      goflow2.remove();
    }
  },
};

const ipfixDump: ElementReader = {
  name: 'ipfixDump',
  tools: ['ipfixDump'],
  version: ipfixDumpVersion,
  async read(records) {
    // A file for each: at the first Message that it cannot read it leaves off.
    const readings = await Promise.all(records.map(({ messages }) => readWithIpfixDump(messages)));
    return readings.map(({ records: [record] }) => record && shownByIpfixDump(record));
  },
};

const pythonIpfix: ElementReader = {
  name: 'python-ipfix',
  tools: ['python3-ipfix'],
  version: pythonIpfixVersion,
  async read(records) {
    const { records: shown } = await readWithPythonIpfix(messagesOf(records));
    return inOrder(records, shown.map(shownByPythonIpfix));
  },
};

export const programs: readonly ElementReader[] = [
  tshark,
  nfdump,
  nfacctd,
  goflow2,
  ipfixDump,
  pythonIpfix,
  ...goReaders,
];

const messagesOf = (records: readonly ElementRecord[]): Buffer[] =>
  records.flatMap(({ messages }) => [...messages]);

/** One Message after the other from one port, so slowly that none meets a full socket. */
async function sendPaced(messages: readonly Buffer[], port: number): Promise<void> {
  const socket = createSocket('udp4');
  for (const message of messages) {
    await new Promise((resolve) => socket.send(message, port, host, resolve));
    await sleep(2);
  }
  await new Promise<void>((resolve) => socket.close(resolve));
}
