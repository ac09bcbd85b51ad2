// One datagram at a time, by `node:dgram`. Works everywhere; the kernel may cut what is too long for
// the way into fragments, and nobody is told.

import { createSocket, type Socket } from 'node:dgram';
import { endpointText } from '../endpoint.ts';
import { CollectorAddress } from './collector-address.ts';
import {
  type Message,
  oneTaken,
  type Outcome,
  outcomeOf,
  type Sender,
  staleSource,
  type UdpSenderOptions,
} from './sender.ts';

const codeOf = (error: Error): string => (error as NodeJS.ErrnoException).code ?? 'UNKNOWN';

/** A connected `node:dgram` socket, so that the kernel tells of refusals. */
export class DgramSender implements Sender {
  onRefused: (code: string) => void = () => undefined;
  readonly #options: UdpSenderOptions;
  readonly #address: CollectorAddress;
  #socket: Socket | undefined;
  #isStale = false;

  constructor(options: UdpSenderOptions) {
    this.#options = options;
    this.#address = new CollectorAddress(options);
  }

  get peer(): string {
    return endpointText(this.#options);
  }

  hasMoved(): Promise<boolean> {
    return this.#address.hasMoved();
  }

  /** Keeps the socket: SOURCE_PORT is taken as long as there is one. */
  async connect(): Promise<void> {
    const { port } = this.#options;
    const { current } = this.#address;
    const address = await this.#address.resolve();
    if (this.#socket && address === current && !this.#isStale) return;
    if (this.#socket) await reconnect(this.#socket, port, address, current!);
    else this.#socket = await this.#open(address);
    this.#isStale = false;
    this.#address.current = address;
  }

  async #open(address: string): Promise<Socket> {
    const socket = await this.#bind();
    await connect(socket, this.#options.port, address);
    socket.on('error', (error) => {
      this.onRefused(codeOf(error));
    });
    return socket;
  }

  #bind(): Promise<Socket> {
    const { family, sourceAddress, sourcePort } = this.#options;
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(
        { port: sourcePort ?? 0, ...(sourceAddress && { address: sourceAddress }) },
        () => {
          socket.off('error', reject);
          resolve(socket);
        },
      );
    });
  }

  send([message]: readonly Message[]): Promise<Outcome> {
    return new Promise((resolve) => {
      // Connected, so without an address. One call is under way at a time: libuv's own queue,
      // which has no bound, never holds more than this one datagram.
      this.#socket?.send(message!.buffer, message!.start, message!.length, (error) => {
        if (error) this.#isStale ||= staleSource.has(codeOf(error));
        resolve(error ? outcomeOf(codeOf(error), error) : oneTaken);
      });
    });
  }

  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }
}

// Where the new address cannot be had, the old one stays.
async function reconnect(socket: Socket, port: number, address: string, before: string) {
  socket.disconnect();
  try {
    await connect(socket, port, address);
  } catch (error) {
    await connect(socket, port, before);
    throw error;
  }
}

/** As Node.js documents it, and its types do not: the callback is told of an error. */
type Connect = (port: number, address: string, done: (error?: Error) => void) => void;

function connect(socket: Socket, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    (socket.connect as Connect).call(socket, port, address, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}
