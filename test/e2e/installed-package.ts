// The package as a user gets it: packed from this checkout, and installed in an empty folder with what
// it needs to run and nothing else.

import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const checkout = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);

export interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

export class InstalledPackage {
  /** Its `node_modules` has the package; pages get folders below. */
  readonly folder: string;
  readonly packed: Packed;
  readonly dependencies: readonly string[];

  private constructor(folder: string, packed: Packed) {
    this.folder = folder;
    this.packed = packed;
    const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, unknown>;
    };
    const own = ['', 'node_modules/kafka2ipfix'];
    // A lock has the builds of every platform; what is there is for this one.
    this.dependencies = Object.keys(lock.packages).filter(
      (place) => !own.includes(place) && existsSync(join(folder, place)),
    );
  }

  static async make(): Promise<InstalledPackage> {
    const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-package-'));
    const pack = ['pack', '--json', '--pack-destination', folder];
    const { stdout } = await run('npm', pack, { cwd: checkout, env: npmEnv(), maxBuffer: 2 ** 24 });
    // What the build says comes before it.
    const [packed] = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as Packed[];
    const dependencies = { kafka2ipfix: `file:${packed!.filename}` };
    writeJson(join(folder, 'package.json'), { private: true, dependencies });
    writeJson(join(folder, 'package-lock.json'), ownLock());
    const options = ['--omit=dev', '--prefer-offline', '--no-audit', '--no-fund'];
    await run('npm', ['install', ...options], { cwd: folder, env: npmEnv() });
    return new InstalledPackage(folder, packed!);
  }

  /** Runs lines of the shell in a folder below, as a user would who stands there. */
  async shell(text: string, { place, env = {}, npx }: ShellOptions): Promise<ShellEnding> {
    const cwd = join(this.folder, place);
    if (!existsSync(cwd)) mkdirSync(cwd, { recursive: true });
    // Node.js keeps what it compiled: many short runs would compile the same.
    const cache = { NODE_COMPILE_CACHE: join(this.folder, 'compiled') };
    const options = {
      cwd,
      env: packageEnv({ ...cache, ...env }),
      timeout: 120_000,
      maxBuffer: 2 ** 24,
    };
    const bin = join(this.folder, 'node_modules', '.bin');
    const lines = npx === 'real' ? text : `npx() { "${bin}/$1" "\${@:2}"; }\n${text}`;
    try {
      const { stdout, stderr } = await run('bash', ['-euo', 'pipefail', '-c', lines], options);
      return { code: 0, stdout, stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as ShellEnding;
      return { code, stdout, stderr };
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

export interface ShellOptions {
  readonly place: string;
  /** `real` has npm look for the program; else it is called where npm put it, which takes less long. */
  readonly npx?: 'real';
  readonly env?: Readonly<Record<string, string>>;
}

export interface ShellEnding {
  readonly code: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The versions that this checkout is tested with: npm has them already, and need not ask for newer. */
function ownLock(): unknown {
  const lock = JSON.parse(readFileSync(join(checkout, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: true }>;
  };
  const packages = Object.entries(lock.packages).filter(([place, { dev }]) => place !== '' && !dev);
  return { lockfileVersion: 3, packages: Object.fromEntries(packages) };
}

const writeJson = (file: string, value: unknown): void =>
  writeFileSync(file, JSON.stringify(value, undefined, 2));

/** npm's way to its registry is in the environment, where it is anywhere. */
const npmEnv = (): NodeJS.ProcessEnv => ({ ...process.env, PATH: packageEnv()['PATH'] });

/** Nothing of the test's own but the way to programs; the Node.js is the one that runs the test. */
function packageEnv(env: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return {
    HOME: process.env['HOME'],
    PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
    // Several tests may run on one machine.
    HTTP_LISTEN: 'off',
    ...env,
  };
}
