// A container file, by name and on standard input, comes out once and whole. Needs no Kafka.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { writeFlowFile } from '../../src/generator/flow-file.ts';
import { type CommandOptions, runCommand } from '../support/processes/command-line.ts';
import { ReceivedFlows } from '../support/kafka/received-flows.ts';
import { Recorder } from '../support/fakes/recorder.ts';

const count = 20_000;
const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-file-source-'));
const plainFile = join(folder, 'flows.avro');
const packedFile = join(folder, 'flows-deflate.avro');

beforeAll(async () => {
  await writeFlowFile({ seed: 11, count, output: plainFile });
  await writeFlowFile({ seed: 11, count, output: packedFile, codec: 'deflate' });
});
afterAll(() => rmSync(folder, { recursive: true }));

type Way = readonly [string, string[], Record<string, string>, Pick<CommandOptions, 'stdinFile'>];
const ways: readonly Way[] = [
  ['INPUT_FILE', ['run'], { INPUT_FILE: plainFile }, {}],
  ['--input', ['run', '--input', packedFile], {}, {}],
  ['standard input', ['run', '--input', '-'], {}, { stdinFile: plainFile }],
];

test.each(ways)('a file by %s is exported once and whole', async (_, args, env, stdin) => {
  const recorder = await Recorder.listen();
  onTestFinished(() => recorder.close());
  // Slow enough for any collector: nothing here is about speed.
  const settings = { COLLECTORS: recorder.collector, EXPORT_RATE_LIMIT: '50000', ...env };
  const { code, stderr } = await runCommand(args, { env: settings, ...stdin });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  await recorder.close();

  const received = new ReceivedFlows(recorder).update();
  expect(received.missing(1, count)).toEqual([]);
  expect(received).toMatchObject({ unique: count, repeated: 0, unknownSets: 0 });
  expect(received.sequence()).toMatchObject({ missingRecords: 0, repeatedMessages: 0 });
});

test('a file that is cut short exports what lies before, and ends with a fault that names the place', async () => {
  const { code, said, received } = await runOver('cut.avro', (octets) => octets.subarray(0, -100));
  expect(code).toBe(65);
  expect(said).toMatch(/cut\.avro: in block 40, which begins at octet \d+: the file ends in the/);
  expect(said).toMatch(new RegExp(`INPUT_FILE_DAMAGED.*exported\\W+${count - 500}\\b`, 's'));
  expect(received).toMatchObject({ unique: count - 500, repeated: 0 });
  expect(received.missing(1, count - 500)).toEqual([]);
});

test('a file whose middle is damaged is read on behind it with ON_BAD_EVENT=discard, and the end says so', async () => {
  const settings = { ON_BAD_EVENT: 'discard' };
  const damaged = (octets: Buffer): Buffer => octets.fill(0xff, 100_000, 100_010);
  const { code, said, received } = await runOver('middle.avro', damaged, settings);
  expect(code).toBe(65);
  expect(said).toContain('INPUT_FILE_BLOCK_SKIPPED');
  expect(said).toMatch(new RegExp(`INPUT_FILE_DAMAGED.*exported\\W+${count - 500}\\b`, 's'));
  expect(received).toMatchObject({ unique: count - 500, repeated: 0 });
});

test('two files one after the other are exported as one', async () => {
  const twice = (octets: Buffer): Buffer => Buffer.concat([octets, octets]);
  const { code, received } = await runOver('twice.avro', twice);
  expect(code).toBe(0);
  expect(received).toMatchObject({ unique: count, repeated: count });
});

async function runOver(
  name: string,
  change: (octets: Buffer) => Buffer,
  settings: Readonly<Record<string, string>> = {},
) {
  const recorder = await Recorder.listen();
  onTestFinished(() => recorder.close());
  const file = join(folder, name);
  writeFileSync(file, change(readFileSync(plainFile)));
  const { code, stdout, stderr } = await runCommand(['run'], {
    env: {
      ...{ INPUT_FILE: file, COLLECTORS: recorder.collector, EXPORT_RATE_LIMIT: '50000' },
      ...settings,
    },
  });
  await recorder.close();
  return { code, said: stdout + stderr, received: new ReceivedFlows(recorder).update() };
}
