// kafkajs's voice through our log, quieter: it calls an error what it then retries by itself.

import { type logCreator, logLevel } from 'kafkajs';
import type { Logger } from 'pino';
import { logKafkajs } from '../../log/log-events.ts';

export function kafkajsLogCreator(log: Logger): logCreator {
  return () =>
    ({ level, namespace, log: { message, ...rest } }) => {
      const error = rest['error'] as Error | string | undefined;
      const fields = {
        kafkajs: namespace,
        ...(error === undefined ? {} : { error: String(error) }),
      };
      if (level === logLevel.ERROR) logKafkajs(log, message, fields);
      else log.debug(fields, message);
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
