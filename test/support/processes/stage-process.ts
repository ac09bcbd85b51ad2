// The stage as a user starts it: a process of its own, configured by environment variables alone.
// Nothing of the test run's environment reaches it, above all not NODE_ENV: kafkajs minds that.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { programEnv } from './program-env.ts';

export type LogLine = Record<string, unknown>;

export interface StageExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Stage {
  readonly process: ChildProcess;
  readonly exited: Promise<StageExit>;
  /** What it logged so far. A line that is not JSON comes as `{ text }`. */
  lines(): LogLine[];
  /** The first line with this `msg`, now or later; rejects when the stage ends without it. */
  waitForLine(msg: string, timeoutMs?: number): Promise<LogLine>;
  /** SIGTERM; the exit code, or null where a signal ended it. Too late: SIGKILL, and rejects. */
  stop(timeoutMs?: number): Promise<number | null>;
  kill(signal: NodeJS.Signals): void;
}

export interface StageOptions {
  readonly nodeArgs?: readonly string[];
  /** A command that takes the stage's as its last arguments, and hands its process over to it. */
  readonly within?: readonly string[];
  /** Where its log goes, in place of `lines`. */
  readonly log?: number;
  /** Else the sources', as in a checkout. */
  readonly mainFile?: string;
}

const sources = join(import.meta.dirname, '..', '..', '..', 'src', 'main.ts');
const running = new Set<ChildProcess>();
process.once('exit', killStages);

/** Ends what a test that failed left running: Vitest ends its own processes without a farewell. */
export function killStages(): void {
  for (const child of running) child.kill('SIGKILL');
}

export async function startStage(
  env: Record<string, string>,
  { nodeArgs = [], within = [], log: elsewhere, mainFile = sources }: StageOptions = {},
): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-stage-'));
  const logFile = join(folder, 'log');
  const log = openSync(logFile, 'a');
  const [command, ...args] = [...within, process.execPath, ...nodeArgs, mainFile, 'run'];
  const child = spawn(command, args, {
    env: programEnv(env),
    stdio: ['ignore', 'ignore', elsewhere ?? log],
  });
  closeSync(log);
  running.add(child);
  let kept: string | undefined;
  const exited = new Promise<StageExit>((resolve) => {
    child.once('exit', (code, signal) => {
      running.delete(child);
      kept = readFileSync(logFile, 'utf8');
      rmSync(folder, { recursive: true, force: true });
      resolve({ code, signal });
    });
  });
  await once(child, 'spawn');

  const text = () => kept ?? readFileSync(logFile, 'utf8');
  return {
    process: child,
    exited,
    lines: () => logLines(text()),
    async waitForLine(msg, timeoutMs = 30_000) {
      const giveUpAt = performance.now() + timeoutMs;
      for (;;) {
        const ended = kept !== undefined;
        const found = logLines(text()).find((line) => line['msg'] === msg);
        if (found) return found;
        if (ended) throw new Error(`the stage ended without "${msg}":\n${text()}`);
        if (performance.now() > giveUpAt) {
          throw new Error(`no "${msg}" within ${timeoutMs} ms:\n${text()}`);
        }
        await sleep(20);
      }
    },
    async stop(timeoutMs = 30_000) {
      child.kill('SIGTERM');
      const tooLate = new AbortController();
      const ending = await Promise.race([
        exited,
        sleep(timeoutMs, undefined, { signal: tooLate.signal }),
      ]);
      tooLate.abort();
      if (ending) return ending.code;
      child.kill('SIGKILL');
      await exited;
      throw new Error(`the stage did not end within ${timeoutMs} ms of SIGTERM:\n${text()}`);
    },
    kill(signal) {
      child.kill(signal);
    },
  };
}

/** A last line without its end is still being written. */
function logLines(text: string): LogLine[] {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return whole.filter((line) => line !== '').map(logLine);
}

function logLine(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { text: line };
  }
}
