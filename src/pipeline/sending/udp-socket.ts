// A connected, non-blocking UDP socket of the C library: what goes to the kernel and comes back from
// it, octet by octet. Knows no IPFIX and decides nothing.

import {
  AF_INET,
  AF_INET6,
  errorName,
  ipOptions,
  type Libc,
  MSG_ERRQUEUE,
  pmtuDiscoverDo,
  SO_ERROR,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOL_SOCKET,
  SOL_UDP,
  UDP_SEGMENT,
} from './libc.ts';
import { Msghdr } from './msghdr.ts';
import { headerOctets } from './path-mtu.ts';
import { type Message, unknownAddress } from '../frames/message.ts';

interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** The system chooses what is not said. */
interface Source {
  readonly address: string | undefined;
  readonly port: number | undefined;
}

/** A call that failed, named as Node.js names them. */
export class SocketError extends Error {
  override readonly name = 'SocketError';
  readonly code: string;

  constructor(call: string, code: string, peer: string) {
    super(`${call} ${code} ${peer}`);
    this.code = code;
  }
}

export class UdpSocket {
  readonly #libc: Libc;
  readonly #family: 4 | 6;
  readonly #fd: number;
  readonly #out: Msghdr;
  readonly #in: Msghdr;
  readonly #value = new Int32Array(new ArrayBuffer(128));
  readonly #valueAt: bigint;
  #closed = false;

  private constructor(libc: Libc, family: 4 | 6, fd: number) {
    this.#libc = libc;
    this.#family = family;
    this.#fd = fd;
    this.#out = new Msghdr(libc);
    this.#in = new Msghdr(libc);
    this.#valueAt = libc.addressOf(this.#value);
  }

  /** Throws SocketError. */
  static open(libc: Libc, family: 4 | 6, source: Source, peer: Endpoint): UdpSocket {
    const domain = family === 6 ? AF_INET6 : AF_INET;
    const fd = libc.socket(domain, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) throw new SocketError('socket', errorName(libc.errno), peer.address);
    const socket = new UdpSocket(libc, family, fd);
    try {
      const { level, mtuDiscover, receiveErrors } = ipOptions[family];
      socket.#set(level, mtuDiscover, pmtuDiscoverDo);
      socket.#set(level, receiveErrors, 1);
      if (source.address !== undefined || source.port !== undefined) {
        const any = family === 6 ? '::' : '0.0.0.0';
        socket.#name('bind', source.address ?? any, source.port ?? 0);
      }
      socket.#name('connect', peer.address, peer.port);
      return socket;
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  /** If the new address is not available, the old one stays. What was said of the old one is forgotten. */
  reconnect(address: string, before: string, port: number): void {
    this.readRefusals(() => undefined);
    this.#get(SOL_SOCKET, SO_ERROR);
    // AF_UNSPEC: our own address is chosen again, too.
    new Uint8Array(this.#value.buffer).fill(0);
    this.#libc.connect(this.#fd, this.#valueAt, 16);
    try {
      this.#name('connect', address, port);
    } catch (error) {
      this.#name('connect', before, port);
      throw error;
    }
  }

  /** Hands over the first `count` Messages in one call; 0, or the errno. */
  send(run: readonly Message[], count: number): number {
    const libc = this.#libc;
    const out = this.#out;
    for (let i = 0; i < count; i += 1) {
      const message = run[i]!;
      if (message.address === unknownAddress) {
        message.address = Number(libc.addressOf(message.buffer)) + message.start;
      }
      out.part(i, message.address, message.length);
    }
    out.parts = count;
    if (count > 1) out.control(SOL_UDP, UDP_SEGMENT, run[0]!.length);
    else out.noControl();
    return libc.sendmsg(this.#fd, out.at, 0) < 0 ? libc.errno : 0;
  }

  /** The longest datagram that the path is known to take, in octets without its headers. */
  get octetsMax(): number {
    const { level, mtu } = ipOptions[this.#family];
    return this.#get(level, mtu) - headerOctets(this.#family);
  }

  /** Empties the error queue; what the host itself said of a datagram was reported at once. */
  readRefusals(told: (code: string) => void): void {
    while (!this.#closed) {
      this.#in.toReceive();
      if (this.#libc.recvmsg(this.#fd, this.#in.at, MSG_ERRQUEUE) < 0) return;
      const { errno, isLocal } = this.#in.extendedError(ipOptions[this.#family]);
      if (errno !== 0 && !isLocal) told(errorName(errno));
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#libc.close(this.#fd);
  }

  #set(level: number, option: number, value: number): void {
    this.#value[0] = value;
    if (this.#libc.setsockopt(this.#fd, level, option, this.#valueAt, 4) < 0) {
      throw new SocketError('setsockopt', errorName(this.#libc.errno), `${level}/${option}`);
    }
  }

  #get(level: number, option: number): number {
    const length = 8;
    this.#value[length] = 4;
    const lengthAt = this.#valueAt + BigInt(length * 4);
    const failed = this.#libc.getsockopt(this.#fd, level, option, this.#valueAt, lengthAt) < 0;
    return failed ? Infinity : this.#value[0]!;
  }

  // sockaddr_in => family, port in network order, 4 octets of address
  // sockaddr_in6 => family, port in network order, flow_info, 16 octets of address, scope_id
  #name(call: 'bind' | 'connect', address: string, port: number): void {
    const libc = this.#libc;
    const view = new DataView(this.#value.buffer);
    new Uint8Array(this.#value.buffer).fill(0);
    const isIpv6 = this.#family === 6;
    const [text = '', zone] = address.split('%');
    view.setUint16(0, isIpv6 ? AF_INET6 : AF_INET, true);
    view.setUint16(2, port);
    // RFC 4007 §11.2: a zone is an interface's name, or its number.
    if (zone !== undefined) view.setUint32(24, libc.if_nametoindex(zone) || Number(zone), true);
    const isRead = libc.inet_pton(
      view.getUint16(0, true),
      text,
      this.#valueAt + (isIpv6 ? 8n : 4n),
    );
    if (isRead !== 1) throw new SocketError(call, 'EINVAL', address);
    if (libc[call](this.#fd, this.#valueAt, isIpv6 ? 28 : 16) < 0) {
      throw new SocketError(call, errorName(libc.errno), `${address} port ${port}`);
    }
  }
}
