// Logs go to standard error: JSON, or pretty on a terminal. Standard output is for data. Only the main
// thread writes; a Worker's thread hands its lines over. A reader that does not read blocks nothing.

import { createRequire } from 'node:module';
import { isatty } from 'node:tty';
import pino, { type Logger } from 'pino';
import { errorSerializer } from './error-serializer.ts';
import { logEvent } from './log-events.ts';
import { LogRoom, LogStream } from './log-stream.ts';
import type { RecentTroubles } from './recent-troubles.ts';
import { UnblockedStream } from './unblocked-stream.ts';

interface LogOptions {
  /** Keeps the last warnings and errors beside. */
  readonly troubles?: RecentTroubles | undefined;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly format: 'auto' | 'json' | 'pretty';
}

/** Takes a line that has its room. */
type Accept = (line: string) => void;

const stderrFd = 2;
const require = createRequire(import.meta.url);

/** The standard error of this process, in its main thread: for the log, and for the messages of commands. */
export const standardError = new LogStream(new UnblockedStream(stderrFd));

/** Writes a line for the operator. */
export const say = (line: string): void => standardError.write(`${line}\n`);

/** The log of the main thread. */
export function createLog(options: LogOptions): Logger {
  const log = logTo(standardError.room, (line) => standardError.accept(line), options);
  standardError.sayDropped = (dropped) => logEvent(log, 'LOG_LINES_DROPPED', { dropped });
  return log;
}

/** The log of another thread: `handOver` brings its lines to `standardError.accept` of the main one. */
export const createThreadLog = (
  shared: SharedArrayBuffer,
  handOver: Accept,
  options: LogOptions,
): Logger => logTo(new LogRoom(shared), handOver, options);

function logTo(room: LogRoom, accept: Accept, options: LogOptions): Logger {
  const { level, troubles } = options;
  const err = errorSerializer(level === 'debug');
  const settings: pino.LoggerOptions = { level, base: null, serializers: { err } };
  if (troubles) {
    settings.hooks = {
      logMethod(args, log, atLevel) {
        troubles.note(atLevel, args);
        log.apply(this, args);
      },
    };
  }
  const written = writtenFor(options);
  const destination = {
    // pino notes a line's level here, before it writes the line.
    [Symbol.for('pino.metadata')]: true,
    lastLevel: 0,
    write(json: string): void {
      const line = written(json);
      if (room.take(line.length, destination.lastLevel)) accept(line);
    },
  };
  return pino(settings, destination);
}

function writtenFor({ format }: LogOptions): (json: string) => string {
  if (format === 'json' || (format === 'auto' && !isatty(stderrFd))) return (json) => json;
  // Loaded where it is needed: each thread of a service would keep it in memory for nothing.
  const { prettyFactory } = require('pino-pretty') as typeof import('pino-pretty');
  const pretty = prettyFactory({ translateTime: 'HH:MM:ss.l', singleLine: true });
  return (json) => pretty(json);
}
