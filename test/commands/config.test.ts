// `config`: every setting as it is resolved, and no secret in anything that is said.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { settings } from '../../src/config/settings.ts';
import { runCommand } from '../support/processes/command-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-config-'));
afterAll(() => rmSync(folder, { recursive: true }));
const secretFile = join(folder, 'secret');
writeFileSync(secretFile, 'canary-in-a-file\n');

const env = {
  KAFKA_BROKERS: 'kafka:9092',
  KAFKA_TOPICS: 'flows',
  KAFKA_GROUP_ID: 'g',
  COLLECTORS: 'ipfix://192.0.2.1',
};
const registry = { SCHEMA_REGISTRY_URL: 'http://canary:canary@127.0.0.1:8081/path' };

test('shows each setting once, with where it came from', async () => {
  const { code, stdout } = await runCommand(['config'], { env: { ...env, WORKERS: '3' } });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^WORKERS=3 +# environment$/m);
  expect(stdout).toMatch(/^FLUSH_INTERVAL=500ms +# default$/m);
  expect(stdout).toMatch(/^# MAPPING_FILE is not set$/m);
  for (const name of Object.keys(settings)) expect(stdout).toContain(name);
  expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
});

test('is the same as JSON', async () => {
  const { stdout } = await runCommand(['config', '--json'], { env });
  expect(JSON.parse(stdout)).toMatchObject({
    KAFKA_TOPICS: { value: 'flows', from: 'environment' },
    WORKERS: { value: '1', from: 'default' },
    MAPPING_FILE: { value: null, from: 'unset' },
  });
});

test('tells faults after the settings', async () => {
  const { code, stdout, stderr } = await runCommand(['config'], { env: { ...env, WORKERS: 'x' } });
  expect(code).toBe(78);
  expect(stdout).toMatch(/^WORKERS=x +# environment$/m);
  expect(stderr).toContain('WORKERS: "x" is not a whole number');
});

describe('a secret', () => {
  const secrets: readonly [name: string, env: Record<string, string>][] = [
    ['in its variable', { SCHEMA_REGISTRY_TOKEN: 'canary' }],
    ['in a file', { SCHEMA_REGISTRY_TOKEN_FILE: secretFile }],
    ['of a pair', { SCHEMA_REGISTRY_USERNAME: 'u', SCHEMA_REGISTRY_PASSWORD_FILE: secretFile }],
    ['beside a fault of its own', { SCHEMA_REGISTRY_PASSWORD: 'canary' }],
    ['said twice', { SCHEMA_REGISTRY_TOKEN: 'canary', SCHEMA_REGISTRY_TOKEN_FILE: secretFile }],
  ];

  test.each(secrets)('%s is in nothing that is said', async (_, more) => {
    for (const args of [['config'], ['config', '--json'], ['validate', '--offline']]) {
      const { stdout, stderr } = await runCommand(args, { env: { ...env, ...registry, ...more } });
      expect(stdout + stderr).not.toContain('canary');
    }
  });

  test('is shown as ***, and in a URL too', async () => {
    const { stdout } = await runCommand(['config'], {
      env: { ...env, ...registry, SCHEMA_REGISTRY_TOKEN_FILE: secretFile },
    });
    expect(stdout).toMatch(/^SCHEMA_REGISTRY_TOKEN=\*\*\* +# file$/m);
    expect(stdout).toMatch(/^SCHEMA_REGISTRY_URL=http:\/\/\*\*\*@127\.0\.0\.1:8081\/path /m);
  });

  test('in a file that cannot be read, or is empty, is a fault', async () => {
    const empty = join(folder, 'empty');
    writeFileSync(empty, '\n');
    const said = async (file: string) => {
      const more = { ...registry, SCHEMA_REGISTRY_TOKEN_FILE: file };
      return (await runCommand(['config'], { env: { ...env, ...more } })).stderr;
    };
    expect(await said(empty)).toContain('SCHEMA_REGISTRY_TOKEN_FILE: ');
    expect(await said(empty)).toContain('is empty; write the secret into it');
    expect(await said(join(folder, 'none'))).toContain('cannot be read (ENOENT)');
  });
});
