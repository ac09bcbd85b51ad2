// The C programs of the bench: built in a temporary folder by the machine's own gcc, and run.

import { type ChildProcess, execFileSync, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';

const sources = join(import.meta.dirname, 'native');

export class NativePrograms {
  readonly folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-bench-'));

  /** Throws what gcc says, with the packages that are needed. */
  constructor() {
    try {
      for (const name of ['produce', 'librdkafka-idle', 'receive']) {
        const args = ['-O2', '-Wall', '-o', join(this.folder, name), join(sources, `${name}.c`)];
        execFileSync('gcc', [...args, '-lrdkafka'], { stdio: ['ignore', 'ignore', 'pipe'] });
      }
    } catch (error) {
      this.close();
      throw new Error(
        'the bench builds three C programs with gcc and librdkafka: on Debian, ' +
          'apt-get install gcc libc6-dev librdkafka-dev',
        { cause: error },
      );
    }
  }

  start(name: string, args: readonly (string | number)[]): RunningProgram {
    return new RunningProgram(spawn(join(this.folder, name), args.map(String), piped));
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const piped: SpawnOptions = { stdio: ['ignore', 'pipe', 'inherit'] };

/** A process that says lines of JSON or words on its standard output. */
export class RunningProgram {
  readonly process: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;

  constructor(process: ChildProcess) {
    this.process = process;
    this.#reader = createInterface({ input: process.stdout! });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** The next line. Rejects when the process ends without one. */
  async line(): Promise<string> {
    const next = await this.#lines.next();
    if (next.done)
      throw new Error(`${this.process.spawnfile} ended before it said what was awaited`);
    return next.value;
  }

  async json<T>(): Promise<T> {
    return JSON.parse(await this.line()) as T;
  }

  async ended(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      await once(this.process, 'exit');
    }
  }
}
