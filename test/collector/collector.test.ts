// The Collector over loopback: how it counts, and what its own socket lost.

import { createSocket, type Socket } from 'node:dgram';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { listeningText, summaryText } from '../../src/collector/report.ts';
import { Collector, type CollectorOptions } from '../../src/collector/collector.ts';
import { dropsIn } from '../../src/collector/receive-buffer.ts';
import { hex } from '../support/events/hex.ts';
import { appendixMessage, dataSet, message } from '../vectors/rfc7011-appendix-a.ts';

let client: Socket;
let open: Collector[];

beforeEach(() => {
  client = createSocket('udp4');
  open = [];
});

afterEach(async () => {
  client.close();
  await Promise.all(open.map((collector) => collector.close()));
});

async function collectorOn(options: CollectorOptions = {}): Promise<[Collector, number]> {
  const collector = new Collector(options);
  open.push(collector);
  const { port } = await collector.listen();
  return [collector, port];
}

function send(octets: Uint8Array, port: number): void {
  client.send(octets, port, '127.0.0.1');
}

describe('the Collector', () => {
  test('hands on each Data Record with its Message, and counts', async () => {
    const seen: string[] = [];
    const [collector, port] = await collectorOn({
      onRecord: (record, { observationDomainId }, session) =>
        seen.push(`${session.split(':')[0]} ${observationDomainId} ${record.templateId}`),
    });
    send(appendixMessage, port);
    await vi.waitFor(() => expect(collector.dataRecords).toBe(3));
    await collector.close();
    expect(seen).toEqual([
      ...Array<string>(3).fill('127.0.0.1 1 256'),
      ...Array<string>(2).fill('127.0.0.1 1 258'),
    ]);
    expect(collector.summary()).toMatchObject({
      address: { host: '127.0.0.1', port },
      messages: 1,
      octets: 152,
      dataRecords: 3,
      optionsRecords: 2,
      templates: 2,
      templateRecords: 2,
      unknownSets: 0,
      malformedMessages: 0,
      missingRecords: 0,
      domains: [{ observationDomainId: 1, messages: 1, dataRecords: 3 }],
    });
  });

  test('counts malformed Messages, unknown Sets, gaps and repeated Messages', async () => {
    const [collector, port] = await collectorOn();
    const data = (sequenceNumber: number): Buffer => message([dataSet], { sequenceNumber });
    const unknown = message([dataSet], { observationDomainId: 2 });
    for (const octets of [appendixMessage, data(5), data(11), data(5), unknown, hex`0a0b`]) {
      send(octets, port);
    }
    await vi.waitFor(() => expect(collector.summary().malformedMessages).toBe(1));
    expect(collector.summary()).toMatchObject({
      messages: 5,
      dataRecords: 12,
      unknownSets: 1,
      malformedOctets: 2,
      sequenceGaps: 1,
      missingRecords: 3,
      repeatedMessages: 1,
      domains: [{ observationDomainId: 1 }, { observationDomainId: 2, unknownSets: 1 }],
    });
  });

  test('reads and decodes what waits in its socket before it closes', async () => {
    const [collector, port] = await collectorOn();
    const sent = Array.from({ length: 200 }, () => {
      return new Promise((done) => client.send(appendixMessage, port, '127.0.0.1', done));
    });
    await Promise.all(sent);
    await Promise.all([collector.close(), collector.close()]);
    expect(collector.summary().messages).toBe(200);
    await collector.close();
  });

  test('tells its receive buffer and, on Linux, what the kernel dropped', async () => {
    const collector = new Collector({ receiveBufferBytes: 65_536 });
    open.push(collector);
    const address = await collector.listen();
    expect(address.receiveBufferBytes).toBeGreaterThanOrEqual(65_536);
    const linux = process.platform === 'linux';
    expect(collector.summary().kernelDrops).toBe(linux ? 0 : 'unknown');
  });

  test.runIf(process.platform === 'linux')(
    'counts what its own socket had no room for',
    async () => {
      const [collector, port] = await collectorOn({ receiveBufferBytes: 65_536 });
      const sent = 1000;
      // Sent in one turn of the event loop, which the receiver shares: nothing is read meanwhile.
      const large = message([Buffer.concat([hex`0100 2000`, Buffer.alloc(8188)])]);
      await Promise.all(
        Array.from(
          { length: sent },
          () => new Promise((done) => client.send(large, port, '127.0.0.1', done)),
        ),
      );
      await vi.waitFor(() => {
        const { messages, kernelDrops } = collector.summary();
        expect(Number(kernelDrops)).toBeGreaterThan(0);
        expect(messages + Number(kernelDrops)).toBe(sent);
      });
      const live = collector.summary().kernelDrops;
      await collector.close();
      expect(collector.summary().kernelDrops).toBe(live);
    },
  );

  test('refuses a port that is taken', async () => {
    const [, port] = await collectorOn();
    await expect(new Collector({ port }).listen()).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  test('the summary names each domain, and the first line a buffer that was cut down', async () => {
    const [collector, port] = await collectorOn();
    send(appendixMessage, port);
    await vi.waitFor(() => expect(collector.dataRecords).toBe(3));
    const text = summaryText(collector.summary());
    expect(text).toContain('1  Messages (152 octets)');
    expect(text).toMatch(/Observation Domain 1 from 127\.0\.0\.1:\d+: 1 Message, 3 Data Records/);
    const address = { host: '::1', port: 4739, receiveBufferBytes: 1024 };
    expect(listeningText(address, 2048)).toContain(
      '[::1]:4739, receive buffer 1,024 octets of 2,048',
    );
  });

  test('the table of the kernel is read by port and inode', () => {
    const row = (address: string, inode: number, drops: number): string => {
      const queues = '00000000:00000000 00:00000000 00000000';
      const local = `${address}:1283 00000000:0000 07`;
      return ` 4242: ${local} ${queues}  1000        0 ${inode} 2 0000000000000000 ${drops}`;
    };
    const table = [row('0100007F', 111, 7), row('0200007F', 222, 42)].join('\n');
    expect(dropsIn(table, 4739, new Set(['222']))).toBe(42);
    expect(dropsIn(table, 4739, new Set(['333']))).toBeUndefined();
    expect(dropsIn(table, 53, new Set(['222']))).toBeUndefined();
  });
});
