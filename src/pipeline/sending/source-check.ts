// SOURCE_ADDRESS and SOURCE_PORT on this host, before anything is sent: whether each socket can be bound
// there, and whether there is a way from there to the collector. Sends nothing.

import { createSocket } from 'node:dgram';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Fault } from '../../fault.ts';
import type { CollectorHost } from './sender.ts';

interface SourceWanted {
  /** Undefined where the system chooses. */
  readonly address: string | undefined;
  readonly port: number | undefined;
  /** Sockets that are opened, each with the port after that of the one before. */
  readonly sockets: number;
}

type Family = 4 | 6;

/** What is wrong with the settings; `hosts` are the collector's addresses, none where it does not resolve. */
export async function sourceFaults(
  wanted: SourceWanted,
  hosts: readonly CollectorHost[],
): Promise<Fault[]> {
  const { address, port } = wanted;
  if (address === undefined && port === undefined) return [];
  const version = address === undefined ? 0 : isIP(address);
  const reached = hosts.filter(({ family }) => version === 0 || family === version);
  if (hosts.length > 0 && reached.length === 0) {
    return [{ where: 'SOURCE_ADDRESS', problem: otherVersion(address!, hosts) }];
  }
  const families = version === 0 ? familiesOf(reached) : [version as Family];
  const faults: Fault[] = [];
  for (const family of families) {
    const host = reached.find((one) => one.family === family);
    for (const fault of await boundFaults(wanted, family, host)) {
      if (!faults.some(({ problem }) => problem === fault.problem)) faults.push(fault);
    }
  }
  return faults;
}

const familiesOf = (hosts: readonly CollectorHost[]): Family[] =>
  hosts.length === 0 ? [4] : [...new Set(hosts.map(({ family }) => family))];

function otherVersion(address: string, hosts: readonly CollectorHost[]): string {
  const [own, other] = isIP(address) === 6 ? ['IPv6', 'IPv4'] : ['IPv4', 'IPv6'];
  const reached = hosts.map((host) => host.address).join(', ');
  return (
    `${address} is an ${own} address, but the collector has only ${other} addresses (${reached}); ` +
    `set an ${other} address of this host, or remove it`
  );
}

async function boundFaults(
  { address, port, sockets }: SourceWanted,
  family: Family,
  host: CollectorHost | undefined,
): Promise<Fault[]> {
  const ports =
    port === undefined ? [undefined] : Array.from({ length: sockets }, (_, i) => port + i);
  /** The ports by what the system says of them. */
  const refused = new Map<string, number[]>();
  for (const one of ports) {
    const code = await codeOfBinding({ address, port: one }, family, host);
    if (code === undefined) continue;
    refused.set(code, [...(refused.get(code) ?? []), ...(one === undefined ? [] : [one])]);
  }
  return Array.from(refused, ([code, of]) => faultOf(code, of, { address, family, host }));
}

/** Of connecting, only what the source is to blame for: EINVAL. The network may be down for now. */
const connectRefused = 'connect EINVAL';

/** Undefined where the socket can be bound. */
function codeOfBinding(
  { address, port }: Pick<SourceWanted, 'address' | 'port'>,
  family: Family,
  host: CollectorHost | undefined,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket({ type: family === 6 ? 'udp6' : 'udp4', ipv6Only: family === 6 });
    const end = (code: string | undefined): void => {
      socket.close();
      resolve(code);
    };
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    socket.bind(
      { port: port ?? 0, ...(address !== undefined && { address }), exclusive: true },
      () => {
        if (!host) {
          end(undefined);
          return;
        }
        socket.removeAllListeners('error');
        socket.once('error', () => end(undefined));
        // Connecting a UDP socket picks the route and sends nothing.
        socket.connect(discardPort, host.address, (error?: NodeJS.ErrnoException) =>
          end(error?.code === 'EINVAL' ? connectRefused : undefined),
        );
      },
    );
  });
}

/** RFC 863; nothing is sent there. */
const discardPort = 9;

interface Place {
  readonly address: string | undefined;
  readonly family: Family;
  readonly host: CollectorHost | undefined;
}

function faultOf(code: string, ports: readonly number[], place: Place): Fault {
  const { address, family, host } = place;
  const list = ports.join(', ');
  const are = ports.length === 1 ? 'is' : 'are';
  switch (code) {
    case 'EADDRINUSE':
      return {
        where: 'SOURCE_PORT',
        problem: `${list} ${are} in use by another process; stop it, or set another port`,
      };
    case 'EACCES':
      return ports.length === 0
        ? { where: 'SOURCE_ADDRESS', problem: `${address} may not be used (EACCES); remove it` }
        : {
            where: 'SOURCE_PORT',
            problem: `${list} may not be used by this user (EACCES); set a port from 1024 to 65535`,
          };
    case 'EADDRNOTAVAIL':
      return {
        where: 'SOURCE_ADDRESS',
        problem: `${address} is not an address of this host; set one of ${ownAddresses(family)}, or remove it`,
      };
    case connectRefused:
      return {
        where: 'SOURCE_ADDRESS',
        problem:
          `${address} has no route to the collector at ${host!.address}; ` +
          'set an address of the outgoing interface, or remove it',
      };
    default:
      return {
        where: address === undefined ? 'SOURCE_PORT' : 'SOURCE_ADDRESS',
        problem: `${address ?? list} cannot be bound (${code}); set another one, or remove it`,
      };
  }
}

function ownAddresses(family: Family): string {
  const own = Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).filter((one) => one.family === `IPv${family}`).map(({ address }) => address),
  );
  return own.slice(0, 8).join(', ');
}
