// Frames in the order in which they were opened, out of which any of them may be taken. They are linked
// through themselves: a Set would allocate with each Message.

import type { Frame } from './frame.ts';

export class FrameOrder {
  size = 0;
  oldest: Frame | undefined;
  #youngest: Frame | undefined;

  /** The Frame is in no order. */
  add(frame: Frame): void {
    frame.isInOrder = true;
    frame.older = this.#youngest;
    if (this.#youngest) this.#youngest.younger = frame;
    else this.oldest = frame;
    this.#youngest = frame;
    this.size += 1;
  }

  /** Nothing happens where it is not in here. */
  remove(frame: Frame): void {
    if (!frame.isInOrder) return;
    const { older, younger } = frame;
    if (older) older.younger = younger;
    else this.oldest = younger;
    if (younger) younger.older = older;
    else this.#youngest = older;
    frame.isInOrder = false;
    frame.older = undefined;
    frame.younger = undefined;
    this.size -= 1;
  }
}
