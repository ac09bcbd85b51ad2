// What must go when the demo goes, however it goes: its child processes and its temporary folder.

import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface TemporaryFolder {
  readonly path: string;
  readonly remove: () => Promise<void>;
}

export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), 'kafka2ipfix-demo-'));
  const release = guard({
    onExit: () => rmSync(path, { recursive: true, force: true }),
    // A second later, so that nobody who is being ended writes into it any more.
    afterKill: 'sleep 1; rm -rf -- "$1"',
    argument: path,
  });
  const remove = async (): Promise<void> => {
    release();
    await rm(path, { recursive: true, force: true });
  };
  return { path, remove };
}

/** Until the child has ended by itself. */
export function guardProcess(child: ChildProcess): void {
  const release = guard({
    onExit: () => child.kill('SIGKILL'),
    afterKill: 'kill -9 "$1"',
    argument: String(child.pid),
  });
  // From then on the number may belong to another process.
  child.once('exit', release);
}

interface Guarded {
  /** When this process exits. */
  readonly onExit: () => void;
  /** A script for when it is killed, with `argument` as $1. */
  readonly afterKill: string;
  readonly argument: string;
}

// No handler runs when this process is killed, but the kernel closes its pipes: a shell that waits
// at the other end of one then does what is left to do.
function guard({ onExit, afterKill, argument }: Guarded): () => void {
  const shell = spawn('/bin/sh', ['-c', `read -r _; ${afterKill}`, 'sh', argument], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a shell (not on Windows) only `exit` is left.
  shell.on('error', () => undefined);
  shell.unref();
  if (shell.stdin instanceof Socket) shell.stdin.unref();
  process.once('exit', onExit);
  return () => {
    shell.kill('SIGKILL');
    process.off('exit', onExit);
  };
}
