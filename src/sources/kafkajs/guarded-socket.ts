// What answers where a broker should be, watched: a frame longer than any broker sends is refused by its
// first octets. kafkajs would gather it, gigabytes of it, and say nothing for half a minute.

import { isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ISocketFactory } from 'kafkajs';

/** More than a broker sends for all that this program asks for. */
const frameOctetsMax = 256 * 1024 * 1024;
const lengthOctets = 4;

/** What is at the other end is not Kafka, or not as it was configured. */
export class NoKafkaError extends Error {
  readonly code: 'KAFKA_SPEAKS_TLS' | 'NO_KAFKA';
  override readonly name = 'NoKafkaError';

  constructor(code: NoKafkaError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

type Listener = (...args: unknown[]) => void;

export function guardedTlsSocket({
  host,
  port,
  ssl,
  onConnect,
}: Parameters<ISocketFactory>[0]): Socket {
  const name = isIP(host) === 0 ? { servername: host } : {};
  const socket = connectTls({ host, port, ...name, ...ssl }, onConnect);
  guard(socket);
  return socket;
}

/** What fails the check reaches no listener: kafkajs throws at a length below 0, out of all reach. */
function guard(socket: Socket): void {
  const check = frameCheck();
  const on = socket.on.bind(socket) as (event: string, listener: Listener) => Socket;
  const guarded = (event: string, listener: Listener): Socket => {
    if (event !== 'data') return on(event, listener);
    return on('data', (chunk) => {
      if (socket.destroyed) return;
      const fault = check(chunk as Buffer);
      if (fault) socket.destroy(fault);
      else listener(chunk);
    });
  };
  socket.on = guarded as Socket['on'];
}

/** Follows the frames (length: int32, then that many octets) through a stream's chunks. */
export function frameCheck(): (chunk: Buffer) => NoKafkaError | undefined {
  const head = Buffer.alloc(lengthOctets);
  let headOctets = 0;
  let bodyOctets = 0;
  return (chunk) => {
    for (let at = 0; at < chunk.length;) {
      if (bodyOctets > 0) {
        const step = Math.min(bodyOctets, chunk.length - at);
        bodyOctets -= step;
        at += step;
        continue;
      }
      const step = chunk.copy(head, headOctets, at, at + lengthOctets - headOctets);
      headOctets += step;
      at += step;
      if (headOctets < lengthOctets) return undefined;
      headOctets = 0;
      bodyOctets = head.readInt32BE(0);
      const fault = frameFault(head);
      if (fault) return fault;
    }
    return undefined;
  };
}

/** What is wrong with the four octets that a frame begins with. */
export function frameFault(head: Buffer): NoKafkaError | undefined {
  const octets = head.readInt32BE(0);
  return octets < lengthOctets || octets > frameOctetsMax ? faultOf(head) : undefined;
}

// RFC 8446 §5.1: a record of type alert (21) or handshake (22), version 3.x
const isTls = (head: Buffer): boolean => (head[0] === 21 || head[0] === 22) && head[1] === 3;

function faultOf(head: Buffer): NoKafkaError {
  if (isTls(head)) return new NoKafkaError('KAFKA_SPEAKS_TLS', 'the broker answers in TLS');
  const text = head.toString('latin1');
  const what = text === 'HTTP' ? 'HTTP' : `a frame of ${head.readInt32BE(0)} octets`;
  return new NoKafkaError('NO_KAFKA', `what answers is not Kafka: it sent ${what}`);
}
