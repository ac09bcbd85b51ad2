// Events of many schemas, and of one with fields that are null at random: tshark reads all of it.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import avro from 'avsc';
import { afterAll, afterEach, expect, test } from 'vitest';
import { Random } from '../../src/generator/random.ts';
import { type FakeRegistry, startFakeRegistry } from '../support/fakes/fake-registry.ts';
import { fastavroVectors } from '../support/oracles/fastavro-vectors.ts';
import { confluent } from '../support/events/framed.ts';
import { createTopic, produceMessages, uniqueGroup } from '../support/kafka/kafka.ts';
import { writePcap } from '../support/oracles/pcap.ts';
import { Recorder } from '../support/fakes/recorder.ts';
import { killStages, type Stage, startStage } from '../support/processes/stage-process.ts';
import { describeWithTools } from '../support/processes/tools.ts';
import { expectUnbrokenSequence, stageSettings, untilExported } from './flows.ts';
import { recordDifferences, shownField } from './tshark-fields.ts';
import { readWithTshark } from './tshark.ts';

const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-any-avro-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(killStages);

/** What tshark must show, by flowId. */
/** A number in text does not say what it counts: the schema does. */
function withUnit(schema: unknown): unknown {
  const { fields, ...rest } = schema as { fields: readonly { name: string; type: unknown }[] };
  const isText = ({ name, type }: (typeof fields)[number]) =>
    name === 'flowStartMilliseconds' && type === 'string';
  return {
    ...rest,
    fields: fields.map((field) => (isText(field) ? { ...field, ipfix: { unit: 's' } } : field)),
  };
}

type Expected = ReadonlyMap<string, ReadonlyMap<string, string>>;

async function expectShown(recorder: Recorder, expected: Expected): Promise<void> {
  const pcap = join(folder, 'received.pcap');
  writePcap(pcap, recorder.datagrams, { dstPort: recorder.port });
  const { records, complaints } = await readWithTshark(pcap, recorder.port);
  expect(complaints.slice(0, 20)).toEqual([]);
  const seen = new Set<string>();
  const wrong = records.flatMap((record) => {
    const id = record.get('cflow.flow_id') ?? 'none';
    const wanted = expected.get(id);
    if (!wanted || seen.has(id)) return [`flow ${id}: was never produced, or came twice`];
    seen.add(id);
    return recordDifferences(`flow ${id}`, wanted, record);
  });
  expect(wrong.slice(0, 20)).toEqual([]);
  expect(seen.size).toBe(expected.size);
}

