// The maximum number of connections of the HTTP server. A further one does not wait for another to end: one
// that does nothing has to go for it, so that slow peers cannot keep a probe out.

import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export class Connections {
  readonly #most: number;
  // Each in the order in which they came here.
  readonly #unanswered = new Set<Socket>();
  readonly #answering = new Set<Socket>();
  /** They were answered, and are kept for the next request. */
  readonly #kept = new Set<Socket>();

  constructor(most: number) {
    this.#most = most;
  }

  add(socket: Socket): void {
    if (this.#unanswered.size + this.#answering.size + this.#kept.size >= this.#most) {
      this.#endOne();
    }
    this.#unanswered.add(socket);
    socket.once('close', () => this.#forget(socket));
  }

  /** Its request is here. */
  answering(socket: Socket, response: ServerResponse): void {
    this.#forget(socket);
    this.#answering.add(socket);
    response.once('finish', () => {
      if (this.#answering.delete(socket)) this.#kept.add(socket);
    });
  }

  // Of those whose request did not come the oldest; some are spared, for theirs may be on its way.
  // Then the one that is kept for longest; at last the one whose answer nobody reads.
  #endOne(): void {
    const isCrowded = this.#unanswered.size > this.#most / 4;
    const groups = isCrowded ? [this.#unanswered] : [this.#kept, this.#answering, this.#unanswered];
    const [socket] = groups.find(({ size }) => size > 0) ?? [];
    if (!socket) return;
    // Now, for the next one may come before its end is reported.
    this.#forget(socket);
    socket.destroy();
  }

  #forget(socket: Socket): void {
    for (const group of [this.#unanswered, this.#answering, this.#kept]) group.delete(socket);
  }
}
