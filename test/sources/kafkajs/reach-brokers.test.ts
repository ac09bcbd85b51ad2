// What answers is not Kafka, or wants to harm: told at once, with the setting to fix, and never gathered.

import { createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { reachBrokers } from '../../../src/sources/kafkajs/reach-brokers.ts';

/** Something that listens and does this once it has been spoken to. */
async function listening(answer: (socket: Socket, request: Buffer) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (request: Buffer) => answer(socket, request));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function fault(answer: (socket: Socket, request: Buffer) => void): Promise<string> {
  const connection = { brokers: [await listening(answer)], clientId: 'kafka2ipfix-test' };
  const reaching = reachBrokers(connection);
  const error = await reaching.then(
    () => new Error('reached'),
    (caught: unknown) => caught as Error,
  );
  return `${(error as Error & { code?: string }).code}: ${error.message}`;
}

/** A frame that answers the request, with this body behind the correlation id. */
function answerTo(request: Buffer, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeInt32BE(4 + body.length, 0);
  request.copy(head, 4, 8, 12);
  return Buffer.concat([head, body]);
}

describe('an answer', () => {
  test('of two gigabytes is refused by its first octets, however much of it comes', async () => {
    const before = process.memoryUsage().arrayBuffers;
    const said = await fault((socket) => {
      const flood = Buffer.alloc(1024 * 1024, 1);
      socket.write(Buffer.from([0x7f, 0xff, 0xff, 0xff]));
      for (let i = 0; i < 64; i += 1) socket.write(flood);
    });
    expect(said).toMatch(/^NO_KAFKA: .*a frame of 2147483647 octets; correct KAFKA_BROKERS$/);
    // The flood itself is this process's too: one buffer of it, sent again and again.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 * 1024);
  });

  test('of a length below nothing is refused', async () => {
    const said = await fault((socket) => socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 0])));
    expect(said).toMatch(/^NO_KAFKA: .*a frame of -1 octets/);
  });

  test('in HTTP is named', async () => {
    const said = await fault((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(said).toMatch(/^NO_KAFKA: .*it sent HTTP; correct KAFKA_BROKERS$/);
  });

  test('in TLS says which setting is missing', async () => {
    const alert = Buffer.from([21, 3, 3, 0, 2, 2, 80]);
    const said = await fault((socket) => socket.write(alert));
    expect(said).toMatch(/^KAFKA_SPEAKS_TLS: .*set KAFKA_TLS=on$/);
  });

  test('that ends in its middle, again and again, is given up', async () => {
    const said = await fault((socket) => socket.end(Buffer.from([0, 0, 1, 0, 0, 0])));
    expect(said).toMatch(/^KAFKA_CLOSES: /);
  });

  test.each([
    ['is too short for what it says', Buffer.from([0, 0])],
    ['has a count of two billion', Buffer.from([0, 0, 0x7f, 0xff, 0xff, 0xff])],
  ])('that %s is given up at once', async (_, body) => {
    const said = await fault((socket, request) => socket.write(answerTo(request, body)));
    expect(said).toMatch(/^(NO_KAFKA|KAFKA_CLOSES): /);
  });
});
