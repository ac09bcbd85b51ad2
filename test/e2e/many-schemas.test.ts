// Three writer schemas in one topic, another mapping in a second one, one process: every field of
// 100,000 events arrives as it was written.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import avro from 'avsc';
import { afterAll, afterEach, expect, test } from 'vitest';
import { startFakeRegistry } from '../support/fakes/fake-registry.ts';
import { confluent } from '../support/events/framed.ts';
import {
  createTopic,
  describeWithKafka,
  produceMessages,
  uniqueGroup,
} from '../support/kafka/kafka.ts';
import { Recorder } from '../support/fakes/recorder.ts';
import { killStages, startStage } from '../support/processes/stage-process.ts';
import { expectUnbrokenSequence, untilExported } from '../interop/flows.ts';
import { stageEnv } from '../support/processes/stage-env.ts';

const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-many-schemas-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(killStages);

/** An event as the test means it; each schema writes it in its own way. */
interface Meant {
  readonly id: number;
  readonly address: string;
  readonly port: number;
  readonly octets: number;
  readonly startMs: number;
  readonly as: number | null;
}

const meant = (id: number): Meant => ({
  id,
  address: `10.${(id >> 16) & 255}.${(id >> 8) & 255}.${id & 255}`,
  port: (id * 7) % 65_536,
  octets: id * 1_000_003,
  startMs: 1_700_000_000_000 + id * 17,
  as: id % 3 === 0 ? null : 64_512 + (id % 1_000),
});

const packed = (address: string) => Buffer.from(address.split('.').map(Number));

const record = (name: string, fields: object) => ({
  type: 'record',
  name,
  fields: Object.entries(fields).map(([field, type]) => ({ name: field, type: type as unknown })),
});

/** By registry id: the schema, and how it says an event. */
const writers: readonly { schema: object; write: (event: Meant) => object }[] = [
  {
    schema: record('V1', {
      flowId: 'long',
      sourceIPv4Address: 'bytes',
      sourceTransportPort: 'int',
      octetDeltaCount: 'long',
      flowStartMilliseconds: { type: 'long', logicalType: 'timestamp-millis' },
      bgpSourceAsNumber: ['null', 'long'],
    }),
    write: ({ id, address, port, octets, startMs, as }) => ({
      flowId: id,
      sourceIPv4Address: packed(address),
      sourceTransportPort: port,
      octetDeltaCount: octets,
      flowStartMilliseconds: startMs,
      bgpSourceAsNumber: as,
    }),
  },
  {
    schema: record('V2', {
      bgp_source_as_number: ['long', 'null'],
      flow_start_milliseconds: 'string',
      octet_delta_count: 'double',
      source_transport_port: 'string',
      note: { type: 'map', values: 'string' },
      SourceIPv4Address: 'string',
      flow_id: 'string',
    }),
    write: ({ id, address, port, octets, startMs, as }) => ({
      bgp_source_as_number: as,
      flow_start_milliseconds: new Date(startMs).toISOString(),
      octet_delta_count: octets,
      source_transport_port: String(port),
      note: { any: 'thing' },
      SourceIPv4Address: address,
      flow_id: String(id),
    }),
  },
  {
    schema: record('V3', {
      key: record('Key', {
        flowId: 'int',
        sourceIPv4Address: { type: 'fixed', name: 'A', size: 4 },
      }),
      more: ['null', 'string', 'long'],
      data: [
        'null',
        record('Data', {
          octetDeltaCount: 'long',
          sourceTransportPort: 'long',
          flowStartMilliseconds: { type: 'long', logicalType: 'timestamp-micros' },
          bgpSourceAsNumber: ['null', 'int'],
        }),
      ],
    }),
    write: ({ id, address, port, octets, startMs, as }) => ({
      key: { flowId: id, sourceIPv4Address: packed(address) },
      more: null,
      data: {
        octetDeltaCount: octets,
        sourceTransportPort: port,
        flowStartMilliseconds: startMs * 1000 + 999,
        bgpSourceAsNumber: as,
      },
    }),
  },
];

