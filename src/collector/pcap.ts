// Datagrams → a capture file, for packet analysers: exactly what was received, without capturing
// live. LINKTYPE_RAW: each packet begins with its IP header, made up here.

import { isIPv6 } from 'node:net';

interface Endpoint {
  readonly address: string;
  readonly port: number;
}

interface CapturedDatagram {
  readonly octets: Buffer;
  /** Milliseconds since 1970, with fractions. */
  readonly atMs: number;
  readonly from: Endpoint;
  readonly to: Endpoint;
}

const linkTypeRaw = 101;
const snapLength = 262_144;
const protocolUdp = 17;
const hopLimit = 64;

// The classic format, little-endian
//   file   => magic major minor 0 0 snap_length link_type [packet]
//   packet => seconds microseconds captured_length original_length octets
export function pcapFileHeader(): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2_c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(snapLength, 16);
  header.writeUInt32LE(linkTypeRaw, 20);
  return header;
}

/** One packet as it stands in the file, after the file's header and the packets before it. */
export function pcapPacket({ octets, atMs, from, to }: CapturedDatagram): Buffer {
  const [source, destination] = addressesOf(from.address, to.address);
  const udp = Buffer.alloc(8 + octets.length);
  udp.writeUInt16BE(from.port, 0);
  udp.writeUInt16BE(to.port, 2);
  udp.writeUInt16BE(udp.length, 4);
  octets.copy(udp, 8);
  // RFC 768, RFC 8200 §8.1: the checksum covers the addresses, protocol and length too; 0 is sent
  // as its other form, because 0 means that there is none.
  const pseudo = Buffer.concat([source, destination, Buffer.from([0, protocolUdp, 0, 0])]);
  pseudo.writeUInt16BE(udp.length, pseudo.length - 2);
  udp.writeUInt16BE(checksum(Buffer.concat([pseudo, udp])) || 0xffff, 6);
  const ip = source.length === 4 ? ipv4Header : ipv6Header;
  const header = ip(source, destination, udp.length);
  return Buffer.concat([packetHeader(atMs, header.length + udp.length), header, udp]);
}

function packetHeader(atMs: number, length: number): Buffer {
  const header = Buffer.alloc(16);
  const microseconds = Math.floor(atMs * 1000);
  header.writeUInt32LE(Math.floor(microseconds / 1e6), 0);
  header.writeUInt32LE(microseconds % 1e6, 4);
  header.writeUInt32LE(length, 8);
  header.writeUInt32LE(length, 12);
  return header;
}

function ipv4Header(source: Buffer, destination: Buffer, payloadOctets: number): Buffer {
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(header.length + payloadOctets, 2);
  header[8] = hopLimit;
  header[9] = protocolUdp;
  source.copy(header, 12);
  destination.copy(header, 16);
  header.writeUInt16BE(checksum(header), 10);
  return header;
}

function ipv6Header(source: Buffer, destination: Buffer, payloadOctets: number): Buffer {
  const header = Buffer.alloc(40);
  header[0] = 0x60;
  header.writeUInt16BE(payloadOctets, 4);
  header[6] = protocolUdp;
  header[7] = hopLimit;
  source.copy(header, 8);
  destination.copy(header, 24);
  return header;
}

/** Both in 4 octets, or both in 16: a socket on `::` also hears IPv4. */
function addressesOf(from: string, to: string): [Buffer, Buffer] {
  const [source, destination] = [addressOctets(from), addressOctets(to)];
  if (source.length === destination.length) return [source, destination];
  const other = Buffer.alloc(source.length);
  return [source, other];
}

const mappedPrefix = '::ffff:';

function addressOctets(address: string): Buffer {
  const mapped = address.startsWith(mappedPrefix) && address.includes('.');
  const text = mapped ? address.slice(mappedPrefix.length) : address.replace(/%.*$/, '');
  return isIPv6(text) ? ipv6Octets(text) : Buffer.from(text.split('.').map(Number));
}

function ipv6Octets(address: string): Buffer {
  const [before = [], after] = address
    .split('::')
    .map((groups) => groups.split(':').filter((group) => group !== ''));
  const zeros = Array<string>(8 - before.length - (after?.length ?? 0)).fill('0');
  const groups = after === undefined ? before : [...before, ...zeros, ...after];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

/** The Internet checksum: the ones' complement of the ones' complement sum of all words. */
function checksum(octets: Buffer): number {
  let sum = 0;
  for (let at = 0; at < octets.length; at += 2) {
    sum += (octets[at]! << 8) | (octets[at + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
