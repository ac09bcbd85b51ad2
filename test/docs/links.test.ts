// What the pages lead to and what they tell to type: it must be there.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { registerCollect } from '../../src/commands/collect.ts';
import { registerCompletion } from '../../src/commands/completion.ts';
import { registerConfig } from '../../src/commands/config.ts';
import { registerDecode } from '../../src/commands/decode.ts';
import { registerDemo } from '../../demo/command.ts';
import { registerGenerate } from '../../src/commands/generate.ts';
import { registerHealthcheck } from '../../src/commands/healthcheck.ts';
import { registerMap } from '../../src/commands/map.ts';
import { registerRun } from '../../src/commands/run.ts';
import { registerTop } from '../../src/commands/top.ts';
import { registerValidate } from '../../src/commands/validate.ts';

const root = new URL('../../', import.meta.url);
const docs = readdirSync(new URL('docs/', root)).filter((file) => file.endsWith('.md'));
const pages = [
  ...['README.md', 'CONTRIBUTING.md', 'src/ipfix/README.md', 'deploy/helm/kafka2ipfix/README.md'],
  ...docs.map((file) => `docs/${file}`),
];
const read = (page: string): string => readFileSync(new URL(page, root), 'utf8');

/** As GitHub makes them of headings. */
function anchorsOf(page: string): string[] {
  return Array.from(read(page).matchAll(/^#+ (.+)$/gm), ([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replace(/\s/g, '-'),
  );
}

/** Why a relative link leads nowhere; undefined when it does not. */
function faultOf(link: string, page: string): string | undefined {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? new URL(page, root) : new URL(path, new URL(page, root));
  if (!existsSync(target)) return `${link}: no such file`;
  if (anchor === undefined) return undefined;
  const anchors = anchorsOf(target.href.slice(root.href.length));
  return anchors.includes(anchor) ? undefined : `${link}: no such heading`;
}

describe.each(pages)('%s', (page) => {
  test('leads only to what exists', () => {
    const links = Array.from(read(page).matchAll(/\]\(([^)\s]+)\)/g), ([, link]) => link!);
    const relative = links.filter((link) => !/^[a-z]+:/.test(link));
    expect(relative.flatMap((link) => faultOf(link, page) ?? [])).toEqual([]);
  });

  test('names only files that exist', () => {
    const names = read(page).match(
      /(?<=`)(?:src|test|scripts|schemas|docs|deploy)\/[\w./-]*(?=`)/g,
    );
    const missing = (names ?? []).filter((name) => !existsSync(new URL(name, root)));
    expect(missing).toEqual([]);
  });
});

const scripts = (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts;

/** The lines of a page's `sh` blocks, without the variables that some begin with and pipes that follow. */
function linesToType(page: string): string[] {
  return Array.from(read(page).matchAll(/^```sh\n(.*?)^```$/gms), ([, block]) => block!.trim())
    .flatMap((block) => block.replaceAll('\\\n', '').split('\n'))
    .flatMap((line) => line.split(' && '))
    .map((line) => line.replace(/^([A-Z_]+=\S+ )+/, '').replace(/ (\||&$).*/, ''));
}

/** All commands; each does nothing. */
function commandLine(): Command {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  registerRun(program);
  registerValidate(program);
  registerMap(program);
  registerConfig(program);
  registerDecode(program);
  registerGenerate(program, {});
  registerCollect(program);
  registerDemo(program, {});
  registerTop(program);
  registerHealthcheck(program);
  registerCompletion(program);
  for (const command of program.commands) command.exitOverride().action(() => undefined);
  return program;
}

/** Reads a command line as the program would, without doing what it says. */
function parseCommandLine(words: readonly string[]): void {
  commandLine().parse(words, { from: 'user' });
}

describe('what the pages tell to type', () => {
  const lines = [...new Set(pages.flatMap(linesToType))];
  const ours = lines.filter((line) => line.startsWith('npx kafka2ipfix'));
  const npm = lines.filter((line) => /^npm (run|test)\b/.test(line));

  test.each(ours)('%s', (line) => {
    const [, , ...words] = line.split(' ');
    expect(() => parseCommandLine(words)).not.toThrow();
  });

  test.each(npm)('%s', (line) => {
    const [, script = '', name] = line.split(' ');
    expect(Object.keys(scripts)).toContain(script === 'run' ? name : script);
  });

  test('a command that does not exist would be found', () => {
    expect(() => parseCommandLine(['exprot'])).toThrow();
  });
});

describe('the help of a command', () => {
  test.each(commandLine().commands.map((command) => command.name()))('%s has examples', (name) => {
    const command = commandLine().commands.find((one) => one.name() === name)!;
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    expect(help).toMatch(/^Examples?:\n {2}\S/m);
  });
});
