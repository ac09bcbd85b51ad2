// `validate` as its user sees it: what will be exported, computed without a connection.

import { expect, test } from 'vitest';
import { runCommand } from '../support/processes/command-line.ts';

const env = {
  KAFKA_BROKERS: 'kafka.invalid:9092',
  KAFKA_TOPICS: 'flows',
  KAFKA_GROUP_ID: 'kafka2ipfix',
  COLLECTORS: 'ipfix://127.0.0.1:4739',
};

/** The rows of the table under a heading, each as its cells. */
function rowsUnder(heading: string, stdout: string): string[][] {
  const lines = stdout.split('\n');
  const from = lines.indexOf(heading) + 2;
  const to = lines.indexOf('', from);
  return lines.slice(from, to).map((line) => line.trim().split(/ {2,}/));
}

test('shows each field with its elements, octets and what null becomes', async () => {
  const { code, stdout, stderr } = await runCommand(['validate'], { env });
  expect([code, stderr]).toEqual([0, '']);
  const rows = rowsUnder('Fields by the "ipfix" attribute', stdout);
  expect(rows).toContainEqual(['octets', 'octetDeltaCount', 'unsigned64', '8']);
  expect(rows).toContainEqual(['flowStart', 'flowStartMilliseconds', 'dateTime ms', '8', 'ms']);
  expect(rows).toContainEqual(['sourceAddress', 'sourceIPv4Address', 'ipv4Address', '4']);
  expect(rows).toContainEqual(['sourceIPv6Address', 'ipv6Address', '16']);
  expect(stdout).toMatch(/^0: tcpFlags,[^:]* sourceAs,/m);
  expect(stdout).toMatch(/^omitted \(device\):[^:]* samplingRate$/m);
  expect(stdout).toContain('The configuration is valid.\n');
  // Plain text off a terminal, and no wider than one.
  expect(stdout).not.toContain('\u001b');
  const lines = stdout.split('\n').filter((line) => !line.startsWith('warning: flows: no broker'));
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
});

test('shows the Templates with octets per record and records per Message', async () => {
  const { stdout } = await runCommand(['validate'], { env: { ...env, PATH_MTU: '1500' } });
  const rows = rowsUnder('Templates', stdout);
  expect(rows).toHaveLength(8);
  for (const [id, , octets, records] of rows) {
    expect(Number(id)).toBeGreaterThanOrEqual(256);
    const least = Number(/^from (\d+)$/.exec(octets!)![1]);
    // 1500 less 28 for IPv4 and UDP, 16 and 4 for the Message's and the Set's header.
    expect(records).toBe(`up to ${Math.floor(1452 / least)}`);
  }
});

test('shows the range of Observation Domains', async () => {
  const settings = { WORKERS: '4', OBSERVATION_DOMAIN_ID: '257' };
  const { stdout } = await runCommand(['validate'], { env: { ...env, ...settings } });
  expect(stdout).toMatch(/^Observation Domains +257 to 260$/m);
});

test('warns of a misspelt variable, and of a collector that does not resolve here', async () => {
  const settings = { COLLECTORS: 'ipfix://collector.invalid', FLUSH_INTERVALL: '1s' };
  const { code, stdout } = await runCommand(['validate'], { env: { ...env, ...settings } });
  expect(code).toBe(0);
  expect(stdout).toContain('warning: FLUSH_INTERVALL: is not a setting');
  expect(stdout).toContain('did you mean FLUSH_INTERVAL?');
  expect(stdout).toContain('warning: COLLECTORS: collector.invalid does not resolve (');
  expect(stdout).toMatch(/^Path MTU +512 octets/m);
});

test('says where files go, and that their folder is not there', async () => {
  const settings = { ...env, COLLECTORS: 'file:/tmp/flows.ipfix', PATH_MTU: '1500' };
  const { code, stdout } = await runCommand(['validate'], { env: settings });
  expect(code).toBe(0);
  expect(stdout).toContain('warning: PATH_MTU: does not apply to files; it is ignored\n');
  expect(stdout).toContain('file:/tmp/flows.ipfix: Messages of at most 65535 octets\n');
  const nowhere = { ...settings, COLLECTORS: 'file:/nowhere/flows.ipfix' };
  const { code: refused, stderr } = await runCommand(['validate'], { env: nowhere });
  expect(refused).toBe(78);
  expect(stderr).toContain(
    'COLLECTORS: the folder /nowhere cannot be written to (ENOENT); create it',
  );
  expect((await runCommand(['run'], { env: nowhere })).code).toBe(78);
});
