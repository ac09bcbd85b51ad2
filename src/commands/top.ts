// The `top` command: what a run does, live in a terminal from its /stats; off one a line each time.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Stats } from '../http/stats.ts';
import { say } from '../log/log.ts';
import { FullScreen } from './full-screen.ts';
import { numberWithin } from './option-values.ts';
import { OutputError, standardOutput } from './output.ts';
import { ask, baseUrl } from './running-process.ts';
import { topLine, topScreen } from './top-text.ts';

interface Options {
  readonly url?: string;
  readonly interval: number;
  readonly once?: true;
}

const answerWithinMs = 3_000;
const onceMs = 1_000;

export function registerTop(program: Command): void {
  program
    .command('top')
    .description(
      'show live what a running process does, until q is pressed; plain lines if the output is not a terminal',
    )
    .option('--url <url>', 'URL of the process (default: from HTTP_LISTEN)')
    .option(
      '--interval <seconds>',
      'seconds between updates',
      numberWithin('--interval', 0.1, 86_400),
      1,
    )
    .option('--once', 'show it once, with the rates of one second, and exit')
    .addHelpText(
      'after',
      `
Examples:
  kafka2ipfix top
  kafka2ipfix top --url http://192.0.2.7:9464 --interval 5
  kafka2ipfix top --once

Exit codes: 0 success, 1 no answer, 78 usage error.`,
    )
    .action(async (options: Options) => {
      process.exitCode = await top(options);
    });
}

function top({ url, interval, once }: Options): Promise<number> {
  const base = baseUrl(url);
  if (once) return showOnce(base);
  return process.stdout.isTTY ? showLive(base, interval) : writeLines(base, interval);
}

/** Rates need two answers. */
async function showOnce(base: string): Promise<number> {
  try {
    const before = await statsAt(base);
    await sleep(onceMs);
    const size = { columns: process.stdout.columns || Infinity, rows: Infinity };
    const lines = topScreen(await statsAt(base), before, size);
    await standardOutput.write(`${lines.join('\n')}\n`);
    return 0;
  } catch (error) {
    return complain(error);
  }
}

async function writeLines(base: string, intervalS: number): Promise<number> {
  let before: Stats | undefined;
  for (;;) {
    try {
      const stats = await statsAt(base);
      await standardOutput.write(`${topLine(stats, before)}\n`);
      before = stats;
    } catch (error) {
      return complain(error);
    }
    await sleep(intervalS * 1000);
  }
}

function complain(error: unknown): number {
  if (error instanceof OutputError) throw error;
  say(`kafka2ipfix: ${(error as Error).message}`);
  return 1;
}

/** Outlives a restart of what it looks at. */
async function showLive(base: string, intervalS: number): Promise<number> {
  const screen = new FullScreen();
  let before: Stats | undefined;
  await screen.enter();
  try {
    while (!screen.quit.aborted) {
      const { columns, rows } = screen.size;
      let lines: string[];
      try {
        const stats = await statsAt(base);
        lines = topScreen(stats, before, { columns, rows: rows - 1 });
        before = stats;
      } catch (error) {
        lines = [(error as Error).message.slice(0, columns)];
      }
      const now = new Date().toISOString().slice(11, 19);
      const footer = `q: quit   every ${intervalS} s   ${now} UTC`.slice(0, columns);
      const blanks = new Array<string>(Math.max(0, rows - 1 - lines.length)).fill('');
      await screen.draw([...lines, ...blanks, footer]);
      await sleep(intervalS * 1000, undefined, { signal: screen.quit }).catch(() => undefined);
    }
  } finally {
    await screen.leave();
  }
  return 0;
}

async function statsAt(base: string): Promise<Stats> {
  const { status, text } = await ask(`${base}/stats`, answerWithinMs);
  if (status === 200) return JSON.parse(text) as Stats;
  throw new Error(`${base}/stats answers ${status}; give the --url of a run`);
}
