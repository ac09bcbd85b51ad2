// A container file, by name and on standard input, comes out once and whole. Needs no Kafka.

import { copyFileSync, mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { writeFlowFile } from '../../src/generator/flow-file.ts';
import { type CommandOptions, runCommand } from '../support/command-line.ts';
import { ReceivedFlows } from '../support/received-flows.ts';
import { Recorder } from '../support/recorder.ts';

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

test('a file that is cut short ends with a fault that names it', async () => {
  const recorder = await Recorder.listen();
  onTestFinished(() => recorder.close());
  const cut = join(folder, 'cut.avro');
  copyFileSync(plainFile, cut);
  truncateSync(cut, statSync(cut).size - 100);
  const { code, stderr } = await runCommand(['run'], {
    env: { INPUT_FILE: cut, COLLECTORS: recorder.collector, EXPORT_RATE_LIMIT: '50000' },
  });
  expect(code).not.toBe(0);
  expect(stderr).toContain('cut.avro');
});
