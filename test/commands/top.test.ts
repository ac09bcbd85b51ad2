// `top` as a user calls it, against the answers of a fake run.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { topScreen } from '../../src/commands/top-text.ts';
import { History } from '../../src/http/history.ts';
import { routesOf } from '../../src/http/routes.ts';
import { type HttpServer, serve } from '../../src/http/server.ts';
import { type Stats, statsOf } from '../../src/http/stats.ts';
import { emptyAccount } from '../../src/pipeline/frames/ledger.ts';
import { runCommand } from '../support/processes/command-line.ts';
import { programEnv } from '../support/processes/program-env.ts';
import { missingTools } from '../support/processes/tool-path.ts';
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
  lagIsLowerBound: true,
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
  test('shows once what there is, with rates, and lets no text of others steer the terminal', async () => {
    const { code, stdout } = await runCommand(['top', '--once', '--url', url], { env: {} });
    expect(code).toBe(0);
    expect(stdout).toContain(
      'kafka2ipfix 1.2.3 on export-1: flows as g to 192.0.2.1:4739\nready\n',
    );
    expect(stdout).toContain('consumed 1,234,567 = exported 1,234,567 + dead-lettered 0');
    expect(stdout).toContain('exported 0/s  consumed 0/s  bad 0/s  sent 0 B/s  lag 15\n');
    expect(stdout).toMatch(/^flows\[3\] +0 +10 +25 +15 +≥ 2\.0 s$/m);
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

  test.skipIf(missingTools(['python3']).length > 0).each([
    ['q', 'q'],
    ['Ctrl-C', '\x03'],
  ])(
    'in a terminal has a screen of its own until %s, and gives the former one back',
    async (_, key) => {
      const script = join(import.meta.dirname, 'in-terminal.py');
      const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts');
      const run = [script, 'q: quit', key, process.execPath, main, 'top', '--url', url];
      const { error, stdout } = await new Promise<{ error: Error | null; stdout: string }>(
        (resolve) =>
          execFile('python3', run, { env: programEnv({}) }, (error, stdout) =>
            resolve({ error, stdout }),
          ),
      );
      expect(error).toBeNull();
      expect(stdout.startsWith('\x1b[?1049h\x1b[?25l')).toBe(true);
      expect(stdout.trimEnd().endsWith('\x1b[?25h\x1b[?1049l')).toBe(true);
      const [frame = ''] = stdout.split('\x1b[H').slice(1);
      const lines = frame.slice(0, frame.indexOf('\x1b[J')).replaceAll('\r', '').split('\x1b[K\n');
      expect(lines).toHaveLength(24);
      expect(lines[0]).toMatch(/^kafka2ipfix 1\.2\.3 on export-1/);
    },
  );

  test.each([['2147484'], ['86401'], ['0'], ['x']])('refuses an interval of %s s', async (text) => {
    const { code, stderr } = await runCommand(['top', '--interval', text], { env: {} });
    expect(code).toBe(78);
    expect(stderr).toContain(`--interval: ${text} is not a number from 0.1 to 86400`);
  });
});

describe('a screen of 80 by 24', () => {
  const size = { columns: 80, rows: 24 };
  const longTopic = 'network.flows.of.all.edge.routers.by.site.and.interface.version-2';
  const stats = (told: Partial<Stats> = {}): Stats => ({
    ...statsOf(view),
    kafka: { brokers: ['kafka-1:9092'], topics: [longTopic], group: 'exporters' },
    partitions: Array.from({ length: 40 }, (_, partition) => ({
      ...{ ...seen, topic: longTopic, partition, worker: partition % 2 },
      lagRecords: (partition * 7) % 40,
    })),
    ...told,
  });

  test('keeps state, rates and account in view, and the largest lags of many partitions', () => {
    const lines = topScreen(stats(), undefined, size);
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    const text = lines.join('\n');
    expect(text).toContain('\nready\n');
    expect(text).toMatch(/^exported \?\/s/m);
    expect(text).toContain('= exported 1,234,567 + dead-lettered 0');
    const shown = lines.filter((line) => /\[\d+\] {2}/.test(line));
    expect(shown.length).toBeGreaterThan(4);
    expect(shown[0]).toMatch(/ 39 +≥ 2\.0 s$/);
    expect(shown[1]).toMatch(/ 38 +≥ 2\.0 s$/);
    expect(text).toContain(`… and ${40 - shown.length} more`);
  });

  test('breaks reasons between words, and shortens a topic so that its partition stays', () => {
    const text =
      'no broker (kafka-1.example.net:9092, kafka-2.example.net:9092) has answered for 34 s; check the brokers';
    const reasons = [{ code: 'broker_silent' as const, worker: 0, text }];
    const lines = topScreen(stats({ ready: false, reasons }), undefined, size);
    const from = lines.indexOf('NOT READY') + 1;
    expect(lines[from]).toBe(
      '  no broker (kafka-1.example.net:9092, kafka-2.example.net:9092) has answered',
    );
    expect(lines[from + 1]).toBe('  for 34 s; check the brokers');
    expect(lines.find((line) => line.startsWith('network'))).toMatch(/^network[\w.-]*…\[\d+\] {2}/);
  });

  test('says how busy a Worker is, and what it waits for', () => {
    const before = stats();
    const workers = before.workers.map((worker) => ({
      ...worker,
      busyMs: worker.busyMs + 250,
      waitingFor: 'the collector 192.0.2.1:4739 (refuses)',
    }));
    const after = stats({ workers, atMs: before.atMs + 1_000 });
    expect(topScreen(after, before, size)).toContainEqual(
      expect.stringMatching(
        /^0 +running +25 % +1,234,567 +the collector 192.0.2.1:4739 \(refuses\)$/,
      ),
    );
  });

  test.each([10, 5, 1])('of only %i lines has no more', (rows) => {
    expect(topScreen(stats(), undefined, { columns: 80, rows }).length).toBeLessThanOrEqual(rows);
  });
});
