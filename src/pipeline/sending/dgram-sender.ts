// One datagram at a time, by `node:dgram`. Works everywhere; the kernel may cut what is too long for
// the path into fragments, and nobody is informed.

import { createSocket, type Socket } from 'node:dgram';
import { endpointText } from '../../endpoint.ts';
import { CollectorAddress } from './collector-address.ts';
import type { Message } from '../frames/message.ts';
import {
  type CollectorHost,
  oneTaken,
  type Outcome,
  outcomeOf,
  type Sender,
  staleSource,
  type UdpSenderOptions,
} from './sender.ts';

const codeOf = (error: Error): string => (error as NodeJS.ErrnoException).code ?? 'UNKNOWN';

/** A connected `node:dgram` socket, so that the kernel reports refusals. */
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

  get seen() {
    return this.#address.seen;
  }

  /** Keeps the socket within an IP version: SOURCE_PORT is taken as long as there is one. */
  async connect(): Promise<void> {
    const candidates = await this.#address.candidates();
    const isSame = candidates[0]!.address === this.#address.current?.address;
    if (this.#socket && isSame && !this.#isStale) return;
    let failure: unknown;
    for (const host of candidates) {
      try {
        await this.#connectTo(host);
        this.#address.current = host;
        this.#isStale = false;
        return;
      } catch (error) {
        failure ??= error;
      }
    }
    throw failure;
  }

  async #connectTo(host: CollectorHost): Promise<void> {
    const { port } = this.#options;
    const before = this.#address.current;
    if (this.#socket && before?.family === host.family) {
      await reconnect(this.#socket, port, host.address, before.address);
      return;
    }
    // First: the new socket may need the same port.
    this.close();
    this.#socket = await this.#open(host);
  }

  async #open(host: CollectorHost): Promise<Socket> {
    const socket = await this.#bind(host.family);
    try {
      await connect(socket, this.#options.port, host.address);
    } catch (error) {
      socket.close();
      throw error;
    }
    socket.on('error', (error) => {
      this.#address.refused();
      this.onRefused(codeOf(error));
    });
    return socket;
  }

  #bind(family: 4 | 6): Promise<Socket> {
    const { sourceAddress, sourcePort } = this.#options;
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

  send([message]: readonly Message[]): Outcome | Promise<Outcome> {
    const socket = this.#socket;
    // None of the addresses could be connected to: what would be sent is refused until one can.
    if (!socket) return { kind: 'refused', code: 'ENOTCONN' };
    return new Promise((resolve) => {
      // Connected, so without an address. One call is under way at a time: libuv's own queue,
      // which has no bound, never holds more than this one datagram.
      socket.send(message!.buffer, message!.start, message!.length, (error) => {
        resolve(error ? this.#failed(error) : oneTaken);
      });
    });
  }

  #failed(error: Error): Outcome {
    const code = codeOf(error);
    this.#isStale ||= staleSource.has(code);
    const outcome = outcomeOf(code, error);
    if (outcome.kind === 'refused') this.#address.refused();
    return outcome;
  }

  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }
}

// If the new address is not available, the old one stays.
async function reconnect(socket: Socket, port: number, address: string, before: string) {
  socket.disconnect();
  try {
    await connect(socket, port, address);
  } catch (error) {
    await connect(socket, port, before);
    throw error;
  }
}

/** As Node.js documents it, and its types do not: the callback receives an error. */
type Connect = (port: number, address: string, done: (error?: Error) => void) => void;

function connect(socket: Socket, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    (socket.connect as Connect).call(socket, port, address, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}
