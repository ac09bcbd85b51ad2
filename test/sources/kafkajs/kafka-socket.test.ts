// Responses put together out of pieces of any size, and over a real socket.

import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Random } from '../../../src/generator/random.ts';
import { Responses, socketFactoryFor } from '../../../src/sources/kafkajs/kafka-socket.ts';

const response = (length: number): Buffer => {
  const octets = Buffer.alloc(4 + length, length % 251);
  octets.writeInt32BE(length);
  return octets;
};

test('responses come whole and in order, however they are cut', () => {
  const random = new Random(5);
  const sent = Array.from({ length: 200 }, () => response(random.integer(4, 300)));
  const stream = Buffer.concat(sent);
  for (const most of [1, 7, 400, 100_000]) {
    const given: Buffer[] = [];
    const responses = new Responses((one) => given.push(one));
    for (let at = 0; at < stream.length;) {
      const piece = stream.subarray(at, at + random.integer(1, most));
      responses.take(Buffer.concat([piece, Buffer.alloc(3, 255)]), piece.length);
      at += piece.length;
    }
    expect(given).toEqual(sent);
  }
});

test('what is no length is no broker', () => {
  const responses = new Responses(() => {});
  expect(() => responses.take(Buffer.from('HTTP/1.1 400'), 12)).toThrow(
    'what answers is not Kafka: it sent HTTP',
  );
});

test('a socket gives a response of megabytes as one chunk', async () => {
  const server = createServer((socket) => socket.end(response(5_000_000))).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address() as { port: number };
  const options = { host: '127.0.0.1', port: address.port, onConnect: () => {} };
  const socket = socketFactoryFor(undefined)({ ...options, ssl: null as never });
  onTestFinished(() => void socket.destroy());
  const [first] = (await once(socket, 'data')) as [Buffer];
  expect(first.equals(response(5_000_000))).toBe(true);
  await once(socket, 'end');
});

test('a socket to a server that speaks otherwise ends in an error that says so', async () => {
  const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request')).listen(
    0,
    '127.0.0.1',
  );
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address() as { port: number };
  const options = { host: '127.0.0.1', port: address.port, onConnect: () => {} };
  const socket = socketFactoryFor(undefined)({ ...options, ssl: null as never });
  socket.on('data', () => {});
  const [error] = (await once(socket, 'error')) as [Error];
  expect(error.message).toContain('what answers is not Kafka');
});
