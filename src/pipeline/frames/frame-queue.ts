// Frames in the order in which they are sent: first in, first out, without allocation, since Frames
// carry the link themselves.

import type { Template } from '../../ipfix/template.ts';
import type { Frame } from './frame.ts';

export class FrameQueue {
  size = 0;
  head: Frame | undefined;
  #tail: Frame | undefined;

  /** The first and the last one have different Templates. */
  get isMixed(): boolean {
    return this.head?.template !== this.#tail?.template;
  }

  push(frame: Frame): void {
    frame.next = undefined;
    if (this.#tail) this.#tail.next = frame;
    else this.head = frame;
    this.#tail = frame;
    this.size += 1;
  }

  shift(): Frame | undefined {
    const frame = this.head;
    if (!frame) return undefined;
    this.head = frame.next;
    if (!this.head) this.#tail = undefined;
    frame.next = undefined;
    this.size -= 1;
    return frame;
  }

  /** Puts all of `others` before what is queued here, in their order, and empties it. */
  prepend(others: FrameQueue): void {
    if (!others.#tail) return;
    others.#tail.next = this.head;
    this.#tail ??= others.#tail;
    this.head = others.head;
    this.size += others.size;
    others.head = undefined;
    others.#tail = undefined;
    others.size = 0;
  }

  /** Puts one before all that is queued. */
  unshift(frame: Frame): void {
    frame.next = this.head;
    this.#tail ??= frame;
    this.head = frame;
    this.size += 1;
  }

  /**
   * Takes the first of `others`, `most` of them, behind what is queued here, those of one Template beside
   * each other: so they are equally long more often. Within a Template the order stays, and so it does of
   * the first ones.
   */
  takeByTemplate(others: FrameQueue, most: number): void {
    // Mostly there is one Template, and nothing to bring together.
    const first = others.head?.template;
    let furtherOnes: Map<Template, FrameQueue> | undefined;
    for (let count = 0; count < most; count += 1) {
      const frame = others.shift();
      if (!frame) break;
      if (frame.template === first) {
        this.push(frame);
        continue;
      }
      furtherOnes ??= new Map();
      let queue = furtherOnes.get(frame.template);
      if (!queue) furtherOnes.set(frame.template, (queue = new FrameQueue()));
      queue.push(frame);
    }
    if (furtherOnes) for (const queue of furtherOnes.values()) this.#append(queue);
  }

  #append(others: FrameQueue): void {
    if (!others.head) return;
    if (this.#tail) this.#tail.next = others.head;
    else this.head = others.head;
    this.#tail = others.#tail;
    this.size += others.size;
  }
}
