// `healthcheck`, `top` and `completion` as a user calls them, against answers of a fake run.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { History } from '../../src/http/history.ts';
import type { ProcessView } from '../../src/http/process-view.ts';
import { routesOf } from '../../src/http/routes.ts';
import { type HttpServer, serve } from '../../src/http/server.ts';
import { emptyAccount } from '../../src/pipeline/frames/ledger.ts';
import { runCommand } from '../support/processes/command-line.ts';
import { toolPath } from '../support/processes/tool-path.ts';
import {
  pipelineSnapshot,
  sourceSnapshot,
  viewOf,
  workerSnapshot,
} from '../support/fakes/worker-snapshots.ts';

const account = { ...emptyAccount(), consumed: 1_234_567, exported: 1_234_567 };
const seen = {
  topic: 'flows',
  partition: 3,
  committed: 10,
  end: 25,
  lagRecords: 15,
  lagSeconds: 2,
};
const trouble = { atMs: 0, level: 'warn' as const, place: 'flows[3] offset 9', count: 2 };
let view: ProcessView;
let server: HttpServer;
let url: string;
const env = { HTTP_LISTEN: '' };

beforeAll(async () => {
  const snapshot = workerSnapshot({
    pipeline: pipelineSnapshot({ account }),
    source: sourceSnapshot({ partitions: [seen] }),
    troubles: [{ ...trouble, message: 'bad \x1b[2J value' }],
  });
  view = viewOf([snapshot]);
  server = await serve({ host: '127.0.0.1', port: 0 }, routesOf(view, new History()));
  url = `http://127.0.0.1:${server.port}`;
  env.HTTP_LISTEN = `127.0.0.1:${server.port}`;
});
afterAll(() => server.close());

describe('healthcheck', () => {
  test('ends with 0 while the run lives, and asks where HTTP_LISTEN says', async () => {
    const { code, stdout } = await runCommand(['healthcheck'], { env });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'alive\n' });
  });

  test('asks on the loopback address where the run listens on all', async () => {
    const everywhere = { HTTP_LISTEN: `0.0.0.0:${server.port}` };
    expect((await runCommand(['healthcheck'], { env: everywhere })).code).toBe(0);
  });

  test('with --ready ends with 1 and the reason while it is not ready', async () => {
    expect((await runCommand(['healthcheck', '--ready'], { env })).code).toBe(0);
    view.isDraining = true;
    const { code, stdout } = await runCommand(['healthcheck', '--ready', '--url', url], {
      env: {},
    });
    view.isDraining = false;
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'not ready: the process is ending\n' });
  });

  test('ends with 1 where nothing answers, and says where', async () => {
    const gone = await serve({ host: '127.0.0.1', port: 0 }, () => undefined);
    gone.close();
    const env = { HTTP_LISTEN: `127.0.0.1:${gone.port}` };
    const { code, stderr } = await runCommand(['healthcheck'], { env });
    expect(code).toBe(1);
    expect(stderr).toContain(`http://127.0.0.1:${gone.port}/livez does not answer: `);
    expect(stderr).toContain('ECONNREFUSED');
  });

  test.each([
    [['--url', 'nonsense'], {}, '--url nonsense is no http:// URL'],
    [[], { HTTP_LISTEN: 'off' }, 'HTTP_LISTEN is off'],
    [['--timeout', 'x'], {}, '--timeout: x is not a number from 0.001 to 3600'],
  ])('refuses %j with 78', async (args, given, said) => {
    const { code, stderr } = await runCommand(['healthcheck', ...args], { env: given });
    expect(code).toBe(78);
    expect(stderr).toContain(said);
  });
});

describe('top', () => {
  test('shows once what there is, and lets no text of others steer the terminal', async () => {
    const { code, stdout } = await runCommand(['top', '--once', '--url', url], { env: {} });
    expect(code).toBe(0);
    expect(stdout).toContain('kafka2ipfix 1.2.3: flows as g to 192.0.2.1:4739\nready\n');
    expect(stdout).toContain('consumed 1,234,567 = exported 1,234,567 + dead-lettered 0');
    expect(stdout).toMatch(/flows\[3\] +│ 0 +│ +10 │ +25 │ +15 │ +2\.0/);
    expect(stdout).toContain('warn flows[3] offset 9: bad ?[2J value (2 times)');
    expect(stdout).not.toContain('\x1b[2J');
  });

  test('off a terminal writes a line each time, and ends when nothing answers any more', async () => {
    const answer = routesOf(view, new History());
    let asked = 0;
    const own = await serve({ host: '127.0.0.1', port: 0 }, (path) => {
      asked += 1;
      if (asked > 3) own.close();
      return answer(path);
    });
    const args = ['top', '--interval', '0.2', '--url', `http://127.0.0.1:${own.port}`];
    const { code, stdout } = await runCommand(args, { env: {} });
    expect(code).toBe(1);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(
      /^\S+Z ready=yes exported\/s=\? .* lag=15 in-flight=0 exported=1234567/,
    );
    expect(lines.at(-1)).toContain('exported/s=0 ');
  });
});

describe('completion', () => {
  const commands = ['run', 'validate', 'collect', 'top', 'healthcheck', 'completion'];

  test.each(['bash', 'zsh', 'fish'])('for %s has every command and its options', async (shell) => {
    const { code, stdout } = await runCommand(['completion', shell], { env: {} });
    expect(code).toBe(0);
    for (const word of [...commands, 'since', 'interval', 'listen']) expect(stdout).toContain(word);
  });

  test('of another shell is refused', async () => {
    expect((await runCommand(['completion', 'tcsh'], { env: {} })).code).toBe(78);
  });

  test('is a script that bash runs, and that completes a command and an option', async () => {
    const { stdout: script } = await runCommand(['completion', 'bash'], { env: {} });
    const tried = `${script}
      complete_at() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _kafka2ipfix; echo "\${COMPREPLY[*]}"; }
      complete_at kafka2ipfix heal; complete_at kafka2ipfix top --o; complete_at kafka2ipfix completion z`;
    const { stdout } = await promisify(execFile)(toolPath('bash')!, ['-c', tried]);
    expect(stdout).toBe('healthcheck\n--once\nzsh\n');
  });
});

test('--since is the place where a new group begins, and of no use for a file', async () => {
  const kafka = {
    KAFKA_BROKERS: 'b:1',
    KAFKA_TOPICS: 't',
    KAFKA_GROUP_ID: 'g',
    COLLECTORS: 'ipfix://h',
  };
  const wrong = await runCommand(['run', '--since', 'yesterday'], { env: kafka });
  expect(wrong.code).toBe(78);
  expect(wrong.stderr).toContain(
    'KAFKA_AUTO_OFFSET_RESET: "yesterday" is none of latest, earliest',
  );
  const file = await runCommand(['run', '--since', '2026-07-01', '--input', 'x'], { env: kafka });
  expect(file.code).toBe(78);
  expect(file.stderr).toContain('--since is of no use with --input');
});
