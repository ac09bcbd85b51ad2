// Recorded datagrams → a capture file, so that a packet analyser reads exactly what was received,
// without capturing live. LINKTYPE_RAW: each packet begins with its IP header, made up here.

import { writeFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import type { Datagram } from './recorder.ts';

const linkTypeRaw = 101;
const snapLength = 262_144;
const protocolUdp = 17;
const hopLimit = 64;

export function writePcap(
  path: string,
  datagrams: readonly Datagram[],
  { dstPort }: { readonly dstPort: number },
): void {
  const parts = datagrams.flatMap((datagram) => {
    const packet = packetOf(datagram, dstPort);
    return [packetHeader(datagram.atMs, packet.length), packet];
  });
  writeFileSync(path, Buffer.concat([fileHeader(), ...parts]));
}

// The classic format, little-endian
//   file   => magic major minor 0 0 snap_length link_type [packet]
//   packet => seconds microseconds captured_length original_length octets
function fileHeader(): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2_c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(snapLength, 16);
  header.writeUInt32LE(linkTypeRaw, 20);
  return header;
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

/** The collector is given the sender's address: on loopback both ends have the same. */
function packetOf({ octets, address, port }: Datagram, dstPort: number): Buffer {
  const udp = Buffer.alloc(8 + octets.length);
  udp.writeUInt16BE(port, 0);
  udp.writeUInt16BE(dstPort, 2);
  udp.writeUInt16BE(udp.length, 4);
  octets.copy(udp, 8);
  const ends = isIPv6(address) ? ipv6Octets(address) : Buffer.from(address.split('.').map(Number));
  // RFC 768, RFC 8200 §8.1: the checksum covers the addresses, protocol and length too; 0 is sent
  // as its other form, because 0 means that there is none.
  const pseudo = Buffer.concat([ends, ends, Buffer.from([0, protocolUdp, 0, 0])]);
  pseudo.writeUInt16BE(udp.length, pseudo.length - 2);
  udp.writeUInt16BE(checksum(Buffer.concat([pseudo, udp])) || 0xffff, 6);
  const header = ends.length === 4 ? ipv4Header(ends, udp.length) : ipv6Header(ends, udp.length);
  return Buffer.concat([header, udp]);
}

function ipv4Header(ends: Buffer, payloadOctets: number): Buffer {
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(header.length + payloadOctets, 2);
  header[8] = hopLimit;
  header[9] = protocolUdp;
  ends.copy(header, 12);
  ends.copy(header, 16);
  header.writeUInt16BE(checksum(header), 10);
  return header;
}

function ipv6Header(ends: Buffer, payloadOctets: number): Buffer {
  const header = Buffer.alloc(40);
  header[0] = 0x60;
  header.writeUInt16BE(payloadOctets, 4);
  header[6] = protocolUdp;
  header[7] = hopLimit;
  ends.copy(header, 8);
  ends.copy(header, 24);
  return header;
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
