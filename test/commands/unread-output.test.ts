// Commands whose output nobody reads, or cannot be written: they go on, end when they are asked to, and
// never call a write that failed a success.

import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../demo/broker/free-port.ts';
import { runCommand } from '../support/processes/command-line.ts';
import { missingTools } from '../support/processes/tool-path.ts';
import { Pipe, type Program, startProgram } from '../support/processes/unread.ts';
import { appendixMessage } from '../vectors/rfc7011-appendix-a.ts';

const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-unread-'));
const events = join(folder, 'flows.avro');
const messages = join(folder, 'flows.ipfix');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** More than any pipe holds. */
const eventCount = 1_000;
const messageCount = 500;
const shutdownMs = 500;

beforeAll(async () => {
  const made = await runCommand(['generate', '--output', events, '--count', String(eventCount)], {
    env: {},
  });
  expect(made.code).toBe(0);
  writeFileSync(
    messages,
    Buffer.concat(Array.from({ length: messageCount }, () => appendixMessage)),
  );
});

function pipeFor(make: () => Pipe): Pipe {
  const pipe = make();
  onTestFinished(() => pipe.close());
  return pipe;
}

/** How it ends within this; `still there` where it does not. */
async function endingOf(program: Program, withinMs: number) {
  const ending = await Promise.race([program.ended, sleep(withinMs, 'still there' as const)]);
  program.kill('SIGKILL');
  return ending;
}

interface Run {
  readonly program: Program;
  readonly url: string;
}

/** A run that waits for a collector which refuses everything, once it answers by HTTP. */
async function stalledRun(stderr: number, within: readonly string[] = []): Promise<Run> {
  const http = await freePort('127.0.0.1');
  const closed = await freePort('127.0.0.1');
  const url = `http://127.0.0.1:${http}`;
  const env = {
    COLLECTORS: `ipfix://127.0.0.1:${closed}`,
    INPUT_FILE: events,
    HTTP_LISTEN: `127.0.0.1:${http}`,
    SHUTDOWN_TIMEOUT: `${shutdownMs}ms`,
    LOG_LEVEL: 'debug',
  };
  const program = startProgram(['run'], env, { stderr }, within);
  onTestFinished(() => program.kill('SIGKILL'));
  await untilAnswers(program, `${url}/metrics`, /collector_refusing.* 1\n|refusals_total.* [1-9]/);
  return { program, url };
}

async function untilAnswers(program: Program, url: string, words: RegExp): Promise<void> {
  const giveUpAt = performance.now() + 30_000;
  for (;;) {
    const text = await fetch(url).then((response) => response.text(), String);
    if (words.test(text)) return;
    if (program.hasEnded()) throw new Error('the run has ended');
    if (performance.now() > giveUpAt) throw new Error(`${url} does not say so: ${text}`);
    await sleep(50);
  }
}

/** It drains for as long as it may, answers meanwhile, and ends. */
async function drainsAndEnds({ program, url }: Run, signal: NodeJS.Signals): Promise<void> {
  program.kill(signal);
  await untilAnswers(program, `${url}/readyz`, /draining/);
  // The time itself, the second that the last lines have, and what a busy machine takes.
  expect(await endingOf(program, shutdownMs + 1_000 + 2_000)).toBe(75);
}

