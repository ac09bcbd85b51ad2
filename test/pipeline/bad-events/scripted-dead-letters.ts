// A place for dead letters that acknowledges them when a test says so.

import type { DeadLetter, DeadLetters } from '../../../src/sources/dead-letter.ts';
import { turn } from '../../support/fakes/manual-clock.ts';

interface Sent {
  readonly letter: DeadLetter;
  readonly isWanted: () => boolean;
  readonly written: () => void;
}

export class ScriptedDeadLetters implements DeadLetters {
  readonly topic = 'letters';
  readonly sent: Sent[] = [];
  #acknowledged = 0;

  send(letter: DeadLetter, isWanted: () => boolean): Promise<void> {
    return new Promise((written) => this.sent.push({ letter, isWanted, written }));
  }

  get letters(): readonly DeadLetter[] {
    return this.sent.map(({ letter }) => letter);
  }

  /** The next `count` letters are written. */
  async acknowledge(count = Infinity): Promise<void> {
    const next = this.sent.slice(this.#acknowledged, this.#acknowledged + count);
    this.#acknowledged += next.length;
    for (const { written } of next) written();
    await turn();
  }
}
