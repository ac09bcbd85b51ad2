// Queues of this host that are shorter than the socket's buffer, in networks of their own. Needs Linux and
// the right to make one.

import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { writeFlowFile } from '../../src/generator/flow-file.ts';
import type { ShortQueueReport } from './short-queue-run.ts';

const runFile = join(import.meta.dirname, 'short-queue-run.ts');
const script = 'ip link set lo mtu 1500 up && exec "$@"';
const inOwnNetwork = ['--map-root-user', '--net', 'sh', '-c', script, 'sh'];
const tried = [...inOwnNetwork, 'tc', 'qdisc', 'add', 'dev', 'lo', 'root', 'pfifo'];
const isAllowed = spawnSync('unshare', tried).status === 0;
const name = 'a queue of this host';

describe.runIf(isAllowed)(isAllowed ? name : `${name} (this user may not make one)`, () => {
  test.each([
    ['takes a part of a run, under load', 30_000, 'tbf rate 20mbit burst 16kb limit 30kb'],
    ['takes a part of a run, then there is no more', 1_500, 'tbf rate 4mbit burst 5kb limit 30kb'],
    ['takes a run as a whole or not at all', 30_000, 'tbf rate 50mbit burst 100kb limit 60kb'],
    ['has room for 20 packets', 30_000, 'pfifo limit 20'],
  ])('that %s loses nothing of what counts as exported', async (_, count, queue) => {
    const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-queue-'));
    try {
      const flowFile = join(folder, 'flows.avro');
      await writeFlowFile({ output: flowFile, seed: 7, count });
      const command = [...inOwnNetwork, process.execPath, runFile, flowFile, String(count)];
      const { stdout } = await promisify(execFile)('unshare', [...command, ...queue.split(' ')]);
      const { single, batch, dgram } = JSON.parse(stdout) as ShortQueueReport;
      console.log(`${queue}: ${stdout}`);
      // What the kernel took of a run and dropped is refused when the window is looked at.
      expect(single.refusals).toEqual(single.arrived < single.taken ? ['ENOBUFS'] : []);
      expect(single.runMax === 1).toBe(single.arrived < 40);
      expect(batch).toMatchObject({ code: 0, exported: count, lost: 0 });
      // What goes again is what was sent within a window, once.
      expect(batch.said).toBeLessThanOrEqual(1);
      // The kernel says nothing to node:dgram, as docs/promise.md has it.
      expect(dgram).toMatchObject({ code: 0, exported: count, said: 0 });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
