// PATH_MTU=auto on a link shorter than any other of these tests, in a network of its own: there the
// kernel cuts a datagram that is too long, and counts it. Needs Linux and the right to make one.

import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { writeFlowFile } from '../../src/generator/flow-file.ts';
import type { SmallLinkReport } from './small-link-run.ts';

const linkMtu = 1280;
const seed = 20_260_104;
const count = 10_000;
const runFile = join(import.meta.dirname, 'small-link-run.ts');
// /sys tells interfaces of the network that it was mounted in, so it is mounted anew.
const script = `mount -t sysfs sysfs /sys && ip link set lo mtu ${linkMtu} up && exec "$@"`;
const inOwnNetwork = ['--map-root-user', '--net', '--mount', 'sh', '-c', script, 'sh'];

const isAllowed = spawnSync('unshare', [...inOwnNetwork, 'true']).status === 0;
const name = `a network whose link has an MTU of ${linkMtu}`;

describe.runIf(isAllowed)(isAllowed ? name : `${name} (this user may not make one)`, () => {
  test('sees Messages of its own size and not one fragment', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-link-'));
    try {
      const flowFile = join(folder, 'flows.avro');
      await writeFlowFile({ output: flowFile, seed, count });
      const command = [...inOwnNetwork, process.execPath, runFile, flowFile];
      const { stdout } = await promisify(execFile)('unshare', command);
      const { ipv4, ipv6, tooLong } = JSON.parse(stdout) as SmallLinkReport;
      const expected = { code: 0, pathMtu: linkMtu, records: count, fragments: none };
      expect(ipv4).toMatchObject(expected);
      expect(ipv6).toMatchObject(expected);
      expect(ipv4.octetsMax).toBeLessThanOrEqual(linkMtu - 28);
      expect(ipv6.octetsMax).toBeLessThanOrEqual(linkMtu - 48);
      expect(Math.min(tooLong.ipv4, tooLong.ipv6), 'the counters move').toBeGreaterThan(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

const none = { ipv4: 0, ipv6: 0 };
