// How many packets the queue (qdisc) of the interface towards an address has dropped, as the kernel
// reports it over rtnetlink(7): what is dropped of a run of datagrams is reported nowhere else.

import { AF_INET, AF_INET6, type Libc, SOCK_CLOEXEC, SOCK_NONBLOCK } from './libc.ts';

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const NETLINK_ROUTE = 0;
/** Request, acknowledge, and echo: without the last, a queue is shown to those who watch, and not to us. */
const requestFlags = 0xd;
const MSG_DONTWAIT = 0x40;

/** What is asked, and what comes back. */
const route = { ask: 26, tell: 24, headOctets: 12, attribute: 4 } as const;
const queue = { ask: 38, tell: 36, headOctets: 20, attribute: 3 } as const;
const answered = 2;
const rootQueue = 0xffff_ffff;
const destination = 1;
/** In `tc_stats`: octets, 8; packets, 4; then these. */
const dropsAt = 12;

// nlmsghdr => length type(2) flags(2) sequence port, 4 octets each
const messageHead = 16;
const attributeHead = 4;
const octetsMax = 8192;

export class QueueDrops {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #octets = new DataView(new ArrayBuffer(octetsMax));
  readonly #iov = new DataView(new ArrayBuffer(64));
  readonly #header = new DataView(new ArrayBuffer(64));
  readonly #headerAt: bigint;
  readonly #address = new Uint8Array(new ArrayBuffer(64));
  #addressOctets = 0;
  #interface = 0;
  #last = 0;

  constructor(libc: Libc) {
    this.#libc = libc;
    this.#fd = libc.socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
    this.#iov.setBigUint64(0, libc.addressOf(this.#octets), true);
    this.#header.setBigUint64(16, libc.addressOf(this.#iov), true);
    this.#header.setBigUint64(24, 1n, true);
    this.#headerAt = libc.addressOf(this.#header);
  }

  /** What is dropped is counted from here, on the path to this address. */
  begin(family: 4 | 6, address: string): void {
    const domain = family === 6 ? AF_INET6 : AF_INET;
    const isRead = this.#libc.inet_pton(domain, address, this.#libc.addressOf(this.#address));
    this.#addressOctets = isRead === 1 ? (family === 6 ? 16 : 4) : 0;
    this.growth();
  }

  /** Packets that were dropped since the last look; undefined where the kernel does not say. */
  growth(): number | undefined {
    const before = this.#interface;
    this.#interface = this.#outgoing() ?? 0;
    const drops = this.#interface === 0 ? undefined : this.#dropped(this.#interface);
    if (drops === undefined) return undefined;
    // A queue that is another one now counts from 0.
    const since = drops < this.#last ? 0 : this.#last;
    this.#last = drops;
    return before === this.#interface ? drops - since : 0;
  }

  close(): void {
    if (this.#fd >= 0) this.#libc.close(this.#fd);
  }

  // rtmsg => family destination_bits source_bits tos table protocol scope type, 1 octet each; flags, 4
  #outgoing(): number | undefined {
    if (this.#fd < 0 || this.#addressOctets === 0) return undefined;
    const octets = this.#octets;
    const at = messageHead + route.headOctets;
    this.#begin(at + attributeHead + this.#addressOctets, route.ask);
    octets.setUint8(messageHead, this.#addressOctets === 16 ? AF_INET6 : AF_INET);
    octets.setUint8(messageHead + 1, 8 * this.#addressOctets);
    octets.setUint16(at, attributeHead + this.#addressOctets, true);
    octets.setUint16(at + 2, destination, true);
    for (let i = 0; i < this.#addressOctets; i += 1) {
      octets.setUint8(at + attributeHead + i, this.#address[i]!);
    }
    return this.#ask(at + attributeHead + this.#addressOctets, route, 0);
  }

  // tcmsg => family and padding, 4 octets; interface handle parent info, 4 octets each
  #dropped(interfaceIndex: number): number | undefined {
    const octets = messageHead + queue.headOctets;
    this.#begin(octets, queue.ask);
    this.#octets.setUint32(messageHead + 4, interfaceIndex, true);
    this.#octets.setUint32(messageHead + 12, rootQueue, true);
    return this.#ask(octets, queue, dropsAt);
  }

  #begin(octets: number, type: number): void {
    new Uint8Array(this.#octets.buffer, 0, octets).fill(0);
    this.#octets.setUint32(0, octets, true);
    this.#octets.setUint16(4, type, true);
    this.#octets.setUint16(6, requestFlags, true);
  }

  /** The number at a place of an attribute. The kernel answers before the call returns. */
  #ask(octets: number, about: typeof route | typeof queue, place: number): number | undefined {
    const libc = this.#libc;
    this.#iov.setBigUint64(8, BigInt(octets), true);
    if (libc.sendmsg(this.#fd, this.#headerAt, 0) < 0) return undefined;
    this.#iov.setBigUint64(8, BigInt(octetsMax), true);
    let found: number | undefined;
    for (;;) {
      const length = libc.recvmsg(this.#fd, this.#headerAt, MSG_DONTWAIT);
      if (length <= 0) return undefined;
      for (let at = 0; at + messageHead <= length;) {
        const size = this.#octets.getUint32(at, true);
        const type = this.#octets.getUint16(at + 4, true);
        if (type === answered) return found;
        if (type === about.tell)
          found = this.#in(at + messageHead + about.headOctets, at + size, about.attribute, place);
        if (size < messageHead) return undefined;
        at += aligned(size);
      }
    }
  }

  #in(from: number, end: number, attribute: number, place: number): number | undefined {
    for (let at = from; at + attributeHead <= end;) {
      const size = this.#octets.getUint16(at, true);
      if (size < attributeHead) return undefined;
      if (this.#octets.getUint16(at + 2, true) === attribute) {
        return this.#octets.getUint32(at + attributeHead + place, true);
      }
      at += aligned(size);
    }
    return undefined;
  }
}

const aligned = (octets: number): number => (octets + 3) & ~3;
