// A child process of the demo: this program once more, run as a user would. It has a process group
// of its own: Ctrl-C is for the demo, which then ends the others in their order.

import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../src/config/config.ts';
import { guardProcess } from './guard.ts';

const mainFile = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** Something that was started does not do what it must; the message says what to look at. */
export class DemoError extends Error {
  readonly code = 'DEMO_FAILED';
}

export interface Ending {
  /** null where a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

interface DemoProcessOptions {
  readonly command: readonly string[];
  readonly environment: Environment;
  readonly stdio: StdioOptions;
}

export class DemoProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ending>;
  #ending: Ending | undefined;

  private constructor(child: ChildProcess) {
    this.child = child;
    this.ended = new Promise((resolve) => {
      // Not `exit`: what it wrote last has then been read too.
      child.once('close', (code, signal) => {
        this.#ending = { code, signal };
        resolve(this.#ending);
      });
    });
  }

  static async start(options: DemoProcessOptions): Promise<DemoProcess> {
    const child = spawn(process.execPath, [mainFile, ...options.command], {
      env: { ...options.environment },
      stdio: options.stdio,
      detached: true,
    });
    const started = new DemoProcess(child);
    await once(child, 'spawn');
    guardProcess(child);
    return started;
  }

  /** Undefined while it runs. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  /** Asks it to end, and makes it end when that takes longer than `patienceMs`. */
  async stop(patienceMs: number): Promise<Ending> {
    if (this.#ending !== undefined) return this.#ending;
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), patienceMs);
    const ending = await this.ended;
    clearTimeout(timer);
    return ending;
  }
}

export function endingText({ code, signal }: Ending): string {
  return code === null ? `ended by ${signal ?? 'a signal'}` : `exit code ${code}`;
}
