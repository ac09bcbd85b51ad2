// The bridge that one would write first: kafkajs's messages, avsc's objects, a record painted into a
// buffer, node:dgram. It is written with care (one buffer, full Messages, one Template), but it has no
// promise: kafkajs commits by its own timer, whatever became of the records.
//
// obvious-bridge.ts BROKERS TOPIC GROUP RECORDS PORT

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { CpuSpan } from '../cpu-span.ts';
import { messageOctets } from '../equal-settings.ts';
import { type Flow, flowType } from '../flows.ts';
import { benchConsumer } from './kafkajs-consumer.ts';

const [brokers = '', topic = '', groupId = '', wanted = '', port = ''] = process.argv.slice(2);
const confluentOctets = 5;
const templateId = 256;
const recordOctets = 45;
const elements = [
  ...[[8, 4] as const, [12, 4] as const, [7, 2] as const, [11, 2] as const, [4, 1] as const],
  ...[[1, 8] as const, [2, 8] as const, [152, 8] as const, [153, 8] as const],
];

const socket = createSocket('udp4');
socket.connect(Number(port), '127.0.0.1');
await once(socket, 'connect');

let sequenceNumber = 0;
const head = (message: Buffer, length: number): void => {
  message.writeUInt16BE(10, 0);
  message.writeUInt16BE(length, 2);
  message.writeUInt32BE(Math.floor(Date.now() / 1000), 4);
  message.writeUInt32BE(sequenceNumber, 8);
  message.writeUInt32BE(1, 12);
};

function sendTemplate(): void {
  const length = 16 + 8 + 4 * elements.length;
  const message = Buffer.alloc(length);
  head(message, length);
  message.writeUInt16BE(2, 16);
  message.writeUInt16BE(length - 16, 18);
  message.writeUInt16BE(templateId, 20);
  message.writeUInt16BE(elements.length, 22);
  elements.forEach(([id, octets], i) => {
    message.writeUInt16BE(id, 24 + 4 * i);
    message.writeUInt16BE(octets, 26 + 4 * i);
  });
  socket.send(message);
}

let message = Buffer.allocUnsafe(messageOctets);
let at = 20;
let records = 0;

function flush(): Promise<void> {
  if (records === 0) return Promise.resolve();
  head(message, at);
  message.writeUInt16BE(templateId, 16);
  message.writeUInt16BE(at - 16, 18);
  const sent = message.subarray(0, at);
  sequenceNumber = (sequenceNumber + records) >>> 0;
  message = Buffer.allocUnsafe(messageOctets);
  at = 20;
  records = 0;
  return new Promise((resolve, reject) => {
    socket.send(sent, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

function paint(flow: Flow): void {
  flow.sourceIPv4Address.copy(message, at);
  flow.destinationIPv4Address.copy(message, at + 4);
  message.writeUInt16BE(flow.sourceTransportPort, at + 8);
  message.writeUInt16BE(flow.destinationTransportPort, at + 10);
  message.writeUInt8(flow.protocolIdentifier, at + 12);
  message.writeUIntBE(0, at + 13, 2);
  message.writeUIntBE(flow.octetDeltaCount, at + 15, 6);
  message.writeUIntBE(0, at + 21, 2);
  message.writeUIntBE(flow.packetDeltaCount, at + 23, 6);
  message.writeUIntBE(0, at + 29, 2);
  message.writeUIntBE(flow.flowStartMilliseconds, at + 31, 6);
  message.writeUIntBE(0, at + 37, 2);
  message.writeUIntBE(flow.flowEndMilliseconds, at + 39, 6);
  at += recordOctets;
  records += 1;
}

const consumer = benchConsumer(brokers, groupId);
const span = new CpuSpan();
let read = 0;
sendTemplate();
await consumer.connect();
await consumer.subscribe({ topics: [topic], fromBeginning: true });
await consumer.run({
  eachBatch: async ({ batch }) => {
    span.begin();
    for (const { value } of batch.messages) {
      paint(flowType.fromBuffer(value!.subarray(confluentOctets)) as Flow);
      if (at + recordOctets > messageOctets) await flush();
    }
    read += batch.messages.length;
    if (read >= Number(wanted)) {
      await flush();
      span.end(read);
    }
  },
});
await span.ended;
await consumer.disconnect();
socket.close();
