// A UDP port that is bound and that nobody reads: what finds no room there costs its sender the same. It
// is a process of its own, because Node.js reads every UDP socket that it binds.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort } from '../demo/broker/free-port.ts';

const file = join(import.meta.dirname, '..', 'test', 'support', 'processes', 'unread-collector.py');

export async function unreadPort(): Promise<{ readonly port: number; readonly close: () => void }> {
  const port = await freePort('127.0.0.1');
  const owner = spawn('python3', [file, String(port)], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(owner.stdout, 'data');
  return { port, close: () => void owner.kill('SIGKILL') };
}
