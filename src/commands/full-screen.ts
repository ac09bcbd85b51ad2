// A terminal as one screen that is drawn again and again: what was on it before comes back at the end.

import type { ScreenSize } from './top-text.ts';
import { standardOutput } from './output.ts';

const alternateScreen = '\x1b[?1049h\x1b[?25l';
const formerScreen = '\x1b[?25h\x1b[?1049l';
const home = '\x1b[H';
const clearToLineEnd = '\x1b[K';
const clearBelow = '\x1b[J';

/** Ctrl-C is a key while the terminal is raw. */
const quitKeys = ['q', 'Q', '\x03'];
const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export class FullScreen {
  /** Aborts at `q`, Ctrl-C or a signal that ends the process. */
  readonly quit: AbortSignal;
  readonly #controller = new AbortController();
  readonly #onKey = (keys: Buffer): void => {
    const text = keys.toString('latin1');
    if (quitKeys.some((key) => text.includes(key))) this.#controller.abort();
  };
  readonly #onSignal = (): void => this.#controller.abort();

  constructor() {
    this.quit = this.#controller.signal;
  }

  get size(): ScreenSize {
    const { columns, rows } = process.stdout;
    return { columns: columns || 80, rows: rows || 24 };
  }

  async enter(): Promise<void> {
    for (const signal of endingSignals) process.on(signal, this.#onSignal);
    const { stdin } = process;
    if (stdin.isTTY) {
      // Without it a key is read only after the line's end.
      stdin.setRawMode(true);
      stdin.on('data', this.#onKey);
    }
    await standardOutput.write(alternateScreen);
  }

  async draw(lines: readonly string[]): Promise<void> {
    const text = lines.map((line) => line + clearToLineEnd).join('\r\n');
    await standardOutput.write(home + text + clearBelow);
  }

  /** Gives the terminal back as it was. */
  async leave(): Promise<void> {
    for (const signal of endingSignals) process.off(signal, this.#onSignal);
    const { stdin } = process;
    if (stdin.isTTY) {
      stdin.off('data', this.#onKey);
      stdin.setRawMode(false);
      stdin.pause();
    }
    await standardOutput.write(formerScreen);
  }
}
