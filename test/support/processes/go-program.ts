// Programs in Go around foreign modules, built once into the user's cache, by the hash of their sources.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toolPath } from './tool-path.ts';

const execute = promisify(execFile);
const buildTimeoutMs = 900_000;

/** The program's path; built first where it is missing. Rejects where there is no Go. */
export async function goProgram(name: string, sources: string): Promise<string> {
  const hash = createHash('sha256');
  for (const file of ['main.go', 'go.mod', 'go.sum'])
    hash.update(readFileSync(join(sources, file)));
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(cache, 'kafka2ipfix');
  const program = join(folder, `${name}-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(program)) return program;
  const go = toolPath('go');
  if (go === undefined) throw new Error(`there is no go to build ${name} with`);
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(join(tmpdir(), 'kafka2ipfix-go-'));
  try {
    await cp(sources, work, { recursive: true });
    const built = join(folder, `building-${name}-${process.pid}`);
    const env = { ...process.env, CGO_ENABLED: '0' };
    const args = ['build', '-trimpath', '-o', built, '.'];
    await execute(go, args, { cwd: work, env, timeout: buildTimeoutMs });
    await rename(built, program);
    return program;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
