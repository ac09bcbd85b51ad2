// `node bench/senders.ts`: what a datagram costs with each Sender, to a bound port on loopback that
// nobody reads. CPU of the whole process, rounds in turn; medians with least and most, and their ratio.

import pino from 'pino';
import { BatchSender } from '../src/pipeline/sending/batch-sender.ts';
import { DgramSender } from '../src/pipeline/sending/dgram-sender.ts';
import { loadLibc } from '../src/pipeline/sending/libc.ts';
import { type Message, unknownAddress } from '../src/pipeline/frames/message.ts';
import type { Sender } from '../src/pipeline/sending/sender.ts';
import { median } from './rounds.ts';
import { unreadPort } from './unread-port.ts';

const rounds = Number(process.argv[2] ?? 9);
const datagramsARound = 20_000;
/** A Message nearly as long as Ethernet allows, with records of 80 octets. */
const [length, records] = [1_460, 18];

const { port, close } = await unreadPort();
const options = { host: '127.0.0.1', port, families: [4] } as const;
const senders: Readonly<Record<string, Sender>> = {
  dgram: new DgramSender(options),
  batch: new BatchSender(loadLibc(), { ...options, log: pino({ level: 'silent' }) }),
};
const messages: Message[] = Array.from({ length: 64 }, () => ({
  ...{ buffer: Buffer.alloc(1_472), start: 0, length, records, address: unknownAddress },
}));
/** In runs as long as one call can carry, and one by one, as where lengths differ. */
const rows = [
  { name: 'dgram', sender: 'dgram', run: 1 },
  { name: 'batch, runs of 44', sender: 'batch', run: 44 },
  { name: 'batch, runs of 8', sender: 'batch', run: 8 },
  { name: 'batch, one by one', sender: 'batch', run: 1 },
].map((row) => ({ ...row, nsCpu: [] as number[] }));

for (const sender of Object.values(senders)) await sender.connect();
for (let round = -1; round < rounds; round += 1) {
  for (const { sender, run, nsCpu } of rows) {
    const before = process.cpuUsage();
    await send(senders[sender]!, messages.slice(0, run));
    const { user, system } = process.cpuUsage(before);
    if (round >= 0) nsCpu.push(((user + system) * 1000) / datagramsARound);
  }
}
for (const sender of Object.values(senders)) sender.close();
close();

const dgram = median(rows[0]!.nsCpu);
console.table(
  rows.map(({ name, nsCpu }) => ({
    name,
    nsCpuPerDatagram: Math.round(median(nsCpu)),
    nsCpuPerRecord: Number((median(nsCpu) / records).toFixed(1)),
    least: Math.round(Math.min(...nsCpu)),
    most: Math.round(Math.max(...nsCpu)),
    ofDgram: Number((median(nsCpu) / dgram).toFixed(2)),
  })),
);

async function send(sender: Sender, run: readonly Message[]): Promise<void> {
  for (let sent = 0; sent < datagramsARound;) {
    const answer = sender.send(run);
    const outcome = 'kind' in answer ? answer : await answer;
    if (outcome.kind !== 'taken') throw new Error(JSON.stringify(outcome));
    sent += outcome.count;
  }
}
