// The kernel's `msghdr` (sendmsg(2), recvmsg(2)) in memory that both sides see: 64 bits, little-endian.

import type { Libc } from './libc.ts';

// msghdr  => name name_length iov iov_length control control_length flags, 8 octets each
// iovec   => base length, 8 octets each
// cmsghdr => length, 8 octets; level type, 4 octets each; then the data
const [iovAt, iovLengthAt, controlAt, controlLengthAt] = [16, 24, 32, 40];
const controlHeaderOctets = 16;
const controlOctetsMax = 512;
const partsMax = 64;
/** Room for the refused datagram; its beginning says enough. */
const payloadOctets = 128;
// sock_extended_err => errno, 4 octets; origin type code pad, 1 octet each; info data, 4 octets each
const originAt = 4;
const originLocal = 1;

export class Msghdr {
  /** Where it is, for the call. */
  readonly at: bigint;
  readonly #header = new DataView(new ArrayBuffer(128));
  readonly #iov = new Uint32Array(new ArrayBuffer(partsMax * 16));
  readonly #control = new DataView(new ArrayBuffer(controlOctetsMax));
  readonly #payload = new Uint8Array(new ArrayBuffer(payloadOctets));
  readonly #payloadAt: number;

  constructor(libc: Libc) {
    this.at = libc.addressOf(this.#header);
    this.#header.setBigUint64(iovAt, libc.addressOf(this.#iov), true);
    this.#header.setBigUint64(controlAt, libc.addressOf(this.#control), true);
    this.#payloadAt = Number(libc.addressOf(this.#payload));
  }

  /** The Message's part `i`: a number of octets at an address. */
  part(i: number, address: number, octets: number): void {
    const iov = this.#iov;
    iov[i * 4] = address >>> 0;
    iov[i * 4 + 1] = address / 2 ** 32;
    iov[i * 4 + 2] = octets;
  }

  set parts(count: number) {
    this.#header.setUint32(iovLengthAt, count, true);
  }

  /** One control message, with a value of two octets. */
  control(level: number, type: number, value: number): void {
    const control = this.#control;
    control.setUint32(0, controlHeaderOctets + 2, true);
    control.setUint32(8, level, true);
    control.setUint32(12, type, true);
    control.setUint16(16, value, true);
    this.#header.setUint32(controlLengthAt, controlHeaderOctets + 8, true);
  }

  noControl(): void {
    this.#header.setUint32(controlLengthAt, 0, true);
  }

  toReceive(): void {
    this.part(0, this.#payloadAt, payloadOctets);
    this.parts = 1;
    this.#header.setUint32(controlLengthAt, controlOctetsMax, true);
  }

  /** What the error queue said: errno 0 where it was nothing of the kind. */
  extendedError(of: { level: number; receiveErrors: number }): { errno: number; isLocal: boolean } {
    const control = this.#control;
    const end = this.#header.getUint32(controlLengthAt, true);
    for (let at = 0; at + controlHeaderOctets <= end;) {
      const data = at + controlHeaderOctets;
      const isIt =
        control.getUint32(at + 8, true) === of.level &&
        control.getUint32(at + 12, true) === of.receiveErrors;
      if (isIt) {
        return {
          errno: control.getUint32(data, true),
          isLocal: control.getUint8(data + originAt) === originLocal,
        };
      }
      at += Math.max(controlHeaderOctets, Math.ceil(control.getUint32(at, true) / 8) * 8);
    }
    return { errno: 0, isLocal: false };
  }
}
