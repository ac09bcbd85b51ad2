// Output that nobody reads: a pipe that is full, a socket, a terminal that is held.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programEnv } from './program-env.ts';

const mainFile = join(import.meta.dirname, '..', '..', '..', 'src', 'main.ts');
const pipeFullCode = 'EAGAIN';

export class Pipe {
  /** For a program to write to; it blocks, as pipes do. */
  readonly fd: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-pipe-'));
  #reader: number | undefined;

  constructor() {
    const path = join(this.#folder, 'pipe');
    execFileSync('mkfifo', [path]);
    this.#reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    this.fd = openSync(path, constants.O_WRONLY);
  }

  /** Nothing more goes in. */
  static full(): Pipe {
    const pipe = new Pipe();
    const fd = openSync(`/proc/self/fd/${pipe.fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
    try {
      for (;;) writeSync(fd, Buffer.alloc(4096, '-'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== pipeFullCode) throw error;
    } finally {
      closeSync(fd);
    }
    return pipe;
  }

  /** What is in it now. */
  read(): string {
    const chunk = Buffer.alloc(2 ** 16);
    let text = '';
    for (;;) {
      try {
        const octets = readSync(this.#reader!, chunk);
        if (octets === 0) return text;
        text += chunk.toString('utf8', 0, octets);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === pipeFullCode) return text;
        throw error;
      }
    }
  }

  /** Its reader goes. */
  leave(): void {
    if (this.#reader !== undefined) closeSync(this.#reader);
    this.#reader = undefined;
  }

  close(): void {
    this.leave();
    closeSync(this.fd);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export interface Program {
  readonly kill: (signal: NodeJS.Signals) => void;
  /** How it ended: an exit code, or the signal. */
  readonly ended: Promise<number | NodeJS.Signals>;
  readonly hasEnded: () => boolean;
}

interface Streams {
  readonly stdin?: number;
  readonly stdout?: number;
  readonly stderr?: number;
}

/** The program with these streams; another's file descriptors, or nothing. */
export function startProgram(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  { stdin, stdout, stderr }: Streams,
  within: readonly string[] = [],
): Program {
  const [command, ...rest] = [...within, process.execPath, mainFile, ...args];
  const child: ChildProcess = spawn(command!, rest, {
    env: programEnv(env),
    stdio: [stdin ?? 'ignore', stdout ?? 'ignore', stderr ?? 'ignore'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return {
    kill: (signal) => child.kill(signal),
    ended: once(child, 'exit').then(
      ([code, signal]) => (code as number | null) ?? (signal as NodeJS.Signals),
    ),
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
  };
}
