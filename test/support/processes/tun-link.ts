// A link of a known rate between the stage and a Recorder, made of a tun interface and `tc qdisc tbf`.
// Needs Linux, Python, and the right to make a network.

import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface TunLinkOptions {
  readonly bitsPerSecond: number;
  /** What waits for the link at most; a datagram that finds it full is dropped. */
  readonly queueOctets: number;
  /** Where what came over the link goes on. */
  readonly recorderPort: number;
  /** One broker, on 127.0.0.1. */
  readonly broker?: string;
}

export interface LinkCounts {
  readonly octets: number;
  readonly packets: number;
  /** Datagrams that found the queue full. */
  readonly dropped: number;
}

/** Any address behind the link. */
export const behindLink = 'ipfix://192.0.2.2:4739';

const file = join(import.meta.dirname, 'tun-link.py');

/** What a stage's command line has before it to run at the near end. */
export function withinLink(options: TunLinkOptions): string[] {
  const { bitsPerSecond, queueOctets, recorderPort, broker } = options;
  const numbers = [bitsPerSecond, queueOctets, recorderPort, Number(broker?.split(':')[1] ?? 0)];
  return ['unshare', '--map-root-user', 'python3', file, ...numbers.map(String)];
}

const tried = { bitsPerSecond: 4e6, queueOctets: 1e6, recorderPort: 9 };

/** Whether this user may make one here. */
export function isLinkAllowed(): boolean {
  const [command = '', ...args] = withinLink(tried);
  return spawnSync(command, [...args, 'true']).status === 0;
}

/** What the link of a process that runs at its near end has carried so far. */
export async function linkCounts(pid: number): Promise<LinkCounts> {
  const there = ['--target', String(pid), '--user', '--net', '--preserve-credentials'];
  const asked = ['tc', '-json', '-statistics', 'qdisc', 'show', 'dev', 'tun0'];
  const { stdout } = await promisify(execFile)('nsenter', [...there, ...asked]);
  const [found] = JSON.parse(stdout) as { bytes: number; packets: number; drops: number }[];
  if (!found) throw new Error('tun0 has no qdisc');
  return { octets: found.bytes, packets: found.packets, dropped: found.drops };
}
