// The log of kafkajs, as debug lines: it calls an error what it then retries by itself, and names no
// setting. What an operator has to know is logged where this program notices it.

import type { logCreator } from 'kafkajs';
import type { Logger } from 'pino';

export function kafkajsLogCreator(log: Logger): logCreator {
  return () =>
    ({ namespace, log: { message, ...rest } }) => {
      const error = rest['error'] as Error | string | undefined;
      const fields = {
        kafkajs: namespace,
        ...(error === undefined ? {} : { error: String(error) }),
      };
      log.debug(fields, message);
    };
}

let hushed = false;

/**
 * kafkajs asks for timers that are due already, once per process at least, and Node.js warns of it
 * on standard error; they fire at once, as meant. Only that warning is left out.
 */
export function hushNegativeTimeouts(): void {
  if (hushed) return;
  hushed = true;
  const emitWarning = process.emitWarning.bind(process) as (...args: unknown[]) => void;
  process.emitWarning = (...args: unknown[]) => {
    if (args[1] !== 'TimeoutNegativeWarning') emitWarning(...args);
  };
}
