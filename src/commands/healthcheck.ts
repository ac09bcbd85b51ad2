// The `healthcheck` command: asks a run how it is, and ends with 0 or 1. For containers without curl.

import type { Command } from 'commander';
import type { Reason } from '../http/health.ts';
import { say } from '../log/log.ts';
import { numberWithin } from './option-values.ts';
import { OutputError, standardOutput } from './output.ts';
import { ask, baseUrl } from './running-process.ts';

interface Options {
  readonly ready?: true;
  readonly url?: string;
  readonly timeout: number;
}

export function registerHealthcheck(program: Command): void {
  program
    .command('healthcheck')
    .description('ask a running process whether it is alive or ready; exit code 0 or 1')
    .option(
      '--ready',
      'ask whether events can be exported (/readyz) instead of whether it is alive (/livez)',
    )
    .option(
      '--url <url>',
      'URL of the process, with or without /livez or /readyz (default: from HTTP_LISTEN)',
    )
    .option('--timeout <seconds>', 'how long to wait', numberWithin('--timeout', 0.001, 3_600), 2)
    .addHelpText(
      'after',
      `
Examples:
  kafka2ipfix healthcheck
  kafka2ipfix healthcheck --ready --url http://127.0.0.1:9464
  HEALTHCHECK CMD ["kafka2ipfix", "healthcheck"]     in a Dockerfile

Exit codes: 0 yes, 1 no or no answer, 78 usage error.`,
    )
    .action(async (options: Options) => {
      process.exitCode = await check(options);
    });
}

async function check({ ready, url, timeout }: Options): Promise<number> {
  const isReadiness = ready ?? /\/readyz\/*$/.test(url ?? '');
  const path = isReadiness ? '/readyz' : '/livez';
  const base = baseUrl(url);
  try {
    const { status, text } = await ask(base + path, timeout * 1000);
    await standardOutput.write(isReadiness ? readyText(status, text) : text);
    return status === 200 ? 0 : 1;
  } catch (error) {
    if (error instanceof OutputError) throw error;
    say(`kafka2ipfix: ${(error as Error).message}`);
    return 1;
  }
}

function readyText(status: number, body: string): string {
  if (status === 200) return 'ready\n';
  try {
    const { reasons } = JSON.parse(body) as { reasons: readonly Reason[] };
    return `not ready: ${reasons.map(({ text }) => text).join('; ')}\n`;
  } catch {
    return `not ready: ${status}\n`;
  }
}
