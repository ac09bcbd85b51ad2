// bin/kafka2ipfix.js where the Node.js that starts it is too old: the npm package `node` of the same project
// takes over. The old Node.js is this one under another version number; the package is a shell script.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const checkout = join(import.meta.dirname, '..', '..');
const oldVersion =
  "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.0.0' } });";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-node-'));
  cpSync(join(checkout, 'bin'), join(folder, 'node_modules/kafka2ipfix/bin'), { recursive: true });
  writeFileSync(join(folder, 'node_modules/kafka2ipfix/package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'old.cjs'), oldVersion);
});
afterEach(() => rmSync(folder, { recursive: true }));

function installNode(version: string): void {
  const place = join(folder, 'node_modules/node');
  mkdirSync(join(place, 'bin'), { recursive: true });
  writeFileSync(join(place, 'package.json'), JSON.stringify({ name: 'node', version }));
  const script = '#!/bin/sh\nshift\necho "started with: $*"\nexit 7\n';
  writeFileSync(join(place, 'bin/node'), script, { mode: 0o755 });
}

function startWithOldNode(...words: string[]) {
  const program = join(folder, 'node_modules/kafka2ipfix/bin/kafka2ipfix.js');
  const line = ['--require', join(folder, 'old.cjs'), program, ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, line, { encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('the package node of the same project runs the program, and its exit code is passed on', () => {
  installNode('26.10.0');
  const ending = startWithOldNode('run', '--input', 'flows.avro');
  expect(ending).toEqual({
    status: 7,
    stdout: 'started with: run --input flows.avro\n',
    stderr: '',
  });
});

test.each([['none'], ['20.20.2']])(
  'without a package node that is new enough (%s), the error names both versions and what to install',
  (version) => {
    if (version !== 'none') installNode(version);
    const { status, stdout, stderr } = startWithOldNode('run');
    expect({ status, stdout }).toEqual({ status: 78, stdout: '' });
    expect(stderr).toMatch(/needs Node\.js 26 or newer; this is 20\.0\.0 .*npm install node@26/);
  },
);
