// COLLECTORS=file:path: each file a Transport Session of its own, settled when it is on the disk.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  FileSender,
  filePath,
  type FileSenderOptions,
} from '../../../src/pipeline/sending/file-sender.ts';
import { IpfixFile } from '../../../src/pipeline/sending/ipfix-file.ts';
import type { SinkOptions } from '../../../src/pipeline/sending/sink.ts';
import { Decoder } from '../../../src/ipfix/decoder.ts';
import { flowEvent, originOf } from '../../support/events/flow-events.ts';
import { flowsIn, messagesIn, namesIn } from '../../support/oracles/ipfix-files.ts';
import { ManualClock } from '../../support/fakes/manual-clock.ts';
import { Stage } from '../../support/fakes/scripted-stage.ts';
import { metLater, ScriptedSession, seen, silent } from '../../support/fakes/scripted-session.ts';

let folder: string;
let clock: ManualClock;
/** Every file that was begun. */
let files: IpfixFile[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-file-sender-'));
  clock = new ManualClock();
  files = [];
  return () => rmSync(folder, { recursive: true });
});

interface Given {
  readonly file?: Partial<FileSenderOptions>;
  readonly sink?: Omit<Partial<SinkOptions>, 'clock'>;
}

async function started({ file, sink }: Given = {}): Promise<ScriptedSession> {
  const sender = new FileSender({
    path: join(folder, 'flows.ipfix'),
    observationDomainId: 257,
    rotateOctets: 2 ** 30,
    rotateIntervalMs: 300_000,
    syncs: true,
    clock,
    log: silent,
    create: async (paths, syncs) => {
      const created = await IpfixFile.create(paths, syncs);
      files.push(created);
      return created;
    },
    ...file,
  });
  const session = new ScriptedSession({ clock, sender, ...sink });
  onTestFinished(() => session.sink.close());
  return session.start();
}

/** As `ScriptedSession.trace`, of a file: Templates with their Sequence Number, else the Frame's. */
const traceOf = (name: string): string =>
  messagesIn(folder, name)
    .map((octets) => seen({ octets, atMs: 0, outcome: 'taken' }))
    .map(({ kind, ids, sequenceNumber, frame }) =>
      kind === 'templates' ? `T${sequenceNumber}[${ids.join(',')}]` : `${frame}@${sequenceNumber}`,
    )
    .join(' ');

const start = '20260801T120000Z';
const name = (number: number, at = start) => `flows-${at}-d257-00000${number}.ipfix`;
const part = (number: number, at = start) => `${name(number, at)}.part`;

async function untilWritten(count: number): Promise<void> {
  await vi.waitFor(() => {
    const written = namesIn(folder).flatMap((one) => messagesIn(folder, one));
    expect(written.filter((octets) => octets.readUInt16BE(16) > 2)).toHaveLength(count);
  });
}

async function settledAll(session: ScriptedSession, frames: number): Promise<void> {
  await vi.waitFor(async () => {
    await clock.advance(100);
    expect(session.settledFrames).toHaveLength(frames);
  });
}

/** A limit on liveness only. */
const onABusyMachine = { timeout: 30_000 };

describe('a file', () => {
  test('begins with the Templates, sent once, and counts its Data Records from 0', async () => {
    const session = await started();
    expect(namesIn(folder)).toEqual([]);
    for (const records of [3, 5, 1]) session.transmit(records);
    await untilWritten(3);
    expect(namesIn(folder)).toEqual([part(1)]);
    expect(traceOf(part(1))).toBe('T0[256] 0@0 1@3 2@8');
  });

  test('gets a Template met later before its first record, and none again by time', async () => {
    const session = await started({ sink: { templateRefreshIntervalMs: 1000 } });
    session.transmit(2);
    await untilWritten(1);
    await clock.advance(5000);
    session.transmit(1, metLater);
    session.transmit(1);
    await untilWritten(3);
    expect(traceOf(part(1))).toBe('T0[256] 0@0 T2[300] 1@2 2@3');
  });

  test('gets its name in a clean end, before all is settled, and keeps .part in any other', async () => {
    const session = await started();
    session.transmit(1);
    session.sink.end();
    await vi.waitFor(async () => {
      await clock.advance(10);
      expect(session.isCompleted).toBe(true);
    }, onABusyMachine);
    expect(namesIn(folder)).toEqual([name(1)]);

    const cut = await started();
    cut.transmit(1);
    await vi.waitFor(() => expect(namesIn(folder)).toHaveLength(2), onABusyMachine);
    cut.sink.close();
    expect(namesIn(folder)[1]).toMatch(/\.part$/);
  });

  test('is never one that was there: finished or not, its number is passed over', async () => {
    writeFileSync(join(folder, name(1)), 'finished');
    writeFileSync(join(folder, part(2)), 'being written');
    const session = await started();
    session.transmit(1);
    await vi.waitFor(() => expect(namesIn(folder)).toEqual([name(1), part(2), part(3)]));
  });

  test('is named by the stem, start, domain and number, before the extension', () => {
    const startS = Date.UTC(2026, 6, 1, 12, 5, 9) / 1000;
    expect(filePath('/a/flows.ipfix', startS, 1, 1)).toBe(
      '/a/flows-20260701T120509Z-d1-000001.ipfix',
    );
    expect(filePath('flows', startS, 4_294_967_295, 1_234_567)).toBe(
      'flows-20260701T120509Z-d4294967295-1234567',
    );
  });
});

