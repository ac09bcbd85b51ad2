// A file to be read, or standard input. A pipe is waited for by the event loop: a read that waits in a
// thread of Node.js's pool cannot be called off, and the process could not end before it.

import { constants, createReadStream, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { isatty } from 'node:tty';

/** What cannot be read is said before anything waits for it. */
export class InputError extends Error {
  readonly code = 'INPUT';
  override readonly name = 'InputError';
}

const stdinFd = 0;

/** "-" is standard input. Throws what the system says of the file, and InputError. */
export function openInput(path: string): { readonly stream: Readable; readonly octets: number } {
  const isStdin = path === '-';
  if (isStdin && isatty(stdinFd)) {
    throw new InputError('it is a terminal; name a file, or use a pipe');
  }
  // Without a writer yet, a pipe would not open before there is one. A file does not mind.
  const fd = isStdin ? stdinFd : openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const stat = fstatSync(fd);
  if (stat.isDirectory()) throw new InputError('it is a folder; name its files');
  const stream =
    stat.isFIFO() || stat.isSocket()
      ? new Socket({ fd, readable: true, writable: false })
      : createReadStream('', { fd });
  return { stream, octets: stat.size };
}
