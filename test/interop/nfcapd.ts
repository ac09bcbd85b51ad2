// nfcapd in the foreground on a free port of loopback, and what nfdump reads from its files.

import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freeUdpPort, host, startLiveProgram } from './live-program.ts';

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

export type NfdumpFlow = Readonly<Record<string, unknown>>;

export interface Nfcapd {
  readonly port: number;
  readonly collector: string;
  /** Waits until its socket is read empty, then ends it, which writes everything out. */
  stop(): Promise<NfcapdSummary>;
  /** The flows it wrote, as `nfdump -o json` tells them. */
  flows(): Promise<NfdumpFlow[]>;
  remove(): void;
}

export async function startNfcapd(port?: number): Promise<Nfcapd> {
  const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-nfcapd-'));
  const options = {
    '-b': host,
    '-p': port ?? (await freeUdpPort()),
    '-w': folder,
    '-t': rotationS,
    '-B': receiveBufferOctets,
  };
  const args = [...Object.entries(options).flat().map(String), '-v'];
  const nfcapd = await startLiveProgram({ command: 'nfcapd', args, port: options['-p'] });
  return {
    port: nfcapd.port,
    collector: `ipfix://${host}:${nfcapd.port}`,
    async stop() {
      await nfcapd.stop();
      const { kernelDrops } = nfcapd;
      return { ...summaryOf(nfcapd.log()), kernelDrops, log: nfcapd.log() };
    },
    async flows() {
      const { stdout } = await promisify(execFile)('nfdump', ['-R', folder, '-o', 'json'], {
        env: { ...process.env, TZ: 'UTC' },
        maxBuffer: 2 ** 28,
      });
      // Its JSON of no flows is none.
      return stdout.includes('No matched flows') ? [] : (JSON.parse(stdout) as NfdumpFlow[]);
    },
    remove() {
      nfcapd.kill();
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

/** Lines in which nfcapd tells a fault by itself, as "Process_ipfix: … sequence failure". */
export const nfcapdFaults = (log: string): string[] =>
  log.split('\n').filter((line) => /fail|error(?!s: 0)|unknown|skip/i.test(line));

/** As `nfcapd: Version: 1.7.1` tells it. */
export function nfdumpVersion(): string {
  const told = execFileSync('nfcapd', ['-V'], { encoding: 'utf8' });
  return /Version:\s*(\S+)/.exec(told)?.[1] ?? told.trim();
}
