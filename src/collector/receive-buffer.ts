// A UDP socket's receive buffer: asking for its size, and how many datagrams the kernel dropped for
// lack of room in it. Linux shows that in the last column of /proc/net/udp and udp6; elsewhere it
// is unknown.

import type { Socket } from 'node:dgram';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export type KernelDrops = number | 'unknown';

/** Linux cuts the wish down in silence; other systems refuse it, so less is asked for. */
export function askForBuffer(socket: Socket, wanted: number): number {
  for (let bytes = wanted; bytes >= 65_536; bytes = Math.floor(bytes / 2)) {
    try {
      socket.setRecvBufferSize(bytes);
      break;
    } catch {
      continue;
    }
  }
  return socket.getRecvBufferSize();
}

/** The drops of this process's UDP socket on a local port, since the socket was opened. */
export function kernelDrops(port: number): KernelDrops {
  try {
    const inodes = ownSockets();
    const tables = ['/proc/net/udp', '/proc/net/udp6'].map((file) => readFileSync(file, 'latin1'));
    return dropsIn(tables.join('\n'), port, inodes) ?? 'unknown';
  } catch {
    return 'unknown';
  }
}

// proc(5)
//   line => sl: local_address:port remote_address:port st tx:rx tr:when retrnsmt uid timeout inode
//           ref pointer drops;  port => four hexadecimal digits
export function dropsIn(
  table: string,
  port: number,
  inodes: ReadonlySet<string>,
): number | undefined {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const line of table.split('\n')) {
    const columns = line.trim().split(/\s+/);
    const [, local = '', , , , , , , , inode = ''] = columns;
    const drops = columns[12];
    if (local.endsWith(suffix) && inodes.has(inode) && drops !== undefined) return Number(drops);
  }
  return undefined;
}

/** Other processes may hold the same port on other addresses; ours is known by its inode. */
function ownSockets(): Set<string> {
  const inodes = new Set<string>();
  for (const descriptor of readdirSync('/proc/self/fd')) {
    const inode = socketInode(descriptor);
    if (inode !== undefined) inodes.add(inode);
  }
  return inodes;
}

function socketInode(descriptor: string): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${descriptor}`))?.[1];
  } catch {
    // Closed between the listing and now, as the descriptor of the listing itself always is.
    return undefined;
  }
}
