// `decode`: events beside the records they become; of a file, and of a topic without any group.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeFlowFile } from '../../src/generator/flow-file.ts';
import { runCommand } from '../support/processes/command-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-decode-'));
const file = join(folder, 'flows.avro');
beforeAll(() => writeFlowFile({ seed: 3, count: 500, output: file }));
afterAll(() => rmSync(folder, { recursive: true }));

test('shows each field beside its element', async () => {
  const { code, stdout } = await runCommand(['decode', '--input', file, '-n', '2'], { env: {} });
  expect(code).toBe(0);
  expect(stdout.match(/^\S+\[0\] offset \d+$/gm)).toHaveLength(2);
  expect(stdout).toMatch(/^ {2}flowId +1 +flowId 1$/m);
  expect(stdout).toMatch(/^ {2}sourceAddress +[0-9a-f]+ +sourceIPv[46]Address [0-9a-f.:]+$/m);
});

test('writes a JSON object for each event', async () => {
  const { stdout } = await runCommand(['decode', '--input', file, '-n', '500', '--json'], {
    env: {},
  });
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { offset: number });
  expect(lines.map(({ offset }) => offset)).toEqual(Array.from({ length: 500 }, (_, i) => i));
  expect(lines[0]).toMatchObject({ values: { flowId: 1 }, records: [{ flowId: 1 }] });
});

test('counts Shapes and what cannot be exported', async () => {
  const env = { MAPPING_FILE: '', LOG_LEVEL: 'error' };
  const { stdout } = await runCommand(['decode', '--input', file, '-n', '500', '--stats'], { env });
  expect(stdout).toMatch(/^500 events, \d+ Templates, 0 cannot be exported$/m);
  const json = await runCommand(['decode', '--input', file, '-n', '500', '--stats', '--json'], {
    env,
  });
  const { events, bad, templates } = JSON.parse(json.stdout) as {
    events: number;
    bad: number;
    templates: { records: number }[];
  };
  expect([events, bad]).toEqual([500, 0]);
  expect(templates.reduce((sum, { records }) => sum + records, 0)).toBe(500);
});
