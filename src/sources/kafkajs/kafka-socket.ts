// Sockets to brokers that allocate once for each response. Node.js makes a buffer of 64 KiB for whatever
// a socket reads, and kafkajs puts a whole Fetch response together out of them: most of the garbage
// there is. Here a socket reads into one buffer of its own, and what it has read goes on from there
// into the response it belongs to. It knows no more of the protocol than how long a response is.

import { EventEmitter } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { ISocketFactory } from 'kafkajs';
import { frameFault, guardedTlsSocket } from './guarded-socket.ts';
import { kafkajsModule } from './kafkajs-inside.ts';
import { ResponseMemory } from './response-memory.ts';

const readOctets = 2 ** 16;
const keepAliveDelayMs = 60_000;

type SocketOptions = Parameters<ISocketFactory>[0];

/** Whoever wants to know whether the brokers answer. */
export interface SocketWatch {
  answered(): void;
  /** A connection failed or ended. */
  ended(): void;
}

/** TLS decrypts into buffers of its own: there kafkajs puts responses together. */
export function socketFactoryFor(watch: SocketWatch | undefined): ISocketFactory {
  return (options) => {
    const socket = usesTls(options) ? guardedTlsSocket(options) : plain(options);
    socket.setKeepAlive(true, keepAliveDelayMs);
    if (watch) {
      // Not socket.on: of TLS it is replaced, and of any socket it starts the reading.
      EventEmitter.prototype.on.call(socket, 'data', () => watch.answered());
      socket.once('close', () => watch.ended());
    }
    return socket;
  };
}

/** kafkajs gives null, or an object, whatever its types say. */
const usesTls = ({ ssl }: SocketOptions): boolean => Boolean(ssl as object | null);

function plain({ host, port, onConnect }: SocketOptions): Socket {
  const responses = new Responses((response) => socket.emit('data', response));
  const buffer = Buffer.allocUnsafeSlow(readOctets);
  const onread = {
    buffer,
    callback: (octets: number) => {
      try {
        responses.take(buffer, octets);
      } catch (error) {
        socket.destroy(error as Error);
      }
      return true;
    },
  };
  const socket = connect({ host, port, onread }, onConnect);
  return socket;
}

// What is used of kafkajs/src/network/connection.js.
interface Connection {
  readonly bytesBuffered: number;
  chunks: Buffer[];
  processData(octets: Buffer): void;
}

/** A patch of kafkajs, which keeps an empty rest and would copy a whole response to put that before it. */
export function withoutEmptyRest(): void {
  const { prototype } = kafkajsModule('src/network/connection.js') as { prototype: Connection };
  const processData = Reflect.get(prototype, 'processData');
  prototype.processData = function withoutRest(this: Connection, octets) {
    if (this.bytesBuffered === 0) this.chunks = [];
    processData.call(this, octets);
  };
}

/**
 * Octets put together to whole responses, each in one piece of memory.
 *
 *   Response => length of the rest (int32), octets
 */
export class Responses {
  readonly #give: (response: Buffer) => void;
  readonly #memory = new ResponseMemory();
  readonly #head = Buffer.alloc(4);
  #headOctets = 0;
  #response: Buffer | undefined;
  #filled = 0;

  constructor(give: (response: Buffer) => void) {
    this.#give = give;
  }

  /** Throws NoKafkaError. */
  take(octets: Buffer, end: number): void {
    let at = 0;
    while (at < end) {
      at += this.#response
        ? this.#fill(this.#response, octets, at, end)
        : this.#begin(octets, at, end);
    }
  }

  #begin(octets: Buffer, at: number, end: number): number {
    const copied = octets.copy(this.#head, this.#headOctets, at, Math.min(end, at + 4));
    this.#headOctets += copied;
    if (this.#headOctets < 4) return copied;
    this.#headOctets = 0;
    const fault = frameFault(this.#head);
    if (fault) throw fault;
    const length = this.#head.readInt32BE(0);
    this.#response = this.#memory.take(4 + length);
    this.#head.copy(this.#response);
    this.#filled = 4;
    return copied;
  }

  #fill(response: Buffer, octets: Buffer, at: number, end: number): number {
    const copied = octets.copy(response, this.#filled, at, end);
    this.#filled += copied;
    if (this.#filled === response.length) this.#end(response);
    return copied;
  }

  #end(response: Buffer): void {
    this.#response = undefined;
    this.#give(response);
  }
}
