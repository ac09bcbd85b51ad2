// The Recorder's socket, in a thread of its own: an event loop that does nothing but receive.
// Datagrams go to the test in batches: a message between threads costs more than a datagram.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { askForBuffer } from '../../../src/collector/receive-buffer.ts';
import type { FromRecorder, RecorderAssignment, SentDatagram } from './recorder.ts';

const receiveBufferOctets = 8 * 2 ** 20;
const batchMs = 20;

const { host, port } = workerData as RecorderAssignment;
const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
let batch: SentDatagram[] = [];

socket.on('message', (octets, { address, port: sourcePort }) => {
  const atMs = performance.timeOrigin + performance.now();
  batch.push({ octets, atMs, address, port: sourcePort });
});
socket.bind({ port, address: host, exclusive: true });
await once(socket, 'listening');
askForBuffer(socket, receiveBufferOctets);
tell({ kind: 'listening', port: socket.address().port });
const timer = setInterval(handOn, batchMs);

parentPort?.once('message', () => {
  void close();
});

function handOn(): void {
  if (batch.length === 0) return;
  tell({ kind: 'datagrams', datagrams: batch });
  batch = [];
}

/** What the kernel still keeps has arrived: it is read until two turns bring nothing. */
async function close(): Promise<void> {
  let before: number;
  do {
    before = batch.length;
    await nextTurn();
    await nextTurn();
  } while (batch.length !== before);
  clearInterval(timer);
  socket.close();
  handOn();
  tell({ kind: 'closed' });
  parentPort?.close();
}

function tell(message: FromRecorder): void {
  parentPort?.postMessage(message);
}