describe('a run whose log nobody reads', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'into a full pipe answers by HTTP, and ends in time at %s',
    async (signal) => {
      await drainsAndEnds(await stalledRun(pipeFor(() => Pipe.full()).fd, []), signal);
    },
  );

  test('into a pipe whose reader has left goes on', async () => {
    const pipe = pipeFor(() => new Pipe());
    pipe.leave();
    const run = await stalledRun(pipe.fd);
    await drainsAndEnds(run, 'SIGTERM');
  });

  test('into a full disk goes on', async () => {
    const full = openSync('/dev/full', 'w');
    onTestFinished(() => closeSync(full));
    await drainsAndEnds(await stalledRun(full), 'SIGTERM');
  });

  test.skipIf(missingTools(['python3']).length > 0)(
    'on a terminal that is held (Ctrl-S), and on a socket, ends in time',
    async () => {
      for (const kind of ['terminal', 'socket']) {
        // Makes the stream, fills it, and becomes the program; whoever could read it sleeps.
        const held = ['python3', join(import.meta.dirname, 'held-stderr.py'), kind];
        const ignored = openSync('/dev/null', 'w');
        onTestFinished(() => closeSync(ignored));
        await drainsAndEnds(await stalledRun(ignored, held), 'SIGTERM');
      }
    },
  );

  test('keeps lines up to its limit; those dropped are counted, and logged once it flows', async () => {
    const pipe = pipeFor(() => Pipe.full());
    const { program, url } = await stalledRun(pipe.fd);
    const dropped = async (): Promise<number> => {
      const text = await (await fetch(`${url}/metrics`)).text();
      return Number(/^kafka2ipfix_log_lines_dropped_total (\d+)/m.exec(text)?.[1]);
    };
    expect(await dropped()).toBe(0);
    // Each one asks for a line of some hundred characters, the account.
    const signals = setInterval(() => program.kill('SIGUSR1'), 1);
    onTestFinished(() => clearInterval(signals));
    while ((await dropped()) === 0) await sleep(100);
    clearInterval(signals);
    let text = '';
    while (!text.includes('were dropped')) {
      await sleep(5);
      text += pipe.read();
    }
    const said = /"code":"LOG_LINES_DROPPED","dropped":(\d+)/.exec(text);
    expect(await dropped()).toBe(Number(said?.[1]));
    expect(text.length).toBeLessThan(2 ** 20 + 2 ** 18);
  });

  test('has every line in a pipe that is read again', async () => {
    const pipe = pipeFor(() => Pipe.full());
    const { program } = await stalledRun(pipe.fd);
    // What filled the pipe. As soon as it is read, the first lines may come behind it.
    const [filling, begun] = /^(-+)(.*)$/s.exec(pipe.read())!.slice(1);
    expect(filling).not.toBe('');
    program.kill('SIGTERM');
    const ended = endingOf(program, 10_000);
    let text = begun ?? '';
    for (const end = ended.then(() => true); !(await Promise.race([end, sleep(20, false)]));) {
      text += pipe.read();
    }
    text += pipe.read();
    const said = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { msg: string; code?: string | number });
    expect(said.map(({ msg }) => msg)).toContain('starting');
    expect(said.map(({ code }) => code)).toContain('SHUTDOWN_TIMEOUT_EXCEEDED');
    expect(said.at(-1)).toMatchObject({ msg: 'ended', code: 75 });
  });
});

const decode = ['decode', '--input', events, '-n', String(eventCount)];
const readFiles = ['collect', '--read', messages];
const printing: readonly (readonly string[])[] = [
  ['config'],
  ['completion', 'bash'],
  ['--help'],
  decode,
  [...decode, '--json'],
  readFiles,
  [...readFiles, '--format', 'none', '--summary-json'],
  [...readFiles, '--format', 'table', '--output', '-'],
  ['generate', '--output', '-', '--count', '2000'],
  ['validate', '--offline'],
];
const settings = {
  COLLECTORS: 'ipfix://127.0.0.1:4739',
  KAFKA_BROKERS: '127.0.0.1:9',
  KAFKA_TOPICS: 'flows',
  KAFKA_GROUP_ID: 'group',
};

