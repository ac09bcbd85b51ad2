// Apicurio Registry as a JVM on loopback, in memory: a real server of the Confluent REST API. Maven
// Central has it as an archive, which is fetched once per user, like Kafka's jars.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../../demo/broker/free-port.ts';

const execute = promisify(execFile);
const version = '3.0.9';
const archive = `apicurio-registry-app-${version}-all.tar.gz`;
const fetchTimeoutMs = 600_000;
const startTimeoutMs = 60_000;

export interface Apicurio {
  /** Where the Confluent REST API begins. */
  readonly url: string;
  /** Registers a schema and returns its id. */
  register(subject: string, schema: object, references?: readonly object[]): Promise<number>;
  stop(): Promise<void>;
}

/** The folder with the unpacked server; what prevents it where it cannot be had. */
export async function apicurioFolder(): Promise<{ folder: string } | { unavailable: string }> {
  const parent = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'kafka2ipfix');
  const folder = join(parent, `apicurio-${version}`);
  if (existsSync(folder)) return { folder };
  await mkdir(parent, { recursive: true });
  const work = await mkdtemp(join(parent, 'fetch-'));
  try {
    const artifact = `io.apicurio:apicurio-registry-app:${version}:tar.gz:all`;
    const repository = `-Dmaven.repo.local=${join(work, 'repository')}`;
    const goal = ['dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${work}`];
    await execute('mvn', ['-q', '-B', repository, ...goal], { cwd: work, timeout: fetchTimeoutMs });
    const unpacked = join(work, 'unpacked');
    await mkdir(unpacked);
    await execute('tar', ['-xzf', join(work, archive), '-C', unpacked]);
    await rename(unpacked, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
    return { folder };
  } catch (error) {
    return { unavailable: String(error).split('\n', 1)[0]! };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

export async function startApicurio(folder: string): Promise<Apicurio> {
  const runner = (await readdir(folder)).find((name) => name.endsWith('-runner.jar'))!;
  const port = await freePort('127.0.0.1');
  const child = spawn('java', ['-Xmx512m', '-jar', join(folder, runner)], {
    cwd: tmpdir(),
    env: { ...process.env, QUARKUS_HTTP_HOST: '127.0.0.1', QUARKUS_HTTP_PORT: String(port) },
    stdio: 'ignore',
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`;
  await untilItAnswers(child, `${url}/subjects`);
  return {
    url,
    register: (subject, schema, references = []) => register(url, subject, schema, references),
    stop: async () => {
      process.off('exit', kill);
      const ended = new Promise((resolve) => child.once('exit', resolve));
      kill();
      await ended;
    },
  };
}

async function untilItAnswers(child: ChildProcess, url: string): Promise<void> {
  const giveUpMs = performance.now() + startTimeoutMs;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`Apicurio ended with ${child.exitCode}`);
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    if (performance.now() > giveUpMs) throw new Error('Apicurio did not answer in time');
    await sleep(200);
  }
}

async function register(
  url: string,
  subject: string,
  schema: object,
  references: readonly object[],
): Promise<number> {
  const answer = await fetch(`${url}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema: JSON.stringify(schema), references }),
  });
  const { id } = (await answer.json()) as { id?: number };
  if (id === undefined) throw new Error(`Apicurio refused the schema: ${answer.status}`);
  return id;
}