describeWithTools('any Avro read by tshark', ['tshark'], (brokers) => {
  async function exported(
    topic: string,
    recorder: Recorder,
    env: Record<string, string>,
  ): Promise<Stage> {
    const group = uniqueGroup();
    const { collector } = recorder;
    const settings = stageSettings({ brokers, topic, group, collector });
    const stage = await startStage({ ...settings, EXPORT_RATE_LIMIT: '4000', ...env });
    await untilExported({ topic, group }, [stage]);
    return stage;
  }

  test('10,000 events of 1,000 schemas from a registry, encoded by fastavro', async () => {
    const registry: FakeRegistry = await startFakeRegistry();
    const expected = new Map<string, ReadonlyMap<string, string>>();
    const values = fastavroVectors().flatMap(({ schema, datums }, id) => {
      registry.schemas.set(id, { schema: withUnit(schema) });
      return datums.map(({ octets, shown }) => {
        expected.set(shown['cflow.flow_id']!, new Map(Object.entries(shown)));
        return confluent(id, Buffer.from(octets, 'base64'));
      });
    });
    const topic = await createTopic(4);
    await produceMessages(
      topic,
      values.map((value, i) => ({ value, partition: i % 4 })),
    );
    const recorder = await Recorder.listen();
    const stage = await exported(topic, recorder, { SCHEMA_REGISTRY_URL: registry.url });
    expect(await stage.stop()).toBe(0);
    await Promise.all([recorder.close(), registry.close()]);
    expect(registry.requests).toHaveLength(1_000);
    expectUnbrokenSequence(recorder);
    await expectShown(recorder, expected);
  });

  test('20 fields that are null at random: no event refused, at most MAX_TEMPLATES in use', async () => {
    const random = new Random(7);
    const upTo = (most: number) => () => random.integer(0, most);
    const time = () => 1_700_000_000_000 + random.integer(0, 1e9);
    const octets = (count: number) => () => Buffer.from(Array.from({ length: count }, upTo(255)));
    const nullable = [
      ['sourceAddress', 'sourceAddress', 'bytes', octets(4)],
      ['destinationAddress', 'destinationAddress', 'bytes', octets(4)],
      ['sourcePort', 'sourceTransportPort', 'int', upTo(65_535)],
      ['destinationPort', 'destinationTransportPort', 'int', upTo(65_535)],
      ['protocol', 'protocolIdentifier', 'int', upTo(255)],
      ['octets', 'octetDeltaCount', 'long', upTo(1e12)],
      ['packets', 'packetDeltaCount', 'long', upTo(1e9)],
      ['flowStart', 'flowStartMilliseconds', 'long', time],
      ['flowEnd', 'flowEndMilliseconds', 'long', time],
      ['tcpFlags', 'tcpControlBits', 'int', upTo(255)],
      ['ipClassOfService', 'ipClassOfService', 'int', upTo(255)],
      ['ingressInterface', 'ingressInterface', 'long', upTo(2 ** 32 - 1)],
      ['egressInterface', 'egressInterface', 'long', upTo(2 ** 32 - 1)],
      ['vlanId', 'vlanId', 'int', upTo(4095)],
      ['sourceAs', 'bgpSourceAsNumber', 'long', upTo(2 ** 32 - 1)],
      ['destinationAs', 'bgpDestinationAsNumber', 'long', upTo(2 ** 32 - 1)],
      ['flowDirection', 'flowDirection', 'int', upTo(1)],
      ['flowEndReason', 'flowEndReason', 'int', upTo(5)],
      ['sourceMac', 'sourceMacAddress', 'bytes', octets(6)],
      ['destinationMac', 'destinationMacAddress', 'bytes', octets(6)],
    ] as const;
    const schema = {
      type: 'record',
      name: 'Event',
      fields: [
        { name: 'id', type: 'long' },
        ...nullable.map(([name, , type]) => ({ name, type: ['null', type] })),
      ],
    };
    const mapping = {
      id: 'flowId',
      ...Object.fromEntries(nullable.map(([name, element]) => [name, element])),
    };
    const schemaFile = join(folder, 'nullable.avsc');
    const mappingFile = join(folder, 'nullable.json');
    writeFileSync(schemaFile, JSON.stringify(schema));
    writeFileSync(mappingFile, JSON.stringify({ topics: { '*': { fields: mapping } } }));
    const type = avro.Type.forSchema(schema as avro.Schema);
    const expected = new Map<string, ReadonlyMap<string, string>>();
    const messages = Array.from({ length: 5_000 }, (_, id) => {
      const shown = new Map([['cflow.flow_id', String(id)]]);
      const event: Record<string, unknown> = { id };
      for (const [name, , , make] of nullable) {
        event[name] = random.integer(0, 1) === 0 ? null : make();
        if (event[name] !== null) shown.set(...shownField(name, event[name]));
      }
      expected.set(String(id), shown);
      return { value: type.toBuffer(event), partition: id % 2 };
    });
    const topic = await createTopic(2);
    await produceMessages(topic, messages);
    const recorder = await Recorder.listen();
    const stage = await exported(topic, recorder, {
      AVRO_SCHEMA_FILE: schemaFile,
      MAPPING_FILE: mappingFile,
      MAX_TEMPLATES: '32',
      // An id rests for ten seconds then; tshark can read one that is given again by its older Template.
      TEMPLATE_REFRESH_INTERVAL: '2s',
    });
    const lastData = recorder.datagrams.length;
    await sleep(4_500);
    expect(await stage.stop()).toBe(0);
    await recorder.close();
    // No event comes any more: what is told again are the Templates in use.
    const told = recorder
      .messages()
      .slice(lastData)
      .flatMap(({ templates }) => templates);
    expect(new Set(told.map(({ templateId }) => templateId)).size).toBe(32);
    const ids = new Set(recorder.records().map(({ templateId }) => templateId));
    expect(ids.size).toBeGreaterThan(4_500);
    expectUnbrokenSequence(recorder);
    await expectShown(recorder, expected);
  });
});
