// Runs in a network of its own: while the stage sends, the link's MTU falls. Standard output is a
// FallingMtuReport as JSON. Argument: the file of flow events.

import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Recorder } from '../support/fakes/recorder.ts';
import { startStage } from '../support/processes/stage-process.ts';
import { type Fragments, fragmentsCreated } from './fragments.ts';

export interface FallingMtuRun {
  readonly code: number | null;
  readonly records: number;
  /** Of different flowIds. */
  readonly flows: number;
  readonly splitMessages: number;
  /** The longest Message before the MTU fell, and the longest of the last hundred. */
  readonly octetsMax: readonly [number, number];
  readonly fragments: Fragments;
  readonly sequence: number;
}

export type FallingMtuReport = Readonly<Record<'ipv4' | 'ipv6', FallingMtuRun>>;

const report: FallingMtuReport = { ipv4: await run('127.0.0.1'), ipv6: await run('::1') };
process.stdout.write(JSON.stringify(report));

async function run(host: string): Promise<FallingMtuRun> {
  setMtu(1500);
  const recorder = await Recorder.listen({ host });
  const before = fragmentsCreated();
  const stage = await startStage({
    INPUT_FILE: process.argv[2] ?? '',
    // node:dgram is told nothing by a router: there it fragments, as docs/promise.md says.
    UDP_SENDER: 'batch',
    COLLECTORS: recorder.collector,
    EXPORT_RATE_LIMIT: '20000',
  });
  while (recorder.datagrams.length < 100) await sleep(10);
  setMtu(1300);
  const { code } = await stage.exited;
  await recorder.close();
  const after = fragmentsCreated();
  const lengths = recorder.datagrams.map(({ octets }) => octets.length);
  const ended = stage.lines().find(({ msg }) => msg === 'ended');
  const { splitMessages } = ended?.['sent'] as { splitMessages: number };
  const ids = recorder.records().map(({ values }) => {
    return Number(values.find(({ element }) => element.name === 'flowId')?.value);
  });
  return {
    ...{ code, splitMessages, records: ids.length, flows: new Set(ids).size },
    octetsMax: [Math.max(...lengths.slice(0, 100)), Math.max(...lengths.slice(-100))],
    fragments: { ipv4: after.ipv4 - before.ipv4, ipv6: after.ipv6 - before.ipv6 },
    sequence: missingRecords(recorder),
  };
}

function missingRecords(recorder: Recorder): number {
  let next = 0;
  let missing = 0;
  for (const { sequenceNumber, records } of recorder.messages()) {
    missing += Math.abs(sequenceNumber - next);
    next = sequenceNumber + records.length;
  }
  return missing;
}

function setMtu(mtu: number): void {
  execFileSync('ip', ['link', 'set', 'lo', 'mtu', String(mtu)]);
}
