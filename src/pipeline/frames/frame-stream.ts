// Frames on their way from one operator of the pipeline to the next. A Subject would do, but it makes
// several objects for each Message, for the sake of subscribers that come and go.

import { Observable, type Subscriber } from 'rxjs';
import type { Frame } from './frame.ts';

export class FrameStream extends Observable<Frame> {
  #subscriber: Subscriber<Frame> | undefined;

  constructor() {
    super((subscriber) => {
      if (this.#subscriber) throw new Error('a stream of Frames has one subscriber');
      this.#subscriber = subscriber;
    });
  }

  next(frame: Frame): void {
    this.#subscriber?.next(frame);
  }

  error(error: unknown): void {
    this.#subscriber?.error(error);
  }

  complete(): void {
    this.#subscriber?.complete();
  }
}
