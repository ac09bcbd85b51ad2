// RFC 7011 §10.3.2: the UDP checksum is there and is right. On loopback nobody works it out, so this
// sends through a tun interface in a network of its own. Needs Linux, Python, and the right to make one.

import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { writeFlowFile } from '../../src/generator/flow-file.ts';

const reader = join(import.meta.dirname, 'tun-reader.py');
const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts');
const inOwnNetwork = ['--map-root-user', '--net', 'python3', reader];

const isAllowed = spawnSync('unshare', [...inOwnNetwork, 'true']).status === 0;
const name = 'datagrams through a tun interface';

describe.runIf(isAllowed)(isAllowed ? name : `${name} (this user may not make one)`, () => {
  test.each([
    ['IPv4', '192.0.2.2'],
    ['IPv6', '[2001:db8::2]'],
  ])('over %s each have a UDP checksum, and it is right', async (_, host) => {
    const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-tun-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'flows.avro');
    await writeFlowFile({ output: file, seed: 3, count: 2_000 });
    const { stdout } = await promisify(execFile)(
      'unshare',
      [...inOwnNetwork, process.execPath, main, 'run', '--input', file],
      {
        env: {
          ...{
            PATH: process.env['PATH'],
            HOME: process.env['HOME'],
            EXPORT_STATISTICS: 'metering',
            HTTP_LISTEN: 'off',
          },
          ...{ COLLECTORS: `ipfix://${host}:4739`, PATH_MTU: '1400', EXPORT_RATE_LIMIT: '20000' },
        },
      },
    );
    const { good, ...rest } = JSON.parse(stdout) as Record<string, number>;
    expect(rest).toEqual({ code: 0, bad: 0, none: 0 });
    expect(good).toBeGreaterThan(2_000 / 20);
  });
});