describe('the next file', () => {
  test('comes before one would be too long, and can be read for itself', async () => {
    const rotateOctets = 24 + 4 + 3 * 100;
    const session = await started({ file: { rotateOctets } });
    for (let i = 0; i < 8; i += 1) session.transmit(10, i % 2 ? metLater : undefined);
    await untilWritten(8);
    expect(namesIn(folder)).toEqual([name(1), name(2), name(3), part(4)]);
    expect([1, 2, 3].map((number) => traceOf(name(number)))).toEqual([
      'T0[256,300] 0@0 1@10',
      'T0[256,300] 2@0 3@10',
      'T0[256,300] 4@0 5@10',
    ]);
    for (const number of [1, 2, 3]) {
      const octets = messagesIn(folder, name(number)).reduce((sum, { length }) => sum + length, 0);
      expect(octets).toBeLessThanOrEqual(rotateOctets);
    }
  });

  test('begins although one Message alone is longer than a file may be', async () => {
    const session = await started({ file: { rotateOctets: 50 } });
    for (let i = 0; i < 3; i += 1) session.transmit(20);
    await untilWritten(3);
    expect(namesIn(folder)).toEqual([name(1), name(2), part(3)]);
  });

  test('gets Templates that were replaced while their records waited', async () => {
    const session = await started({ file: { rotateOctets: 100 } });
    session.transmit(8);
    session.transmit(8, metLater);
    for (let id = 1000; id < 1064; id += 1) session.templates.use({ ...metLater, id });
    await untilWritten(2);
    const last = messagesIn(folder, part(2)).map((octets) =>
      seen({ octets, atMs: 0, outcome: 'taken' }),
    );
    expect(last.at(-2)).toMatchObject({ kind: 'templates', ids: [300], sequenceNumber: 0 });
    expect(last.at(-1)).toMatchObject({ kind: 'data', ids: [300], sequenceNumber: 0 });
  });

  test('comes at a whole multiple of the interval, and with its first record', async () => {
    clock = new ManualClock({ epochS: Date.UTC(2026, 7, 1, 12, 3, 20) / 1000 });
    const session = await started();
    session.transmit(1);
    await untilWritten(1);
    await settledAll(session, 1);
    expect(namesIn(folder)).toEqual([part(1, '20260801T120320Z')]);
    await clock.advance(99_000 - clock.nowMs);
    expect(namesIn(folder)).toEqual([part(1, '20260801T120320Z')]);
    // Nothing more is written, and the file is finished no less.
    await clock.advance(1_000);
    await vi.waitFor(() => expect(namesIn(folder)).toEqual([name(1, '20260801T120320Z')]));
    await clock.advance(600_000);
    session.transmit(1);
    await vi.waitFor(() => {
      expect(namesIn(folder)).toEqual([name(1, '20260801T120320Z'), part(2, '20260801T121500Z')]);
    });
  });

  test('comes where the clock was set back: Export Times ascend in each', async () => {
    const session = await started();
    session.transmit(1);
    await untilWritten(1);
    vi.spyOn(clock, 'exportTimeS').mockReturnValue(clock.epochS - 1);
    session.transmit(1);
    await untilWritten(2);
    expect(namesIn(folder)).toEqual([part(2, '20260801T115959Z'), name(1)]);
  });
});

test('each file has the Options Records of its domain, numbered with the flows', async () => {
  const sender = new FileSender({
    path: join(folder, 'flows.ipfix'),
    observationDomainId: 257,
    rotateOctets: 2 ** 30,
    rotateIntervalMs: 300_000,
    syncs: true,
    clock,
    log: silent,
  });
  const stage = new Stage({
    ...{ clock, sender, optionsRefreshIntervalMs: 3_600_000 },
    domainOptions: { flowKeys: ['sourceAddress'], elementTypes: false, samplingRate: undefined },
  });
  onTestFinished(() => stage.stop());
  await stage.start();
  const origin = originOf();
  for (const flowId of [1, 2]) {
    stage.deliver([flowEvent({ flowId })], origin);
    await vi.waitFor(async () => {
      await clock.advance(500);
      expect(stage.worker.ledger.account.exported).toBe(flowId);
    });
    await clock.advance(300_000);
    await vi.waitFor(() => expect(namesIn(folder).filter(isFinished)).toHaveLength(flowId));
  }
  const { times, faults } = flowsIn(folder, ({ options }) => !options);
  expect([[...times], faults]).toEqual([
    [
      [1, 1],
      [2, 1],
    ],
    [],
  ]);
  for (const file of namesIn(folder)) {
    const decoder = new Decoder();
    const records = messagesIn(folder, file).flatMap((octets) => decoder.decode(octets).records);
    expect(records.filter(({ options }) => options).length).toBeGreaterThan(0);
    expect(records.filter(({ options }) => !options)).toHaveLength(1);
  }
});

