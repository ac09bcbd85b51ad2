// nfcapd receives what the stage sends, nfdump reads it back: all flows there, no sequence error.

import { afterEach, expect, test } from 'vitest';
import { Recorder } from '../support/fakes/recorder.ts';
import { killStages } from '../support/processes/stage-process.ts';
import { describeWithTools } from '../support/processes/tools.ts';
import { expectUnbrokenSequence, generatedFlows } from './flows.ts';
import { type Nfcapd, startNfcapd } from './nfcapd.ts';
import { lineOfEvent, lineOfNfdump, multisetDifferences } from './nfdump-flows.ts';
import { exportByProcesses } from './processes.ts';

const seed = 20_260_102;
const count = 10_000;
const differencesShown = 20;
const oneProcess = { domainBases: [1], workers: 1 };
const twoProcesses = { domainBases: [1, 101], workers: 2 };

describeWithTools('10,000 flows kept by nfcapd', ['nfcapd', 'nfdump'], (brokers) => {
  let nfcapd: Nfcapd | undefined;
  let recorder: Recorder | undefined;

  afterEach(async () => {
    killStages();
    nfcapd?.remove();
    await recorder?.close();
  });

  test('are all there with one process of one Worker', async () => {
    nfcapd = await startNfcapd();
    const { collector } = nfcapd;
    await exportByProcesses({ brokers, collector, seed, count, ...oneProcess });
    await expectAllFlows(nfcapd, [1]);
  });

  test('are all there with two processes of one group and two Workers each', async () => {
    nfcapd = await startNfcapd();
    const { collector } = nfcapd;
    await exportByProcesses({ brokers, collector, seed, count, ...twoProcesses });
    await expectAllFlows(nfcapd, [1, 2, 101, 102]);
  });

  test('come from those two processes with unbroken Sequence Numbers', async () => {
    recorder = await Recorder.listen();
    const { collector } = recorder;
    await exportByProcesses({ brokers, collector, seed, count, ...twoProcesses });
    await recorder.close();
    expectUnbrokenSequence(recorder);
    expect(recorder.records()).toHaveLength(count);
  });
});

async function expectAllFlows(nfcapd: Nfcapd, observationDomains: number[]): Promise<void> {
  const { log, ...summary } = await nfcapd.stop();
  expect(summary, log).toEqual({
    flows: count,
    sequenceErrors: 0,
    badPackets: 0,
    observationDomains,
    kernelDrops: 0,
  });
  // It tells each fault by itself too, as in "Process_ipfix: … sequence failure".
  const faults = log.split('\n').filter((line) => /fail|error(?!s: 0)|unknown|skip/i.test(line));
  expect(faults).toEqual([]);
  const wanted = generatedFlows(seed, count).map(lineOfEvent);
  const seen = (await nfcapd.flows()).map(lineOfNfdump);
  expect(multisetDifferences(wanted, seen).slice(0, differencesShown)).toEqual([]);
}
