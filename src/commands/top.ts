// The `top` command: what a run does, live in a terminal from its /stats; off one a line each time.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Stats } from '../http/stats.ts';
import { say } from '../log/log.ts';
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
const clearScreen = '\x1b[H\x1b[J';

export function registerTop(program: Command): void {
  program
    .command('top')
    .description(
      'show live what a running process does; plain lines if the output is not a terminal',
    )
    .option('--url <url>', 'URL of the process (default: from HTTP_LISTEN)')
    .option(
      '--interval <seconds>',
      'seconds between updates',
      numberWithin('--interval', 0.1, 86_400),
      1,
    )
    .option('--once', 'show it once and exit')
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

async function top({ url, interval, once }: Options): Promise<number> {
  const base = baseUrl(url);
  const isLive = process.stdout.isTTY && !once;
  let before: Stats | undefined;
  for (;;) {
    try {
      const stats = await statsAt(base);
      if (isLive) await standardOutput.write(clearScreen + topScreen(stats, before));
      else
        await standardOutput.write(once ? topScreen(stats, before) : `${topLine(stats, before)}\n`);
      before = stats;
    } catch (error) {
      if (error instanceof OutputError) throw error;
      say(`kafka2ipfix: ${(error as Error).message}`);
      // A live view outlives a restart of what it looks at.
      if (!isLive) return 1;
    }
    if (once) return 0;
    await sleep(interval * 1000);
  }
}

async function statsAt(base: string): Promise<Stats> {
  const { status, text } = await ask(`${base}/stats`, answerWithinMs);
  if (status === 200) return JSON.parse(text) as Stats;
  throw new Error(`${base}/stats answers ${status}; give the --url of a run`);
}
