// Options Records as other programs take them: a process's statistics do not disturb the count that
// nfcapd keeps of its flows; tshark counts all of them and finds nothing wrong.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { writeFlowFile } from '../../src/generator/flow-file.ts';
import { runCommand } from '../support/processes/command-line.ts';
import { writePcap } from '../support/oracles/pcap.ts';
import { Recorder } from '../support/fakes/recorder.ts';
import { describeWithTools } from '../support/processes/tools.ts';
import { startNfcapd } from './nfcapd.ts';
import { readWithTshark } from './tshark.ts';

const count = 5_000;
const statistics = {
  EXPORT_STATISTICS: 'metering,metering-reliability,exporting-reliability',
  OPTIONS_REFRESH_INTERVAL: '100ms',
};
const ofTheFlows = {
  EXPORT_FLOW_KEYS: 'sourceAddress,destinationAddress,sourceTransportPort,protocolIdentifier',
  EXPORT_SAMPLING_RATE: '1000',
};

/** Exports so many flows within a second or so; several intervals of Options Records pass. */
async function exportTo(collector: string, settings: Record<string, string>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-options-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'flows.avro');
  await writeFlowFile({ output: file, seed: 17, count });
  const env = { COLLECTORS: collector, EXPORT_RATE_LIMIT: '5000', ...settings };
  const { code, stderr } = await runCommand(['run', '--input', file], { env });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return folder;
}

describeWithTools('Options Records', ['nfcapd', 'nfdump', 'tshark'], () => {
  test('of statistics, in domain 0, leave nfcapd all flows of their own domain', async () => {
    const nfcapd = await startNfcapd();
    onTestFinished(() => nfcapd.remove());
    await exportTo(nfcapd.collector, statistics);
    const { log, kernelDrops, ...summary } = await nfcapd.stop();
    const observationDomains = [0, 1];
    const expected = { flows: count, sequenceErrors: 0, badPackets: 0, observationDomains };
    expect(summary, `${kernelDrops} datagrams dropped; ${log}`).toEqual(expected);
  });

  test('of all kinds are read by tshark, which counts on from each to the next', async () => {
    const recorder = await Recorder.listen();
    onTestFinished(() => recorder.close());
    const folder = await exportTo(recorder.collector, { ...statistics, ...ofTheFlows });
    await recorder.close();
    const pcap = join(folder, 'options.pcap');
    writePcap(pcap, recorder.datagrams, { dstPort: recorder.port });
    const { records, complaints } = await readWithTshark(pcap, recorder.port);
    expect(complaints).toEqual([]);
    expect(records).toHaveLength(recorder.records().length);
    expect(recorder.records().filter(({ options }) => options).length).toBeGreaterThan(20);
  });
});
