// Logs go to standard error: JSON, or pretty on a terminal. Standard output is for data.

import pino, { type Logger } from 'pino';
import pretty from 'pino-pretty';

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly format: 'auto' | 'json' | 'pretty';
}

const stderrFd = 2;

/** Written synchronously, so that the last lines before an exit are there, from any thread. */
export function createLog(options: LogOptions): Logger {
  const isPretty =
    options.format === 'pretty' || (options.format === 'auto' && process.stderr.isTTY);
  const settings = { level: options.level, base: null };
  if (!isPretty) return pino(settings, pino.destination({ fd: stderrFd, sync: true }));
  return pino(
    settings,
    pretty({ destination: stderrFd, sync: true, translateTime: 'HH:MM:ss.l', singleLine: true }),
  );
}
