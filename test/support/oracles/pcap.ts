// Recorded datagrams → a capture file, so that a packet analyser reads exactly what was received.

import { writeFileSync } from 'node:fs';
import { pcapFileHeader, pcapPacket } from '../../../src/collector/pcap.ts';
import type { Datagram } from '../fakes/recorder.ts';

/** The collector is given the sender's address: on loopback both ends have the same. */
export function writePcap(
  path: string,
  datagrams: readonly Datagram[],
  { dstPort }: { readonly dstPort: number },
): void {
  const packets = datagrams.map(({ octets, atMs, address, port }) =>
    pcapPacket({ octets, atMs, from: { address, port }, to: { address, port: dstPort } }),
  );
  writeFileSync(path, Buffer.concat([pcapFileHeader(), ...packets]));
}