const plain = record('Plain', {
  n: 'long',
  src: 'string',
  sport: 'int',
  bits: 'long',
  begin: 'long',
  asn: 'long',
});

const mappingOf = (topic: string) => `
topics:
  ${topic}:
    framing: bare
    schema: ${join(folder, 'plain.avsc')}
    fields:
      n: flowId
      src: sourceAddress
      sport: sourceTransportPort
      bits: { element: octetDeltaCount, unit: bits }
      begin: { element: flowStartMilliseconds, unit: s }
      asn: { element: bgpSourceAsNumber, nullValues: -1 }
`;

const text = (value: unknown): string => String(value);

const perTopic = 50_000;

describeWithKafka('many schemas', (brokers) => {
  test('100,000 events arrive, every field as it was written', async () => {
    const registry = await startFakeRegistry();
    const types = writers.map(({ schema }, id) => {
      registry.schemas.set(id, { schema });
      return avro.Type.forSchema(schema as avro.Schema);
    });
    const mixed = Array.from({ length: perTopic }, (_, i) => {
      const which = (i * 7 + (i >> 3)) % 3;
      const value = confluent(which, types[which]!.toBuffer(writers[which]!.write(meant(i + 1))));
      return { value, partition: i % 4 };
    });
    const plainType = avro.Type.forSchema(plain as avro.Schema);
    const others = Array.from({ length: perTopic }, (_, i) => {
      const { id, address, port, octets, startMs, as } = meant(perTopic + i + 1);
      const begin = Math.floor(startMs / 1000);
      const event = { n: id, src: address, sport: port, bits: octets * 8, begin, asn: as ?? -1 };
      return { value: plainType.toBuffer(event), partition: i % 4 };
    });
    const [one, other] = [await createTopic(4), await createTopic(4)];
    await produceMessages(one, mixed);
    await produceMessages(other, others);
    writeFileSync(join(folder, 'plain.avsc'), JSON.stringify(plain));
    writeFileSync(join(folder, 'mapping.yaml'), mappingOf(other));
    const recorder = await Recorder.listen();
    const group = uniqueGroup();
    const stage = await startStage({
      ...stageEnv({ brokers, topic: `${one},${other}`, group, collector: recorder.collector }),
      COMMIT_INTERVAL: '200ms',
      EXPORT_RATE_LIMIT: '20000',
      SCHEMA_REGISTRY_URL: registry.url,
      MAPPING_FILE: join(folder, 'mapping.yaml'),
    });
    await untilExported({ topic: one, group }, [stage]);
    await untilExported({ topic: other, group }, [stage]);
    expect(await stage.stop()).toBe(0);
    await Promise.all([recorder.close(), registry.close()]);

    expectUnbrokenSequence(recorder);
    expect(registry.requests).toHaveLength(3);
    const wrong: unknown[] = [];
    const seen = new Set<number>();
    for (const { values } of recorder.records()) {
      const found = Object.fromEntries(values.map(({ element, value }) => [element.name, value]));
      const id = Number(found['flowId']);
      seen.add(id);
      const { address, port, octets, startMs, as } = meant(id);
      const ms = id > perTopic ? Math.floor(startMs / 1000) * 1000 : startMs;
      const wanted = {
        flowId: id,
        sourceIPv4Address: address,
        sourceTransportPort: port,
        octetDeltaCount: octets,
        flowStartMilliseconds: new Date(ms).toISOString().slice(0, -1),
        ...(as === null ? {} : { bgpSourceAsNumber: as }),
      };
      const isSame =
        Object.keys(found).length === Object.keys(wanted).length &&
        Object.entries(wanted).every(([name, value]) => text(found[name]) === text(value));
      if (!isSame) wrong.push({ found, wanted });
    }
    expect(wrong.slice(0, 3)).toEqual([]);
    expect(seen.size).toBe(2 * perTopic);
  });
});
