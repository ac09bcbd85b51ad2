// Runs a command of kafka2ipfix to its end, in a process of its own, with nothing of this one's
// environment.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { programEnv } from './program-env.ts';

export interface CommandEnding {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env: Readonly<Record<string, string>>;
  /** A file to be its standard input; empty otherwise. */
  readonly stdinFile?: string;
}

const mainFile = join(import.meta.dirname, '..', '..', '..', 'src', 'main.ts');
const limitMs = 60_000;

export async function runCommand(
  args: readonly string[],
  { env, stdinFile }: CommandOptions,
): Promise<CommandEnding> {
  const stdin = stdinFile === undefined ? undefined : openSync(stdinFile, 'r');
  const child = spawn(process.execPath, [mainFile, ...args], {
    env: programEnv(env),
    stdio: [stdin ?? 'ignore', 'pipe', 'pipe'],
    timeout: limitMs,
    killSignal: 'SIGKILL',
  });
  if (stdin !== undefined) closeSync(stdin);
  // Both are there: they were asked for as pipes.
  const said = Promise.all([text(child.stdout!), text(child.stderr!)]);
  const [code] = (await once(child, 'exit')) as [number | null];
  const [stdout, stderr] = await said;
  return { code, stdout, stderr };
}
