// nfcapd in the foreground on a free port of loopback, and what nfdump reads from its files.

import { execFile, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const host = '127.0.0.1';
const receiveBufferOctets = 4_000_000;
/** No rotation in the middle of a test: the files are complete once the process has ended. */
const rotationS = 3600;

export interface NfcapdSummary {
  readonly flows: number;
  readonly sequenceErrors: number;
  readonly badPackets: number;
  /** Of the exporters that it told apart. */
  readonly observationDomains: number[];
  /** Datagrams that found no room in its socket. */
  readonly kernelDrops: number;
  readonly log: string;
}

export interface Nfcapd {
  readonly collector: string;
  /** Waits until its socket is read empty, then ends it, which writes everything out. */
  stop(): Promise<NfcapdSummary>;
  /** The flows it wrote, as `nfdump -o json` tells them. */
  flows(): Promise<Record<string, unknown>[]>;
  remove(): void;
}

export async function startNfcapd(): Promise<Nfcapd> {
  const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-nfcapd-'));
  const port = await freeUdpPort();
  const options = {
    '-b': host,
    '-p': port,
    '-w': folder,
    '-t': rotationS,
    '-B': receiveBufferOctets,
  };
  const nfcapd = spawn('nfcapd', [...Object.entries(options).flat().map(String), '-v'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  process.once('exit', () => nfcapd.kill('SIGKILL'));
  const exited = once(nfcapd, 'exit');
  let log = '';
  for (const stream of [nfcapd.stdout, nfcapd.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (log += text));
  }
  await until(
    () => log.includes('Startup nfcapd'),
    () => `nfcapd does not start:\n${log}`,
  );
  return {
    collector: `ipfix://${host}:${port}`,
    async stop() {
      await until(
        () => udpSocket(port).waitingOctets === 0,
        () => `nfcapd does not read its socket:\n${log}`,
      );
      const { drops } = udpSocket(port);
      nfcapd.kill('SIGTERM');
      await exited;
      return { ...summaryOf(log), kernelDrops: drops, log };
    },
    async flows() {
      const { stdout } = await promisify(execFile)('nfdump', ['-R', folder, '-o', 'json'], {
        env: { ...process.env, TZ: 'UTC' },
        maxBuffer: 2 ** 28,
      });
      return JSON.parse(stdout) as Record<string, unknown>[];
    },
    remove() {
      nfcapd.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

// nfcapd's log, at each rotation and at the end
//   Ident: 'none' Flows: 10000, Packets: …, Bytes: …, Sequence Errors: 0, Bad Packets: 0
// and once for each exporter
//   Process_ipfix: New ipfix exporter: SysID: 1, Observation domain 1 from: 127.0.0.1
function summaryOf(log: string): Omit<NfcapdSummary, 'kernelDrops' | 'log'> {
  const sumOf = (name: string) =>
    Array.from(log.matchAll(new RegExp(`${name}: (\\d+)`, 'g')), ([, n]) => Number(n)).reduce(
      (sum, n) => sum + n,
      0,
    );
  const domains = log.matchAll(/New ipfix exporter: .*Observation domain (\d+)/g);
  if (!log.includes('Sequence Errors: ')) throw new Error(`nfcapd gave no account:\n${log}`);
  return {
    flows: sumOf('Flows'),
    sequenceErrors: sumOf('Sequence Errors'),
    badPackets: sumOf('Bad Packets'),
    observationDomains: Array.from(domains, ([, id]) => Number(id)).sort((a, b) => a - b),
  };
}

// proc(5)
//   line => sl: local_address:port remote_address:port st tx_queue:rx_queue … drops
function udpSocket(port: number): { waitingOctets: number; drops: number } {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = readFileSync('/proc/net/udp', 'latin1').split('\n');
  const columns = lines.map((line) => line.trim().split(/\s+/));
  const found = columns.find(([, address = '']) => address.endsWith(local)) ?? [];
  const waiting = found[4]?.split(':')[1] ?? '';
  return { waitingOctets: Number.parseInt(waiting, 16), drops: Number(found[12]) };
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, host);
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

async function until(isSo: () => boolean, otherwise: () => string): Promise<void> {
  const giveUpAt = performance.now() + 10_000;
  while (!isSo()) {
    if (performance.now() > giveUpAt) throw new Error(otherwise());
    await sleep(20);
  }
}