const isFinished = (file: string): boolean => file.endsWith('.ipfix');

const errno = (code: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`${code}: as the test has it`), { code });

describe('settled', () => {
  test('is what the disk has: not before its sync, and then all that was written before it', async () => {
    const session = await started();
    session.transmit(1);
    await untilWritten(1);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const sync = vi.spyOn(files[0]!, 'sync').mockReturnValue(promise);
    session.transmit(1);
    await untilWritten(2);
    await clock.advance(5000);
    expect([sync.mock.calls.length, session.settledFrames]).toEqual([1, []]);
    resolve(undefined);
    await settledAll(session, 2);
  });

  test('is nothing of a file that would not sync: all of it goes into the next one', async () => {
    const session = await started();
    session.transmit(1);
    await untilWritten(1);
    await settledAll(session, 1);
    vi.spyOn(files[0]!, 'sync').mockRejectedValue(errno('EIO'));
    session.transmit(4);
    session.transmit(5);
    await untilWritten(3);
    await vi.waitFor(async () => {
      await clock.advance(50);
      expect(namesIn(folder)).toHaveLength(2);
      expect(session.settledFrames).toEqual([0, 1, 2]);
    });
    // What was known to be on the disk is kept, and no more.
    expect(namesIn(folder)[0]).toBe(name(1));
    expect(traceOf(namesIn(folder)[0]!)).toBe('T0[256] 0@0');
    expect(traceOf(namesIn(folder)[1]!)).toBe('T0[256] 1@0 2@4');
    expect(session.sink.counts.refusals).toBe(1);
  });

  test('is nothing of a file that would not sync at its end either', async () => {
    const session = await started({ file: { rotateOctets: 150 } });
    session.transmit(10);
    await untilWritten(1);
    vi.spyOn(files[0]!, 'finish').mockRejectedValue(errno('ENOSPC'));
    session.transmit(10);
    await vi.waitFor(async () => {
      await clock.advance(50);
      expect(session.settledFrames).toEqual([0, 1]);
    });
    const all = namesIn(folder).flatMap((one) => messagesIn(folder, one));
    const frames = all.map((octets) => seen({ octets, atMs: 0, outcome: 'taken' }).frame);
    expect(frames.filter((frame) => frame >= 0)).toEqual([0, 1]);
  });

  test('without sync is what the kernel has', async () => {
    const session = await started({ file: { syncs: false } });
    session.transmit(1);
    await untilWritten(1);
    await settledAll(session, 1);
    // Where it cannot get its name, what was settled stays in it all the same.
    mkdirSync(join(folder, name(1)));
    session.sink.end();
    await vi.waitFor(() => expect(session.isCompleted).toBe(true));
    expect(traceOf(part(1))).toBe('T0[256] 0@0');
  });
});

describe('a disk that takes nothing', () => {
  test('is tried again, logged every ten seconds, and nothing newer overtakes', async () => {
    const lines: string[] = [];
    const log = pino({ base: null }, { write: (line: string) => void lines.push(line) });
    const session = await started({ sink: { log } });
    session.transmit(1);
    await untilWritten(1);
    await settledAll(session, 1);
    const append = vi.spyOn(files[0]!, 'append').mockRejectedValue(errno('ENOSPC'));
    session.transmit(2);
    session.transmit(3);
    for (let second = 0; second < 25; second += 1) await clock.advance(1000);
    expect(append.mock.calls.length).toBeGreaterThan(20);
    expect(session.settledFrames).toEqual([0]);
    const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(told).toHaveLength(3);
    expect(told[0]).toMatchObject({
      code: 'COLLECTOR_STALLED',
      error: 'ENOSPC',
      reason: 'the file cannot be written (ENOSPC: as the test has it)',
      collector: `file:${join(folder, 'flows.ipfix')}`,
    });
    append.mockRestore();
    await settledAll(session, 3);
    expect(traceOf(part(1))).toBe('T0[256] 0@0 1@1 2@3');
  });

  test('takes no number from the file that cannot be begun', async () => {
    let full = true;
    const create: typeof IpfixFile.create = (paths, syncs) => {
      if (!full) return IpfixFile.create(paths, syncs);
      for (const _ of paths) return Promise.reject(errno('ENOSPC'));
      throw new Error('no path');
    };
    const session = await started({ file: { create } });
    session.transmit(1);
    await clock.advance(3000);
    full = false;
    await settledAll(session, 1);
    expect(namesIn(folder)[0]).toMatch(/-000001\.ipfix\.part$/);
  });

  test('that is misused by ourselves ends the process', async () => {
    const session = await started();
    session.transmit(1);
    await untilWritten(1);
    vi.spyOn(files[0]!, 'append').mockRejectedValue(errno('EBADF'));
    session.transmit(1);
    await vi.waitFor(() => expect(session.error).toMatchObject({ code: 'SEND_FAILED' }));
  });
});
