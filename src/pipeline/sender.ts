// Handing one Message to the kernel, here as a datagram. Every implementation keeps this contract.

import { createSocket, type Socket, type SocketType } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { endpointText } from '../endpoint.ts';

/** What the kernel said to a Message. */
export type Outcome =
  /** It took it. */
  | { readonly kind: 'taken' }
  /** It did not, and may the next time (a full queue, say): the same one is tried again. */
  | { readonly kind: 'later'; readonly code: string; readonly problem?: string }
  /** Something sent before, or this one, was refused on the way or at the end of it. */
  | { readonly kind: 'refused'; readonly code: string }
  /** It was not asked: a new Transport Session begins here, which counts from 0 and has no Templates. */
  | { readonly kind: 'anew' }
  /** It never will. */
  | { readonly kind: 'failed'; readonly error: Error };

export interface Sender {
  /** Resolves a name and connects; again after a refusal, in case the name has moved. */
  connect(): Promise<void>;
  /** Hands over the first `length` octets of `message`. One at a time. */
  send(message: Buffer, length: number): Promise<Outcome>;
  /** True where nothing that was taken gets lost: each session is told its Templates once. */
  readonly keepsTemplates?: boolean;
  /** Resolves when a refusal of what was taken by now would be known, or else it is kept for good. */
  confirm?(): Promise<void>;
  /** Nothing more is sent, and all of it was confirmed. */
  end?(): Promise<void>;
  /** Called when the socket reports a refusal of something sent earlier. */
  onRefused: (code: string) => void;
  /** Where Messages go, for logs. */
  readonly peer: string;
  close(): void;
}

export interface SenderOptions {
  readonly host: string;
  readonly port: number;
  /** The IP version that the room for Messages was reckoned with: 4 or 6. */
  readonly family: 4 | 6;
  readonly sourceAddress?: string | undefined;
  readonly sourcePort?: number | undefined;
}

// ICMP answers to what was sent before; the socket blames whichever call comes next.
const refusals = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENOPROTOOPT',
  'EPROTO',
]);
// The kernel's own shortage or a local filter: this datagram did not leave.
const passing = new Set([
  'EAGAIN',
  'EWOULDBLOCK',
  'ENOBUFS',
  'ENOMEM',
  'EPERM',
  'EINTR',
  'ENETDOWN',
]);

const codeOf = (error: Error): string => (error as NodeJS.ErrnoException).code ?? 'UNKNOWN';

/** A connected `node:dgram` socket, so that the kernel tells of refusals. Works everywhere. */
export class DgramSender implements Sender {
  onRefused: (code: string) => void = () => undefined;
  readonly #options: SenderOptions;
  #socket: Socket | undefined;
  #address = '';

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  get peer(): string {
    return endpointText(this.#options);
  }

  /** Keeps the socket, and with it the source port, as long as the name stands for its address. */
  async connect(): Promise<void> {
    const { host, family } = this.#options;
    const { address } = await lookup(host, { family });
    if (this.#socket && address === this.#address) return;
    const socket = await this.#open(family === 6 ? 'udp6' : 'udp4', address);
    this.#socket?.close();
    this.#socket = socket;
    this.#address = address;
  }

  async #open(type: SocketType, address: string): Promise<Socket> {
    const { port, sourceAddress, sourcePort } = this.#options;
    const socket = createSocket(type);
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(
        { port: sourcePort ?? 0, ...(sourceAddress && { address: sourceAddress }) },
        () => {
          socket.connect(port, address, () => {
            socket.off('error', reject);
            resolve();
          });
        },
      );
    });
    socket.on('error', (error) => {
      this.onRefused(codeOf(error));
    });
    return socket;
  }

  send(message: Buffer, length: number): Promise<Outcome> {
    return new Promise((resolve) => {
      // Connected, so without an address. One call is under way at a time: libuv's own queue,
      // which has no bound, never holds more than this one datagram.
      this.#socket?.send(message, 0, length, (error) => {
        resolve(error ? outcomeOf(error) : { kind: 'taken' });
      });
    });
  }

  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }
}

function outcomeOf(error: Error): Outcome {
  const code = codeOf(error);
  if (refusals.has(code)) return { kind: 'refused', code };
  if (passing.has(code)) return { kind: 'later', code };
  return { kind: 'failed', error };
}
