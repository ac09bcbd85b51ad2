// A collector that is killed with datagrams unread: what lay in its queue is told apart from what the
// stage owes. Needs Python, for a socket that is bound and not read.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../demo/broker/free-port.ts';
import { writeFlowFile } from '../../src/generator/flow-file.ts';
import { Decoder } from '../../src/ipfix/decoder.ts';
import { Recorder } from '../support/fakes/recorder.ts';
import { untilSaid } from '../support/processes/said.ts';
import { startStage } from '../support/processes/stage-process.ts';

const count = 15_000;
const host = '127.0.0.1';
const file = join(import.meta.dirname, '..', 'support', 'processes', 'unread-collector.py');
const isThere = process.platform === 'linux' && spawnSync('python3', ['--version']).status === 0;
const name = 'what lay unread in a killed collector is lost, but for the window; all else arrives';

test.runIf(isThere)(isThere ? name : `${name} (needs Linux and python3)`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-unread-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const flowFile = join(folder, 'flows.avro');
  await writeFlowFile({ output: flowFile, seed: 20_260_107, count });
  const port = await freePort(host);
  const collector = spawn('python3', [file, String(port)], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void collector.kill('SIGKILL'));
  await once(collector.stdout, 'readable');
  const stage = await startStage({
    INPUT_FILE: flowFile,
    COLLECTORS: `ipfix://${host}:${port}`,
    EXPORT_RATE_LIMIT: '5000',
  });
  await untilSaid(stage, /^starting$/);
  // Some of it has left and is settled, however slow the machine is.
  const exported = () =>
    Math.max(
      0,
      ...stage
        .lines()
        .filter(({ msg }) => msg === 'account')
        .map(({ account }) => (account as { exported: number }).exported),
    );
  while (exported() < 1_000) {
    await sleep(200);
    stage.kill('SIGUSR1');
  }
  const unread = await unreadOf(collector);
  await untilSaid(stage, /collector refuses/);
  const recorder = await Recorder.listen({ host, port });
  onTestFinished(() => recorder.close());
  expect((await stage.exited).code).toBe(0);
  await recorder.close();

  const received = idsIn(recorder.datagrams.map(({ octets }) => octets));
  const all = Array.from({ length: count }, (_, i) => i + 1);
  const missing = all.filter((id) => !received.has(id));
  const again = [...unread].filter((id) => received.has(id)).length;
  console.log(`${unread.size} events unread, ${again} of them sent again, ${missing.length} lost`);
  expect(missing.length).toBeGreaterThan(0);
  expect(missing.filter((id) => !unread.has(id))).toEqual([]);
  expect(missing.length).toBe(unread.size - again);
  expect(recorder.messages().flatMap(({ unknownSets }) => unknownSets)).toEqual([]);
  // The numbers tell it: those of the lost ones come before the first that arrived.
  expect(recorder.sequence()).toMatchObject({ missingRecords: 0 });
  const data = recorder.messages().filter(({ records }) => records.length > 0);
  expect(Math.min(...data.map(({ sequenceNumber }) => sequenceNumber))).toBe(missing.length);
  expect(stage.lines().find(({ msg }) => msg === 'ended')).toMatchObject({
    account: { exported: count },
  });
});

/** Ends it, and what it had not read. */
async function unreadOf(collector: ChildProcess): Promise<ReadonlySet<number>> {
  collector.stdin!.end();
  const lines = (await text(collector.stdout!)).split('\n').slice(0, -1);
  return idsIn(
    lines.filter((line) => line !== 'listening').map((line) => Buffer.from(line, 'hex')),
  );
}

function idsIn(datagrams: readonly Buffer[]): ReadonlySet<number> {
  const decoder = new Decoder();
  const records = datagrams.flatMap((octets) => decoder.decode(octets).records);
  return new Set(
    records.map(({ values }) =>
      Number(values.find(({ element }) => element.name === 'flowId')!.value),
    ),
  );
}
