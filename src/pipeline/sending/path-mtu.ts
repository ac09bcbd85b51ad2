// PATH_MTU=auto: the MTU of the interface that datagrams to the collector leave by.

import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { systemLookup } from './collector-address.ts';
import type { CollectorHost, Lookup } from './sender.ts';

/** Where a collector's name leads now. */
export interface Route extends CollectorHost {
  /** The outgoing interface's MTU in octets; undefined where the system does not report it. */
  readonly interfaceMtu: number | undefined;
  /** The routes to the further addresses of the name, in the order in which they are tried. */
  readonly others?: readonly Route[];
}

/** IPv4 20 or IPv6 40, and UDP 8 octets: what a path MTU loses before the Message begins. */
export const headerOctets = (family: 4 | 6): number => (family === 4 ? 28 : 48);

const autoMax = 1500;
/** RFC 7011 §10.3.3: the packet to send where the path MTU is unknown. */
const unknownMtu = 512;

/** The path MTU to use; a `setting` above the interface's is refused by the caller. */
export function effectivePathMtu(setting: number | 'auto', route: Route): number {
  if (setting !== 'auto') return setting;
  return route.interfaceMtu === undefined ? unknownMtu : Math.min(autoMax, route.interfaceMtu);
}

/** The collector's name stands for no address, now at least. */
export class UnresolvedCollectorError extends Error {
  readonly code = 'COLLECTOR_UNRESOLVED';
  override readonly name = 'UnresolvedCollectorError';
}

/** Resolves the name and asks the system for its routes. Sends nothing. */
export async function routeTo(
  host: string,
  port: number,
  look: Lookup = systemLookup,
): Promise<Route> {
  const [first, ...others] = await Promise.all(
    (await resolve(host, look)).map((found) => routeOf(found, port)),
  );
  return others.length === 0 ? first! : { ...first!, others };
}

async function routeOf({ address, family }: CollectorHost, port: number): Promise<Route> {
  const source = await sourceAddressTo(address, port, family === 6 ? 'udp6' : 'udp4');
  return { address, family, interfaceMtu: await mtuOfAddress(source) };
}

async function resolve(host: string, look: Lookup): Promise<readonly CollectorHost[]> {
  const zone = host.split('%')[1];
  if (zone !== undefined && !(zone in networkInterfaces()) && !/^\d+$/.test(zone)) {
    throw new UnresolvedCollectorError(
      `COLLECTORS: ${host} names the interface ${zone}, which does not exist; use one of ` +
        Object.keys(networkInterfaces()).join(', '),
    );
  }
  try {
    return await look(host);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UnresolvedCollectorError(
      `COLLECTORS: ${host} does not resolve (${code}); correct the name, or check the name server`,
      { cause: error },
    );
  }
}

// Connecting a UDP socket picks the route and sends nothing.
function sourceAddressTo(address: string, port: number, type: 'udp4' | 'udp6') {
  return new Promise<string | undefined>((resolve) => {
    const socket = createSocket(type);
    socket.once('error', () => {
      socket.close();
      resolve(undefined);
    });
    socket.connect(port, address, () => {
      const { address: source } = socket.address();
      socket.close();
      resolve(source);
    });
  });
}

async function mtuOfAddress(address: string | undefined): Promise<number | undefined> {
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    if (!addresses?.some((own) => own.address === address)) continue;
    try {
      return Number(await readFile(`/sys/class/net/${name}/mtu`, 'utf8'));
    } catch {
      return undefined; // not Linux
    }
  }
  return undefined;
}
