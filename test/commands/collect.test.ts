// The `collect` command in-process: its arguments, its output, and how it stops.

import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { expect, test, vi } from 'vitest';
import { registerCollect } from '../../src/commands/collect.ts';
import { standardOutput } from '../../src/commands/output.ts';
import { standardError } from '../../src/log/log.ts';
import { appendixMessage } from '../vectors/rfc7011-appendix-a.ts';

test('writes JSON lines to a file, stops at --count, and says what came', async () => {
  const client = createSocket('udp4');
  const directory = mkdtempSync(join(tmpdir(), 'collect-'));
  const output = join(directory, 'records.json');
  const said: string[] = [];
  const stderr = vi
    .spyOn(standardError, 'write')
    .mockImplementation((text: string) => void said.push(text));
  const written: string[] = [];
  const stdout = vi.spyOn(standardOutput, 'write').mockImplementation((text) => {
    written.push(String(text));
    return Promise.resolve();
  });
  try {
    const program = new Command();
    registerCollect(program);
    const args = ['collect', '--listen', '127.0.0.1:0', '--count', '2', '--summary-json'];
    const done = program.parseAsync([...args, '--output', output], { from: 'user' });
    await vi.waitFor(() => expect(said).toHaveLength(1));
    const port = Number(/127\.0\.0\.1:(\d+), receive buffer [\d,]+ octets/.exec(said[0]!)?.[1]);
    client.send(appendixMessage, port, '127.0.0.1');
    await done;
  } finally {
    client.close();
    for (const spy of [stderr, stdout]) spy.mockRestore();
  }
  const lines = readFileSync(output, 'utf8').trimEnd().split('\n');
  rmSync(directory, { recursive: true });
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { sourceIPv4Address: '192.0.2.12', _: { observationDomainId: 1, templateId: 256 } },
    { sourceIPv4Address: '192.0.2.27', octetDeltaCount: 388934 },
  ]);
  expect(said[1]).toContain('3  Data Records');
  expect(JSON.parse(written[0]!)).toMatchObject({ dataRecords: 3, optionsRecords: 2 });
});
