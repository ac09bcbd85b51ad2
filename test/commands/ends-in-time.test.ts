// Commands that wait for somebody who never answers: each ends within its time, and at a signal.

import { execFileSync } from 'node:child_process';
import { constants, mkdtempSync, openSync, rmSync, closeSync } from 'node:fs';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { runCommand } from '../support/processes/command-line.ts';
import { Pipe, type Program, startProgram } from '../support/processes/unread.ts';

/** What a busy machine takes beside the time that is stated. */
const graceMs = 4_000;

let silent: Server;
let port: number;
beforeAll(async () => {
  silent = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  ({ port } = silent.address() as AddressInfo);
});
afterAll(() => void silent.close());

const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-ends-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const kafkaEnv = (): Record<string, string> => ({
  KAFKA_BROKERS: `127.0.0.1:${port}`,
  ...{ KAFKA_TOPICS: 'flows', KAFKA_GROUP_ID: 'group', DLQ_TOPIC: 'letters' },
  ...{ COLLECTORS: 'ipfix://127.0.0.1:9', SHUTDOWN_TIMEOUT: '1s' },
});

/** Where `run` says that it has started. */
function logOf([command]: readonly string[]): Pipe | undefined {
  if (command !== 'run') return undefined;
  const pipe = new Pipe();
  onTestFinished(() => pipe.close());
  return pipe;
}

async function endingAt(signal: NodeJS.Signals, program: Program, log?: Pipe) {
  onTestFinished(() => program.kill('SIGKILL'));
  // Those that say nothing before they listen get the time of a busy machine.
  if (log) while (!log.read().includes('"starting"')) await sleep(50);
  await sleep(log ? 500 : 2_500);
  expect(program.hasEnded()).toBe(false);
  program.kill(signal);
  return Promise.race([program.ended, sleep(3_000 + graceMs, 'still there' as const)]);
}

describe('while its broker takes connections and never answers', () => {
  test.each([
    [['decode'], 'SIGTERM'],
    [['generate', '--topic', 'flows'], 'SIGTERM'],
    [['requeue'], 75],
    [['run'], 0],
  ] as const)('%j ends at SIGTERM', async (args, ending) => {
    const log = logOf(args);
    const program = startProgram(args, kafkaEnv(), { ...(log && { stderr: log.fd }) });
    expect(await endingAt('SIGTERM', program, log)).toBe(ending);
  });
});

describe('while its input is a pipe into which nobody writes', () => {
  const wait = { COLLECTORS: 'ipfix://127.0.0.1:9', SHUTDOWN_TIMEOUT: '1s' };

  test.each([
    [['run', '--input', '-'], 75],
    [['collect', '--read', '-'], 0],
  ] as const)('%j ends at SIGTERM', async (args, ending) => {
    const pipe = new Pipe();
    onTestFinished(() => pipe.close());
    const path = `/proc/self/fd/${pipe.fd}`;
    const stdin = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    onTestFinished(() => closeSync(stdin));
    const log = logOf(args);
    const program = startProgram(args, wait, { stdin, ...(log && { stderr: log.fd }) });
    expect(await endingAt('SIGTERM', program, log)).toBe(ending);
  });

  test.each([
    [['run', '--input'], 75],
    [['collect', '--read'], 0],
  ] as const)('%j a name of one that nobody has opened ends at SIGTERM', async (args, ending) => {
    const path = join(folder, `pipe-of-${args[0]}`);
    execFileSync('mkfifo', [path]);
    const log = logOf(args);
    const program = startProgram([...args, path], wait, { ...(log && { stderr: log.fd }) });
    expect(await endingAt('SIGTERM', program, log)).toBe(ending);
  });

  test('the events of one that is written later are read as those of a file', async () => {
    const path = join(folder, 'pipe-of-events');
    execFileSync('mkfifo', [path]);
    const decoded = runCommand(['decode', '--input', path, '--stats', '-n', '500'], { env: {} });
    await sleep(1_000);
    const made = await runCommand(['generate', '--output', path, '--count', '500'], { env: {} });
    expect(made.code).toBe(0);
    expect((await decoded).stdout).toContain('500 events');
  });
});

test('healthcheck and top end within their time where a server never answers', async () => {
  const url = `http://127.0.0.1:${port}`;
  for (const args of [
    ['healthcheck', '--url', url, '--timeout', '0.5'],
    ['top', '--once', '--url', url],
  ]) {
    const startMs = performance.now();
    expect((await runCommand(args, { env: {} })).code).toBe(1);
    expect(performance.now() - startMs).toBeLessThan(3_000 + graceMs);
  }
});

test.each([
  [['top', '--interval', '2147484'], '--interval: 2147484 is not a number from 0.1 to 86400'],
  [['top', '--interval', '0.0001'], '--interval: 0.0001 is not a number from 0.1 to 86400'],
  [
    ['healthcheck', '--timeout', '4294968'],
    '--timeout: 4294968 is not a number from 0.001 to 3600',
  ],
  [
    ['generate', '--output', '/dev/null', '--rate', '0.0000001'],
    '--rate: 0.0000001 is not a number from 0.001 to 1000000000',
  ],
  [['collect', '--idle', '600h'], '--idle: 600h is too long; at most 2147483s'],
])('%j is refused: a timer takes what is longer for 1 ms', async (args, words) => {
  const { code, stderr } = await runCommand(args, { env: {} });
  expect([code, stderr]).toEqual([78, expect.stringContaining(words)]);
});
