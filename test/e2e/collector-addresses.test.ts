// A collector whose name stands for several addresses, of which only the last one listens.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { writeFlowFile } from '../../src/generator/flow-file.ts';
import { runCommand } from '../support/processes/command-line.ts';
import { ReceivedFlows } from '../support/kafka/received-flows.ts';
import { Recorder } from '../support/fakes/recorder.ts';

const count = 2_000;
const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-addresses-'));
const file = join(folder, 'flows.avro');
const preload = new URL('../support/processes/names.ts', import.meta.url).href;

beforeAll(() => writeFlowFile({ seed: 12, count, output: file }));
afterAll(() => rmSync(folder, { recursive: true }));

const senders = ['batch', 'dgram'] as const;
const worlds = [
  ['localhost', '::1 127.0.0.1', '127.0.0.1'],
  ['two.test', '127.0.0.2 127.0.0.3', '127.0.0.3'],
  ['three.test', '127.0.0.2 ::1 127.0.0.3', '127.0.0.3'],
] as const;

test.each(worlds.flatMap((world) => senders.map((sender) => [...world, sender] as const)))(
  '%s, which stands for %s, gets every event at %s by UDP_SENDER=%s',
  async (name, addresses, host, sender) => {
    const recorder = await Recorder.listen({ host });
    onTestFinished(() => recorder.close());
    const { code, stdout, stderr } = await runCommand(['run', '--input', file], {
      env: {
        NODE_OPTIONS: `--import ${preload}`,
        NAMES: `${name}=${addresses}`,
        COLLECTORS: `ipfix://${name}:${recorder.port}`,
        ...{ UDP_SENDER: sender, EXPORT_RATE_LIMIT: '20000', LOG_FORMAT: 'json' },
      },
    });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    await recorder.close();
    const received = new ReceivedFlows(recorder).update();
    expect(received.missing(1, count)).toEqual([]);
    expect(received.unknownSets).toBe(0);
    const [first, second] = addresses.split(' ');
    expect(stdout + stderr).toMatch(
      new RegExp(`"code":"COLLECTOR_REFUSES".*"address":"${first}","next":"${second}"`),
    );
    expect(stdout + stderr).toMatch(new RegExp(`"address":"${host}".*the collector is back`));
  },
);
