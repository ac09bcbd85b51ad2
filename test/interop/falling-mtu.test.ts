// The MTU of the way falls while the stage sends, in a network of its own. Needs Linux and the right
// to make one.

import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { writeFlowFile } from '../../src/generator/flow-file.ts';
import type { FallingMtuReport } from './falling-mtu-run.ts';

const seed = 20_260_105;
const count = 40_000;
const runFile = join(import.meta.dirname, 'falling-mtu-run.ts');
// /sys tells interfaces of the network that it was mounted in, so it is mounted anew.
const script = 'mount -t sysfs sysfs /sys && ip link set lo mtu 1500 up && exec "$@"';
const inOwnNetwork = ['--map-root-user', '--net', '--mount', 'sh', '-c', script, 'sh'];

const isAllowed = spawnSync('unshare', [...inOwnNetwork, 'true']).status === 0;
const name = 'a way whose MTU falls from 1500 to 1300 under load';

describe.runIf(isAllowed)(isAllowed ? name : `${name} (this user may not make one)`, () => {
  test('gets shorter Messages from then on: none lost, none twice, not one fragment', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-mtu-'));
    try {
      const flowFile = join(folder, 'flows.avro');
      await writeFlowFile({ output: flowFile, seed, count });
      const command = [...inOwnNetwork, process.execPath, runFile, flowFile];
      const { stdout } = await promisify(execFile)('unshare', command);
      const report = JSON.parse(stdout) as FallingMtuReport;
      for (const [family, headers] of [
        ['ipv4', 28],
        ['ipv6', 48],
      ] as const) {
        const { splitMessages, octetsMax, ...rest } = report[family];
        const none = { ipv4: 0, ipv6: 0 };
        const all = { code: 0, records: count, flows: count, fragments: none, sequence: 0 };
        expect(rest, family).toEqual(all);
        expect(splitMessages, family).toBeGreaterThan(0);
        expect(octetsMax[0], family).toBeGreaterThan(1300 - headers);
        expect(octetsMax[1], family).toBeLessThanOrEqual(1300 - headers);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
