// Between the stage and any number of collectors: what comes from one source port goes on to each of
// them from one port of its own, so that Transport Sessions stay apart. It may be told to drop some.

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { askForBuffer } from '../../src/collector/receive-buffer.ts';
import type { Datagram } from '../support/fakes/recorder.ts';
import { host } from './live-program.ts';

export class Relay {
  /** All that came and was not dropped, in the order of arrival. */
  readonly datagrams: Datagram[] = [];
  readonly dropped: Datagram[] = [];
  readonly #collectorPorts: number[] = [];
  readonly #incoming: Socket;
  readonly #outgoing = new Map<number, Socket>();
  /** What is not sent on. */
  drops: (datagram: Datagram) => boolean = () => false;

  private constructor(incoming: Socket) {
    this.#incoming = incoming;
    incoming.on('message', (octets, { address, port }) => {
      const atMs = performance.timeOrigin + performance.now();
      this.#take({ octets, atMs, address, port });
    });
  }

  static async listen(): Promise<Relay> {
    const incoming = createSocket('udp4');
    incoming.bind(0, host);
    await once(incoming, 'listening');
    askForBuffer(incoming, 8 * 2 ** 20);
    return new Relay(incoming);
  }

  /** As the setting COLLECTORS wants it. */
  get collector(): string {
    return `ipfix://${host}:${this.#incoming.address().port}`;
  }

  to(...ports: readonly number[]): void {
    this.#collectorPorts.push(...ports);
  }

  close(): void {
    for (const socket of [this.#incoming, ...this.#outgoing.values()]) socket.close();
  }

  #take(datagram: Datagram): void {
    if (this.drops(datagram)) {
      this.dropped.push(datagram);
      return;
    }
    this.datagrams.push(datagram);
    const socket = this.#outgoing.get(datagram.port) ?? createSocket('udp4');
    this.#outgoing.set(datagram.port, socket);
    for (const port of this.#collectorPorts) socket.send(datagram.octets, port, host);
  }
}

const templateSetId = 2;

/** Its first Set is a Template Set: the stage sends Templates in Messages of their own. */
export const hasTemplates = ({ octets }: Datagram): boolean =>
  octets.readUInt16BE(16) === templateSetId;
