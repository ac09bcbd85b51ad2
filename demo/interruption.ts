// The wish to stop early: Ctrl-C, SIGTERM, a closed terminal, or a reader of our output that left.
// The first one lets everything be ended in order, the second one ends at once.

import { constants } from 'node:os';
import { exitCode as exitCodes } from '../src/exit-code.ts';
import { say as sayError } from '../src/log/log.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Ctrl-C can come twice: from the terminal, and once more from npm, which hands it on. */
const sameWishMs = 500;

/** Whatever does not end by then is given up; what was started goes with the process. */
const patienceMs = 30_000;

interface Interruption {
  readonly signal: AbortSignal;
  /** The exit code, as in shells: 128 and the signal's number; undefined where nobody interrupted. */
  readonly exitCode: number | undefined;
  /** No longer listens. */
  readonly end: () => void;
}

export function listenForInterruption(say: (line: string) => void): Interruption {
  const controller = new AbortController();
  let exitCode: number | undefined;
  let sinceMs = 0;
  const interrupt = (name: NodeJS.Signals, _number?: number, code?: number): void => {
    if (exitCode !== undefined) {
      if (performance.now() - sinceMs >= sameWishMs) process.exit(exitCode);
      return;
    }
    exitCode = code ?? 128 + constants.signals[name];
    sinceMs = performance.now();
    setTimeout(() => process.exit(exitCode), patienceMs).unref();
    controller.abort();
    if (name === 'SIGPIPE') return;
    // On a terminal the line may hold "^C" by now, or a bar.
    const fresh = process.stdout.isTTY ? '\n' : '';
    say(`${fresh}${name}: stopping what was started; press again to exit at once`);
  };
  const onUnwritten = ({ code, message }: NodeJS.ErrnoException): void => {
    if (code === 'EPIPE') interrupt('SIGPIPE');
    else {
      if (exitCode === undefined) sayError(`kafka2ipfix: cannot write standard output: ${message}`);
      interrupt('SIGPIPE', undefined, exitCodes.io);
    }
  };
  for (const name of signals) process.on(name, interrupt);
  process.stdout.on('error', onUnwritten);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    end() {
      for (const name of signals) process.off(name, interrupt);
      // What is still to be written to a pipe that has no reader must not become a crash.
      if (exitCode === undefined) process.stdout.off('error', onUnwritten);
    },
  };
}
