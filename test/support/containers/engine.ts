// The container engine of the suites in test/containers, and Docker Compose. TEST_DOCKER_HOST names an engine
// that only they use: all other tests go on with what they find. Without an engine, or without an image
// that cannot be had, a suite is skipped by name; with REQUIRE_DOCKER=1 that is a failure.

import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, test } from 'vitest';
import { toolPath } from '../processes/tool-path.ts';
import { composeProgram } from './compose-program.ts';

const execute = promisify(execFile);
export const root = join(import.meta.dirname, '..', '..', '..');
export const ownImage = 'kafka2ipfix:test';
const outputMax = 64 * 2 ** 20;

const host = process.env['TEST_DOCKER_HOST'] ?? process.env['DOCKER_HOST'];
const settings = mkdtempSync(join(tmpdir(), 'kafka2ipfix-docker-'));

/** Of the docker command: a folder of its own, in which only the Compose made here is a plugin. */
const dockerEnv: NodeJS.ProcessEnv = {
  ...process.env,
  DOCKER_CONFIG: settings,
  ...(host !== undefined && { DOCKER_HOST: host }),
};

/** Rejects where it ends with another code than 0. */
export const docker = (...args: string[]): Promise<string> => dockerWith({}, ...args);

/** With more environment variables. */
export async function dockerWith(
  more: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<string> {
  const env = { ...dockerEnv, ...more };
  const { stdout } = await execute('docker', args, { env, maxBuffer: outputMax });
  return stdout.trim();
}

/** What it says on standard output and standard error. */
export async function dockerSaid(...args: string[]): Promise<string> {
  const said = await execute('docker', args, { env: dockerEnv, maxBuffer: outputMax });
  return said.stdout + said.stderr;
}

/** As a plugin of the docker command. */
export async function installCompose(): Promise<void> {
  const plugins = join(settings, 'cli-plugins');
  mkdirSync(plugins, { recursive: true });
  symlinkSync(await composeProgram(), join(plugins, 'docker-compose'));
}

const answers = (...args: string[]): boolean =>
  spawnSync('docker', args, { env: dockerEnv, timeout: 120_000 }).status === 0;

function missing(images: readonly string[]): string | undefined {
  if (toolPath('docker') === undefined) return 'there is no docker command';
  if (!answers('version')) return 'no container engine answers';
  const image = images.find((name) => !answers('image', 'inspect', name) && !answers('pull', name));
  return image === undefined ? undefined : `the image ${image} cannot be had`;
}

/** Like `describe`, for a suite that needs the engine and these images. */
export function describeWithImages(
  name: string,
  images: readonly string[],
  suite: () => void,
): void {
  const problem = missing(images);
  if (problem === undefined) {
    describe(name, suite);
  } else if (process.env['REQUIRE_DOCKER'] === '1') {
    test(`${name}: needs a container engine`, () => {
      throw new Error(`REQUIRE_DOCKER is set, but ${problem}`);
    });
  } else {
    describe.skip(`${name} (${problem})`, suite);
  }
}

let built: Promise<string> | undefined;

/** Builds the image of this checkout, once for all suites of a process. */
export function buildImage(): Promise<string> {
  built ??= docker('build', '--quiet', '--network', 'host', '--tag', ownImage, root);
  return built;
}
