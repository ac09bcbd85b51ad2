// The `config` command: every setting as it is resolved, and where it came from. Secrets are not shown.

import type { Command } from 'commander';
import { ConfigError, givenFor, processEnvironment, readConfig, shown } from '../config/config.ts';
import { type SettingName, settings } from '../config/settings.ts';
import { standardOutput } from './output.ts';

interface Resolved {
  readonly name: string;
  readonly value: string | undefined;
  readonly from: 'environment' | 'file' | 'default' | 'unset';
}

export function registerConfig(program: Command): void {
  program
    .command('config')
    .description('show the resolved settings, secrets as ***')
    .option('--json', 'the same as JSON')
    .addHelpText(
      'after',
      `
One NAME=value per line; the comment after # says where the value comes from, or that it
is not set. No connection is made.

Examples:
  kafka2ipfix config
  kafka2ipfix config | grep -v default

Exit codes: 0 valid, 78 faults (listed after the settings).`,
    )
    .action(async ({ json = false }: { json?: boolean }) => {
      const env = processEnvironment();
      const resolved = (Object.keys(settings) as SettingName[]).map((name) => resolve(name, env));
      await standardOutput.write(json ? asJson(resolved) : asText(resolved));
      const { faults, warnings } = readConfig(env);
      if (faults.length > 0) throw new ConfigError(faults, warnings);
    });
}

function resolve(name: SettingName, env: ReturnType<typeof processEnvironment>): Resolved {
  const given = givenFor(name, env);
  if (typeof given === 'string') {
    const from = env[name] === undefined ? 'file' : 'environment';
    return { name, value: shown(name, given), from };
  }
  const { default: otherwise } = settings[name] as { default?: string };
  return otherwise === undefined
    ? { name, value: undefined, from: 'unset' }
    : { name, value: otherwise, from: 'default' };
}

const asJson = (resolved: readonly Resolved[]): string =>
  `${JSON.stringify(
    Object.fromEntries(resolved.map(({ name, value = null, from }) => [name, { value, from }])),
    undefined,
    2,
  )}\n`;

function asText(resolved: readonly Resolved[]): string {
  const lines = resolved.map(({ name, value, from }) =>
    value === undefined ? `# ${name} is not set` : `${`${name}=${value}`.padEnd(48)} # ${from}`,
  );
  return `${lines.join('\n')}\n`;
}
