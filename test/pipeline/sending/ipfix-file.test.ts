// One IPFIX file: whole Messages on the disk, or nothing of them. With a disk that is really full.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { FileSender } from '../../../src/pipeline/sending/file-sender.ts';
import { IpfixFile } from '../../../src/pipeline/sending/ipfix-file.ts';
import { messagesIn, namesIn } from '../../support/oracles/ipfix-files.ts';
import { ManualClock } from '../../support/fakes/manual-clock.ts';
import { ScriptedSession, seen, silent } from '../../support/fakes/scripted-session.ts';

const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-ipfix-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

const text = (words: string): Buffer => Buffer.from(words);

test('is NAME.part until it is finished, and is then NAME', async () => {
  const file = await IpfixFile.create([join(folder, 'a')], true);
  await file.append(text('first and more'), 5);
  await file.sync();
  await file.append(text('second'), 6);
  expect(readFileSync(join(folder, 'a.part'), 'utf8')).toBe('firstsecond');
  await file.finish();
  expect(namesIn(folder)).toEqual(['a']);
  expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('firstsecond');
});

test('takes the first name that is free', async () => {
  writeFileSync(join(folder, 'b1'), 'there');
  writeFileSync(join(folder, 'b2.part'), 'there');
  const paths = ['b1', 'b2', 'b3'].map((name) => join(folder, name));
  const file = await IpfixFile.create(paths, true);
  expect(file.path).toBe(paths[2]);
  await file.close();
  expect(namesIn(folder)).toEqual(['a', 'b1', 'b2.part', 'b3.part']);
  await expect(IpfixFile.create(paths, true)).rejects.toThrow('no name is left');
  await expect(IpfixFile.create([join(folder, 'none', 'c')], true)).rejects.toThrow('ENOENT');
});

test('that is given up keeps what was synced, and nothing that was not', async () => {
  const file = await IpfixFile.create([join(folder, 'd')], true);
  await file.append(text('kept'), 4);
  await file.sync();
  await file.append(text('gone'), 4);
  await file.abandon();
  expect(readFileSync(join(folder, 'd'), 'utf8')).toBe('kept');
  const empty = await IpfixFile.create([join(folder, 'e')], true);
  await empty.append(text('gone'), 4);
  await empty.abandon();
  expect(namesIn(folder).filter((name) => name.startsWith('e'))).toEqual([]);
});

/** A file system of 128 KiB of its own; undefined where this user may not mount one. */
function tinyDisk(): string | undefined {
  const disk = mkdtempSync(join(tmpdir(), 'kafka2ipfix-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', disk], { stdio: 'ignore' });
    return disk;
  } catch {
    rmSync(disk, { recursive: true });
    return undefined;
  }
}

const disk = tinyDisk();

describe.skipIf(disk === undefined)('a full disk (needs leave to mount one)', () => {
  let filler: string;

  beforeAll(() => {
    filler = join(disk!, 'filler');
    return () => {
      // Lazily: a file that is closed by now may not be known as closed.
      execFileSync('umount', ['--lazy', disk!]);
      rmSync(disk!, { recursive: true });
    };
  });

  test('has no Message in half, and gets all of them when there is room', async () => {
    writeFileSync(filler, Buffer.alloc(96 * 1024));
    const clock = new ManualClock();
    const sender = new FileSender({
      path: join(disk!, 'flows.ipfix'),
      observationDomainId: 1,
      rotateOctets: 2 ** 30,
      rotateIntervalMs: 3_600_000,
      syncs: true,
      clock,
      log: silent,
    });
    const append = vi.spyOn(IpfixFile.prototype, 'append');
    const session = new ScriptedSession({ clock, sender });
    onTestFinished(() => {
      session.sink.close();
      append.mockRestore();
    });
    await session.start();
    const count = 60;
    for (let i = 0; i < count; i += 1) session.transmit(150);
    const refused = async () => {
      const outcomes = append.mock.settledResults.map(({ type, value }) =>
        type === 'rejected' ? (value as NodeJS.ErrnoException).code : type,
      );
      await clock.advance(100);
      expect(outcomes.filter((outcome) => outcome === 'ENOSPC').length).toBeGreaterThan(5);
    };
    await vi.waitFor(refused, 10_000);

    const [, name = ''] = namesIn(disk!);
    expect(name).toMatch(/\.part$/);
    const framesIn = () =>
      messagesIn(disk!, name)
        .map((octets) => seen({ octets, atMs: 0, outcome: 'taken' }).frame)
        .filter((frame) => frame >= 0);
    // A try that is under way at this very moment may have its half Message in the file.
    const there = await vi.waitFor(() => framesIn().length);
    expect(there).toBeGreaterThan(10);
    expect(there).toBeLessThan(count);
    await clock.advance(5000);
    expect(Math.max(...session.settledFrames)).toBeLessThan(there);

    rmSync(filler);
    await vi.waitFor(async () => {
      await clock.advance(500);
      expect(session.settledFrames).toHaveLength(count);
    }, 10_000);
    expect(framesIn()).toEqual(Array.from({ length: count }, (_, i) => i));
  });
});
