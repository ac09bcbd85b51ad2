// The systemd unit: systemd itself finds no fault in it, and little that an attacker could use. It is
// not started here.

import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { settings } from '../../src/config/settings.ts';
import { readConfig } from '../../src/config/config.ts';
import { exitCode } from '../../src/exit-code.ts';
import { describeWithPrograms } from '../support/processes/tools.ts';

const file = join(import.meta.dirname, '..', '..', 'deploy', 'systemd', 'kafka2ipfix.service');
const unit = readFileSync(file, 'utf8');
const run = promisify(execFile);

/** Out of 10, by systemd's own weights: below 2 it says "OK". */
const exposureMax = 1.5;

const valuesOf = (directive: string): string[] =>
  Array.from(unit.matchAll(new RegExp(`^${directive}=(.*)$`, 'gm')), ([, value]) => value!);

describeWithPrograms('the unit', ['systemd-analyze'], () => {
  test('is without a fault for `systemd-analyze verify`', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-unit-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    // The program has to be where the unit says.
    const program = join(folder, 'kafka2ipfix');
    writeFileSync(program, '#!/bin/sh\n');
    chmodSync(program, 0o755);
    const copy = join(folder, 'kafka2ipfix.service');
    writeFileSync(copy, unit.replaceAll('/usr/bin/kafka2ipfix', program));
    const { stdout, stderr } = await run('systemd-analyze', ['verify', '--man=no', copy]);
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' });
  });

  test('has little exposure for `systemd-analyze security`', async () => {
    const threshold = String(exposureMax * 10);
    const options = ['--offline=true', '--no-pager', `--threshold=${threshold}`];
    const { stdout } = await run('systemd-analyze', ['security', ...options, file]);
    const [overall] = /Overall exposure level.*/.exec(stdout) ?? [];
    console.log(`systemd: ${overall}`);
    const [, score] = /: ([\d.]+) /.exec(overall ?? '') ?? [];
    expect(Number(score)).toBeLessThanOrEqual(exposureMax);
  });
});

test('sets only settings that exist', () => {
  const set = valuesOf('Environment').flatMap((line) => line.split(' '));
  const ofNode = ['NODE_ENV', 'NODE_OPTIONS'];
  const names = set.map((pair) => pair.split('=')[0]!).filter((name) => !ofNode.includes(name));
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => !(name in settings))).toEqual([]);
});

test('gives more time to stop than a drain takes by default', () => {
  const env = { INPUT_FILE: 'flows.avro', COLLECTORS: 'ipfix://192.0.2.1:4739' };
  const [seconds = ''] = valuesOf('TimeoutStopSec');
  expect(parseInt(seconds) * 1000).toBeGreaterThan(readConfig(env).config!.SHUTDOWN_TIMEOUT);
});

test('does not start again after what no start fixes', () => {
  const [codes = ''] = valuesOf('RestartPreventExitStatus');
  expect(codes.split(' ').map(Number)).toEqual([exitCode.badEvent, exitCode.config]);
});