describe('a command that prints data', () => {
  test.each(printing)(
    'says in one line that the disk is full, and ends with 74: %s %s',
    async (...args) => {
      const full = openSync('/dev/full', 'w');
      const errors = join(folder, 'errors');
      const stderr = openSync(errors, 'w');
      const program = startProgram(args, settings, { stdout: full, stderr });
      const ending = await endingOf(program, 30_000);
      for (const fd of [full, stderr]) closeSync(fd);
      const said = readFileSync(errors, 'utf8').split('\n');
      expect(ending).toBe(74);
      expect(said.filter((line) => line.startsWith('kafka2ipfix: '))).toEqual([
        expect.stringContaining('cannot write standard output: ENOSPC'),
      ]);
      expect(said.filter((line) => /^\s+at /.test(line))).toEqual([]);
    },
  );

  test.each([decode, readFiles, ['generate', '--output', '-', '--count', '20000']])(
    'ends without a word, as if by SIGPIPE, where its reader leaves: %s %s',
    async (...args) => {
      const pipe = pipeFor(() => new Pipe());
      const errors = join(folder, 'errors-of-closed');
      const stderr = openSync(errors, 'w');
      const program = startProgram(args, settings, { stdout: pipe.fd, stderr });
      let text = '';
      while (text === '' && !program.hasEnded()) {
        await sleep(10);
        text += pipe.read();
      }
      pipe.leave();
      expect(await endingOf(program, 30_000)).toBe(141);
      closeSync(stderr);
      expect(readFileSync(errors, 'utf8')).not.toMatch(/kafka2ipfix: | {4}at /);
    },
  );

  test.each([
    ['SIGTERM', decode, 'SIGTERM'],
    ['SIGTERM', readFiles, 74],
    ['SIGHUP', readFiles, 74],
    ['SIGINT', ['generate', '--output', '-', '--count', '200000'], 'SIGINT'],
  ] as const)('into a full pipe ends at %s: %s', async (signal, args, ending) => {
    const pipe = pipeFor(() => Pipe.full());
    const program = startProgram(args, settings, { stdout: pipe.fd });
    await sleep(typeof ending === 'number' ? 2_000 : 1_000);
    expect(program.hasEnded()).toBe(false);
    program.kill(signal);
    expect(await endingOf(program, 5_000)).toBe(ending);
  });

  test('waits for a slow reader, and loses nothing', async () => {
    const pipe = pipeFor(() => new Pipe());
    const program = startProgram(readFiles, settings, { stdout: pipe.fd });
    let text = '';
    while (!program.hasEnded()) {
      await sleep(5);
      text += pipe.read();
    }
    text += pipe.read();
    expect(await program.ended).toBe(0);
    const records = text.split('\n').slice(0, -1);
    expect(records).toHaveLength(messageCount * 5);
    for (const record of records) expect(() => void JSON.parse(record)).not.toThrow();
  });

  test('collecting from the network ends at SIGTERM though nobody reads its records', async () => {
    const port = await freePort('127.0.0.1');
    const pipe = pipeFor(() => Pipe.full());
    const args = ['collect', '--listen', `127.0.0.1:${port}`];
    const program = startProgram(args, settings, { stdout: pipe.fd });
    const client = createSocket('udp4');
    onTestFinished(() => void client.close());
    for (let i = 0; i < 15; i += 1) {
      client.send(appendixMessage, port, '127.0.0.1');
      await sleep(100);
    }
    program.kill('SIGTERM');
    expect(await endingOf(program, 5_000)).toBe(74);
  });
});

test('a capture that cannot be written ends collect with 74', async () => {
  const port = await freePort('127.0.0.1');
  const args = [
    'collect',
    '--listen',
    `127.0.0.1:${port}`,
    '--pcap',
    '/dev/full',
    '--format',
    'none',
  ];
  expect((await runCommand(args, { env: {} })).code).toBe(74);
});

test('a file that cannot be written ends generate and collect with 74', async () => {
  for (const args of [
    ['generate', '--output', '/dev/full', '--count', '2000'],
    [...readFiles, '--output', '/dev/full'],
  ]) {
    const { code, stderr } = await runCommand(args, { env: {} });
    expect(code).toBe(74);
    expect(stderr).toContain('kafka2ipfix: cannot write /dev/full: ENOSPC');
  }
});

test('no name in a folder is taken for standard output, and "-" is not taken for a name', async () => {
  const { code, stdout } = await runCommand([...readFiles, '--output', '-'], { env: {} });
  expect(code).toBe(0);
  expect(stdout.split('\n')).toHaveLength(messageCount * 5 + 1);
  expect(execFileSync('ls', [process.cwd()], { encoding: 'utf8' }).split('\n')).not.toContain('-');
});
