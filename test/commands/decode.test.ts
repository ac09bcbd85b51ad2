// `decode`: events beside the records they become; of a file, and of a topic without any group.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

describe('a file that cannot be', () => {
  const missing = join(folder, 'missing.avro');
  const junk = join(folder, 'junk.avro');
  const cut = join(folder, 'cut.avro');
  beforeAll(() => {
    writeFileSync(junk, 'no container');
    writeFileSync(cut, readFileSync(file).subarray(0, -100));
  });
  const env = { COLLECTORS: 'ipfix://127.0.0.1:9' };

  test.each([
    [
      'decode',
      ['decode', '--input'],
      /INPUT_FILE: .*missing\.avro cannot be read \(ENOENT\); name a/,
    ],
    ['run', ['run', '--input'], /INPUT_FILE: .*missing\.avro cannot be read \(ENOENT\); name a/],
    ['collect', ['collect', '--read'], /--read .*missing\.avro: ENOENT/],
  ])('opened ends %s with exit code 78, without a stack', async (_, args, problem) => {
    const { code, stderr } = await runCommand([...args, missing], { env });
    expect([code, stderr]).toEqual([78, expect.stringMatching(problem)]);
    expect(stderr).not.toContain('    at ');
  });

  test('opened because it is a folder says so', async () => {
    const { code, stderr } = await runCommand(['decode', '--input', folder], { env });
    expect([code, stderr]).toEqual([78, expect.stringContaining('is a folder; name a file in it')]);
  });

  test.each(['decode', 'run'])('read as a container ends %s with exit code 65', async (command) => {
    const { code, stderr } = await runCommand([command, '--input', junk], { env });
    expect([code, stderr]).toEqual([65, expect.stringContaining('is not an Avro container file')]);
  });

  test('read to its end is shown as far as it goes', async () => {
    const all = ['decode', '--input', cut, '-n', '500', '--stats'];
    const { code, stdout, stderr } = await runCommand(all, { env });
    expect([code, stdout]).toEqual([65, expect.stringMatching(/^\d+ events, /m)]);
    expect(stderr).toMatch(/^kafka2ipfix: in .*cut\.avro: in block \d+/);
  });
});
