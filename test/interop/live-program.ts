// A collector of others as a process in the foreground on a free port of loopback: started, heard
// until its socket is read empty, ended. What it keeps and how it tells it, its own file knows.

import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export const host = '127.0.0.1';

export interface LiveProgram {
  readonly port: number;
  /** Datagrams that found no room in its socket; of the last moment before it ended. */
  readonly kernelDrops: number;
  /** All it wrote to standard output. */
  output(): string;
  /** That, and then all it wrote to standard error. */
  log(): string;
  untilRead(): Promise<void>;
  /** Waits until its socket is read empty, then ends it as an operator does. */
  stop(): Promise<void>;
  kill(): void;
}

export interface LiveProgramOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly port: number;
  /** What ends it in good order. */
  readonly stopSignal?: NodeJS.Signals;
}

/** Resolves when it listens. */
export async function startLiveProgram(options: LiveProgramOptions): Promise<LiveProgram> {
  const { command, args, port, stopSignal = 'SIGTERM' } = options;
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TZ: 'UTC' },
  });
  process.once('exit', () => child.kill('SIGKILL'));
  const exited = once(child, 'close');
  let [output, errors] = ['', ''];
  let kernelDrops = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const log = () => `${output}\n${errors}`;
  const until = async (isSo: () => boolean, otherwise: string): Promise<void> => {
    const giveUpAt = performance.now() + 10_000;
    while (!isSo()) {
      if (child.exitCode !== null || performance.now() > giveUpAt) {
        throw new Error(`${command} ${otherwise}:\n${log()}`);
      }
      await sleep(20);
    }
  };
  const untilRead = () =>
    until(() => {
      const { waitingOctets, drops } = udpSocket(port) ?? {};
      kernelDrops = drops ?? kernelDrops;
      return waitingOctets === 0;
    }, 'does not read its socket');
  await until(() => udpSocket(port) !== undefined, 'does not listen');
  return {
    port,
    get kernelDrops() {
      return kernelDrops;
    },
    output: () => output,
    log,
    untilRead,
    async stop() {
      await untilRead();
      child.kill(stopSignal);
      await exited;
    },
    kill: () => child.kill('SIGKILL'),
  };
}

// proc(5)
//   line => sl: local_address:port remote_address:port st tx_queue:rx_queue … drops
function udpSocket(port: number): { waitingOctets: number; drops: number } | undefined {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = readFileSync('/proc/net/udp', 'latin1').split('\n');
  const columns = lines.map((line) => line.trim().split(/\s+/));
  const found = columns.find(([, address = '']) => address.endsWith(local));
  const waiting = found?.[4]?.split(':')[1];
  if (!found || waiting === undefined) return undefined;
  return { waitingOctets: Number.parseInt(waiting, 16), drops: Number(found[12]) };
}

export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, host);
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}
