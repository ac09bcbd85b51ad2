// `collect --read`: IPFIX files by name and on standard input, whole and not.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runCommand } from '../support/processes/command-line.ts';
import { appendixMessage } from '../vectors/rfc7011-appendix-a.ts';

const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-collect-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, ...parts: Buffer[]): string {
  const file = join(folder, name);
  writeFileSync(file, Buffer.concat(parts));
  return file;
}

const whole = written('whole.ipfix', appendixMessage, appendixMessage);
const torn = written('torn.ipfix', appendixMessage, appendixMessage.subarray(0, 100));
const mixed = written('mixed.ipfix', appendixMessage, Buffer.from('garbage'), appendixMessage);

const read = (files: readonly string[], options: readonly string[] = [], stdinFile?: string) =>
  runCommand(['collect', ...options, '--read', ...files], {
    env: {},
    ...(stdinFile !== undefined && { stdinFile }),
  });

const linesOf = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('a file that is whole', () => {
  test('comes as records, with the file as the exporter, and a summary without a socket', async () => {
    const { code, stdout, stderr } = await read([whole]);
    expect(code).toBe(0);
    const records = linesOf(stdout);
    expect(records).toHaveLength(10);
    expect(records[0]).toMatchObject({
      sourceIPv4Address: '192.0.2.12',
      _: { exporter: whole, templateId: 256 },
    });
    expect(stderr).toContain('6  Data Records');
    expect(stderr).toContain(`Observation Domain 1 from ${whole}: 2 Messages`);
    expect(stderr).not.toContain('socket');
  });

  test('can be standard input, a table, or counted alone', async () => {
    const table = await read(['-'], ['--format', 'table'], whole);
    expect(table).toMatchObject({ code: 0 });
    expect(table.stdout).toMatch(/^TIME \(UTC\) /);
    expect(table.stdout).toContain('192.0.2.12');
    const counted = await read([whole], ['--format', 'none', '--summary-json']);
    expect(linesOf(counted.stdout)).toMatchObject([{ messages: 2, dataRecords: 6 }]);
  });

  test('stops at --count, and goes to --output', async () => {
    const output = join(folder, 'records.json');
    const { code, stdout } = await read([whole, whole], ['--count', '4', '--output', output]);
    expect([code, stdout]).toEqual([0, '']);
    const records = linesOf(readFileSync(output, 'utf8'));
    expect(records.filter(({ _: about }) => !(about as { options: boolean }).options)).toHaveLength(
      4,
    );
  });
});

test('a Template that is withdrawn in a file is gone from there on (RFC 5655 §7.1)', async () => {
  // Version, Length, times and domain 1 as in the appendix; Set 2 with Template 256 and no fields.
  const withdrawal = Buffer.concat([appendixMessage.subarray(0, 16), Buffer.alloc(8)]);
  withdrawal.writeUInt16BE(24, 2);
  withdrawal.writeUInt16BE(2, 16);
  withdrawal.writeUInt16BE(8, 18);
  withdrawal.writeUInt16BE(256, 20);
  const data = Buffer.concat([appendixMessage.subarray(0, 16), Buffer.alloc(4 + 21)]);
  data.writeUInt16BE(data.length, 2);
  data.writeUInt16BE(256, 16);
  data.writeUInt16BE(4 + 21, 18);
  const counted = async (...parts: Buffer[]) => {
    const file = written('withdrawn.ipfix', ...parts);
    const { stdout } = await read([file], ['--format', 'none', '--summary-json']);
    return linesOf(stdout)[0];
  };
  expect(await counted(appendixMessage, data)).toMatchObject({ dataRecords: 4, unknownSets: 0 });
  const after = await counted(appendixMessage, withdrawal, data);
  expect(after).toMatchObject({ dataRecords: 3, unknownSets: 1 });
});

describe('a file that is not whole', () => {
  test('is read to where it breaks off, which is reported; the exit code is 65', async () => {
    const { code, stdout, stderr } = await read([torn, whole]);
    expect(code).toBe(65);
    expect(linesOf(stdout)).toHaveLength(15);
    expect(stderr).toContain(
      `${torn}: octet 152: the file ends inside a Message: 100 of 152 octets are there`,
    );
  });

  test('is read on behind what is no Message', async () => {
    const { code, stdout, stderr } = await read([mixed]);
    expect(code).toBe(65);
    expect(linesOf(stdout)).toHaveLength(10);
    expect(stderr).toContain(
      `${mixed}: octet 152: this is not the beginning of a Message: Version is 26465`,
    );
    expect(stderr).toContain('; 7 octets skipped');
  });

  test('may have a Message that is malformed inside: its place is reported', async () => {
    const bad = Buffer.from(appendixMessage);
    bad.writeUInt16BE(3, 18);
    const file = written('bad.ipfix', appendixMessage, bad, appendixMessage);
    const { code, stdout, stderr } = await read([file]);
    expect(code).toBe(65);
    expect(linesOf(stdout)).toHaveLength(10);
    expect(stderr).toContain(`${file}: octet 152: in Set 2 at octet 16: Length is 3`);
  });
});

test.each([
  [['collect', '--read', join(folder, 'none.ipfix')], 'ENOENT'],
  [['collect', '--read', folder], 'it is a folder; name its files'],
  [['collect', '--read', whole, '--listen', '127.0.0.1:0'], "cannot be used with option '--listen"],
  [['collect', '--read', whole, '--pcap', 'x.pcap'], "cannot be used with option '--pcap"],
])('%j is refused with exit code 78', async (args, words) => {
  const { code, stderr } = await runCommand(args, { env: {} });
  expect(code).toBe(78);
  expect(stderr).toContain(words);
});
