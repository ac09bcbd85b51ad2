// Wireshark's dissector reads what the stage sent: every field of every record is the event's.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FlowEvent } from '../../src/generator/flow-event.ts';
import { produceFlows } from '../../src/generator/produce-flows.ts';
import { createTopic, uniqueGroup } from '../support/kafka/kafka.ts';
import { writePcap } from '../support/oracles/pcap.ts';
import { type Datagram, Recorder } from '../support/fakes/recorder.ts';
import { killStages, startStage } from '../support/processes/stage-process.ts';
import { describeWithTools } from '../support/processes/tools.ts';
import { expectUnbrokenSequence, generatedFlows, stageSettings, untilExported } from './flows.ts';
import { differences, fieldNames, nullableFieldNames } from './tshark-fields.ts';
import { readWithTshark, type TsharkReading } from './tshark.ts';

const seed = 20_260_101;
const count = 10_000;
const differencesShown = 20;

describeWithTools('10,000 flows read by tshark', ['tshark'], (brokers) => {
  const events = generatedFlows(seed, count);
  let folder: string;
  let recorder: Recorder;
  let reading: TsharkReading;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-tshark-'));
    const topic = await createTopic(4);
    await produceFlows({ brokers, topic, seed, count });
    recorder = await Recorder.listen();
    const group = uniqueGroup();
    const { collector, port } = recorder;
    const stage = await startStage(stageSettings({ brokers, topic, group, collector }));
    await untilExported({ topic, group }, [stage]);
    expect(await stage.stop()).toBe(0);
    await recorder.close();
    reading = await read(recorder.datagrams, port);
  });
  afterAll(async () => {
    killStages();
    await recorder.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('have every field at least once null where it may be, and at least once set', () => {
    const onceNull = fieldNames.filter((name) => events.some((event) => event[name] === null));
    expect(onceNull).toEqual(nullableFieldNames);
    const neverSet = fieldNames.filter((name) => events.every((event) => event[name] === null));
    expect(neverSet).toEqual([]);
  });

  test('come each as one record in which every field equals the event', () => {
    expect(recordDifferences(events, reading.records).slice(0, differencesShown)).toEqual([]);
    expect(reading.records).toHaveLength(count);
  });

  test('give tshark nothing to complain about', () => {
    expect(reading.complaints.slice(0, differencesShown)).toEqual([]);
  });

  test('would be missed, were one datagram of them lost', async () => {
    const middle = Math.floor(recorder.datagrams.length / 2);
    const rest = recorder.datagrams.filter((_, index) => index !== middle);
    const { complaints, records } = await read(rest, recorder.port);
    expect(complaints).toEqual([expect.stringContaining('Unexpected flow sequence')]);
    expect(recordDifferences(events, records)).toContainEqual(
      expect.stringMatching(/^flow \d+: did not come$/),
    );
  });

  test('come with unbroken Sequence Numbers', () => {
    expectUnbrokenSequence(recorder);
    expect(recorder.records()).toHaveLength(count);
  });

  function read(datagrams: readonly Datagram[], dstPort: number): Promise<TsharkReading> {
    const pcap = join(folder, 'received.pcap');
    writePcap(pcap, datagrams, { dstPort });
    return readWithTshark(pcap, dstPort);
  }
});

function recordDifferences(
  events: readonly FlowEvent[],
  records: readonly ReadonlyMap<string, string>[],
): string[] {
  const eventById = new Map(events.map((event) => [String(event.flowId), event]));
  const seen = new Set<string>();
  const found = records.flatMap((record) => {
    const id = record.get('cflow.flow_id') ?? 'none';
    const event = eventById.get(id);
    if (!event) return [`flow ${id}: was never produced`];
    if (seen.has(id)) return [`flow ${id}: came more than once`];
    seen.add(id);
    return differences(event, record);
  });
  const missing = events.filter(({ flowId }) => !seen.has(String(flowId)));
  return [...found, ...missing.map(({ flowId }) => `flow ${flowId}: did not come`)];
}
