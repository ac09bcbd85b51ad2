// Logs go to standard error: JSON, or pretty on a terminal. Standard output is for data.

import { createRequire } from 'node:module';
import pino, { type Logger } from 'pino';
import type { RecentTroubles } from './recent-troubles.ts';

export interface LogOptions {
  /** Keeps the last warnings and errors beside. */
  readonly troubles?: RecentTroubles | undefined;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly format: 'auto' | 'json' | 'pretty';
}

const stderrFd = 2;
const require = createRequire(import.meta.url);

/** Written synchronously, so that the last lines before an exit are there, from any thread. */
export function createLog(options: LogOptions): Logger {
  const isPretty =
    options.format === 'pretty' || (options.format === 'auto' && process.stderr.isTTY);
  const { level, troubles } = options;
  const settings: pino.LoggerOptions = { level, base: null };
  if (troubles) {
    settings.hooks = {
      logMethod(args, log, atLevel) {
        troubles.note(atLevel, args);
        log.apply(this, args);
      },
    };
  }
  if (!isPretty) return pino(settings, pino.destination({ fd: stderrFd, sync: true }));
  // Loaded where it is wanted: each thread of a service would keep it in memory for nothing.
  const pretty = require('pino-pretty') as typeof import('pino-pretty');
  return pino(
    settings,
    pretty({ destination: stderrFd, sync: true, translateTime: 'HH:MM:ss.l', singleLine: true }),
  );
}
