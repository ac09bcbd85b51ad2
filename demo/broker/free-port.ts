// A TCP port for a server that binds it only seconds later. Taken from below the ranges in which
// kernels choose ports by themselves, so that no outgoing connection gets it in the meantime.

import { once } from 'node:events';
import { createServer } from 'node:net';

const firstPort = 20_000;
const lastPort = 29_999;
const attemptsMax = 50;

export async function freePort(host: string): Promise<number> {
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const port = firstPort + Math.floor(Math.random() * (lastPort - firstPort + 1));
    if (await canBind(host, port)) return port;
  }
  throw new NoFreePortError(`found no free TCP port on ${host} in ${attemptsMax} attempts`);
}

class NoFreePortError extends Error {
  readonly code = 'NO_FREE_PORT';
  override readonly name = 'NoFreePortError';
}

async function canBind(host: string, port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
