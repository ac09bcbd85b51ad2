// `top` as a user calls it, against the answers of a fake run.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { History } from '../../src/http/history.ts';
import { routesOf } from '../../src/http/routes.ts';
import { type HttpServer, serve } from '../../src/http/server.ts';
import { emptyAccount } from '../../src/pipeline/frames/ledger.ts';
import { runCommand } from '../support/processes/command-line.ts';
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
  lagIsLowerBound: false,
};
const trouble = {
  atMs: 0,
  level: 'warn' as const,
  code: 'BAD_EVENT',
  place: 'flows[3] offset 9',
  count: 2,
};
const view = viewOf([
  workerSnapshot({
    pipeline: pipelineSnapshot({ account }),
    source: sourceSnapshot({ partitions: [seen] }),
    troubles: [{ ...trouble, message: 'bad \x1b[2J value' }],
  }),
]);
let server: HttpServer;
let url: string;

beforeAll(async () => {
  server = await serve({ host: '127.0.0.1', port: 0 }, routesOf(view, new History()));
  url = `http://127.0.0.1:${server.port}`;
});
afterAll(() => server.close());

describe('top', () => {
  test('shows once what there is, and lets no text of others steer the terminal', async () => {
    const { code, stdout } = await runCommand(['top', '--once', '--url', url], { env: {} });
    expect(code).toBe(0);
    expect(stdout).toContain('kafka2ipfix 1.2.3: flows as g to 192.0.2.1:4739\nready\n');
    expect(stdout).toContain('consumed 1,234,567 = exported 1,234,567 + dead-lettered 0');
    expect(stdout).toMatch(/flows\[3\] +│ 0 +│ +10 │ +25 │ +15 │ +2\.0/);
    expect(stdout).toContain('warn BAD_EVENT flows[3] offset 9: bad ?[2J value (2 times)');
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
