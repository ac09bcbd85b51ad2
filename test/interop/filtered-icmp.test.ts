// A collector that is away where ICMP is filtered, in a network of its own: nothing says so, and what is
// lost is what docs/promise.md says. Needs Linux, iptables, and the right to make one.

import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { writeFlowFile } from '../../src/generator/flow-file.ts';
import type { FilteredIcmpReport } from './filtered-icmp-run.ts';

const count = 20_000;
const runFile = join(import.meta.dirname, 'filtered-icmp-run.ts');
const script = 'ip link set lo up && iptables -A OUTPUT -p icmp -j DROP && exec "$@"';
const inOwnNetwork = ['--map-root-user', '--net', 'sh', '-c', script, 'sh'];

const isAllowed = spawnSync('unshare', [...inOwnNetwork, 'true']).status === 0;
const name = 'a collector that is away where ICMP is filtered';

describe.runIf(isAllowed)(isAllowed ? name : `${name} (this user may not filter it)`, () => {
  test('loses what was handed over meanwhile, which counts as exported, and nothing else', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-icmp-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const flowFile = join(folder, 'flows.avro');
    await writeFlowFile({ output: flowFile, seed: 20_260_106, count });
    const command = [...inOwnNetwork, process.execPath, runFile, flowFile];
    const { stdout } = await promisify(execFile)('unshare', command);
    const report = JSON.parse(stdout) as FilteredIcmpReport;
    console.log(stdout);
    const { code, account, sent, arrived, repeated, missingBetween } = report;
    expect({ code, repeated, exported: account['exported'] }).toEqual({
      ...{ code: 0, repeated: 0, exported: count },
    });
    expect(sent).toMatchObject({ refusals: 0, resentMessages: 0 });
    expect(missingBetween).toBeGreaterThan(0);
    // All that is missing has a number in the one gap, and all others came.
    expect(count - arrived).toBe(missingBetween);
    expect(report.missingElsewhere).toBe(0);
    // Nobody knew that Templates were wanted: they come when their time is up, and data is read from then on.
    expect(report.unknownAfterTemplates).toBe(0);
  });
});
