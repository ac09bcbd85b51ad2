// The calls of the C library that a UDP socket needs, through `node:ffi`, with Linux's numbers on
// 64-bit machines. Knows no IPFIX and no Node.js socket.

import { getSystemErrorName } from 'node:util';

/** A file descriptor, or -1; then `errno` says why. Addresses are those of `addressOf`. */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: bigint, length: number): number;
  connect(fd: number, address: bigint, length: number): number;
  close(fd: number): number;
  setsockopt(fd: number, level: number, name: number, value: bigint, length: number): number;
  getsockopt(fd: number, level: number, name: number, value: bigint, length: bigint): number;
  sendmsg(fd: number, message: bigint, flags: number): number;
  recvmsg(fd: number, message: bigint, flags: number): number;
  inet_pton(family: number, text: string, target: bigint): number;
  if_nametoindex(name: string): number;
  /** The error number of the previous call. */
  readonly errno: number;
  /** Where the octets are. They stay there for as long as JavaScript holds on to them. */
  addressOf(octets: ArrayBufferLike | NodeJS.ArrayBufferView): bigint;
}

const i32 = 'int32';
const pointer = 'pointer';
const functions = {
  socket: { arguments: [i32, i32, i32], return: i32 },
  bind: { arguments: [i32, pointer, i32], return: i32 },
  connect: { arguments: [i32, pointer, i32], return: i32 },
  close: { arguments: [i32], return: i32 },
  setsockopt: { arguments: [i32, i32, i32, pointer, i32], return: i32 },
  getsockopt: { arguments: [i32, i32, i32, pointer, pointer], return: i32 },
  // The C library says ssize_t. No call here moves 2 GiB, and a BigInt a call would be garbage.
  sendmsg: { arguments: [i32, pointer, i32], return: i32 },
  recvmsg: { arguments: [i32, pointer, i32], return: i32 },
  inet_pton: { arguments: [i32, 'string', pointer], return: i32 },
  if_nametoindex: { arguments: ['string'], return: i32 },
  __errno_location: { arguments: [], return: pointer },
} as const;

const machines = ['x64', 'arm64'];

/** Throws where this Node.js, this system or this machine has no such thing; the message says which. */
export function loadLibc(): Libc {
  if (process.platform !== 'linux' || !machines.includes(process.arch)) {
    throw new Error(
      `it needs Linux on ${machines.join(' or ')}, not ${process.platform} on ${process.arch}`,
    );
  }
  const ffi = loadFfi();
  const { __errno_location: errnoLocation, ...calls } = ffi.dlopen(null, functions).functions;
  // Read in place, since a call that asked for it could change it. It is this thread's for good.
  const errno = new Int32Array(ffi.toArrayBuffer(errnoLocation(), 4, false));
  return {
    ...calls,
    get errno() {
      return errno[0]!;
    },
    addressOf: (octets) => ffi.getRawPointer(octets as Buffer),
  };
}

// Node.js warns, each time it is loaded, that node:ffi may change. An operator can do nothing about it.
function loadFfi(): typeof import('node:ffi') {
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = () => undefined;
  try {
    const ffi = process.getBuiltinModule('node:ffi') as typeof import('node:ffi') | undefined;
    if (!ffi) throw new Error('this Node.js has no node:ffi');
    return ffi;
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** `ECONNREFUSED` and its like. */
export const errorName = (errno: number): string => getSystemErrorName(-errno);

export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_DGRAM = 2;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;
export const SOL_SOCKET = 1;
export const SO_ERROR = 4;
export const SOL_UDP = 17;
export const UDP_SEGMENT = 103;
export const MSG_ERRQUEUE = 0x2000;

/** What has other numbers for each IP version: `level`, then options of it. */
export const ipOptions = {
  4: { level: 0, mtuDiscover: 10, receiveErrors: 11, mtu: 14 },
  6: { level: 41, mtuDiscover: 23, receiveErrors: 25, mtu: 24 },
} as const;
/** The value of `mtuDiscover` that never fragments. */
export const pmtuDiscoverDo = 2;
