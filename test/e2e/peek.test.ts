// `validate` and `decode` look at a real topic: without a group, a commit, or a word to the collector.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import avro from 'avsc';
import { expect, onTestFinished, test } from 'vitest';
import { runCommand } from '../support/processes/command-line.ts';
import { startFakeRegistry } from '../support/fakes/fake-registry.ts';
import { confluent } from '../support/events/framed.ts';
import {
  createTopic,
  describeWithKafka,
  kafkaClient,
  produceMessages,
} from '../support/kafka/kafka.ts';

const schemaOf = (name: string, field: string) => ({
  type: 'record',
  name,
  fields: [
    { name: 'flowId', type: 'long' },
    { name: field, type: 'int' },
  ],
});
const schemas = [schemaOf('A', 'sourceTransportPort'), schemaOf('B', 'other')];
const types = schemas.map((schema) => avro.Type.forSchema(schema as avro.Schema));

async function groups(): Promise<string[]> {
  const admin = kafkaClient().admin();
  await admin.connect();
  const { groups: found } = await admin.listGroups();
  await admin.disconnect();
  return found.map(({ groupId }) => groupId).sort();
}

describeWithKafka('a look at a topic', (brokers) => {
  async function topicWith(ids: readonly number[]) {
    const registry = await startFakeRegistry();
    schemas.forEach((schema, id) => registry.schemas.set(id, { schema }));
    const topic = await createTopic(2);
    await produceMessages(
      topic,
      ids.map((id, i) => {
        const event = { flowId: i + 1, sourceTransportPort: 443, other: 7 };
        return { partition: i % 2, value: confluent(id, types[id]!.toBuffer(event)) };
      }),
    );
    const env = {
      KAFKA_BROKERS: brokers.join(','),
      KAFKA_TOPICS: topic,
      SCHEMA_REGISTRY_URL: registry.url,
    };
    return { registry, topic, env };
  }

  test('validate checks the schemas that the newest messages name', async () => {
    const { registry, env } = await topicWith([0, 0, 1, 0]);
    const more = { KAFKA_GROUP_ID: 'none', COLLECTORS: 'ipfix://127.0.0.1:4739' };
    const { code, stdout } = await runCommand(['validate'], { env: { ...env, ...more } });
    await registry.close();
    expect(code).toBe(0);
    expect(stdout).toContain('confluent, schema id 0');
    expect(stdout).toContain('confluent, schema id 1');
    expect(stdout).toContain('Ignored fields: other');
  });

  test('validate samples the values of the newest messages, and warns of a wrong unit', async () => {
    const schema = {
      ...{ type: 'record', name: 'T' },
      fields: [{ name: 'flowStartMilliseconds', type: 'long' }],
    };
    const type = avro.Type.forSchema(schema as avro.Schema);
    const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-peek-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'schema.avsc');
    writeFileSync(file, JSON.stringify(schema));
    const topic = await createTopic(1);
    await produceMessages(topic, [
      { partition: 0, value: type.toBuffer({ flowStartMilliseconds: 1_714_979_289 }) },
    ]);
    const env = {
      ...{ KAFKA_BROKERS: brokers.join(','), KAFKA_TOPICS: topic, KAFKA_GROUP_ID: 'none' },
      ...{ AVRO_SCHEMA_FILE: file, COLLECTORS: 'ipfix://127.0.0.1:4739' },
    };
    const { code, stdout } = await runCommand(['validate'], { env });
    expect(code).toBe(0);
    expect(stdout).toContain(`Sampled values       1 event of ${topic}`);
    expect(stdout).toContain('1714979289 is read as 1970-01-20T20:22:59.289, outside 1990 to 2100');
  });

  test('decode shows the newest or the oldest messages, and leaves no group behind', async () => {
    const { registry, topic, env } = await topicWith(Array.from({ length: 40 }, () => 0));
    const before = await groups();
    const seen = async (...args: string[]) => {
      const { code, stdout } = await runCommand(['decode', '-n', '3', '--json', ...args], { env });
      expect(code).toBe(0);
      return stdout
        .trim()
        .split('\n')
        .map(
          (line) => JSON.parse(line) as { partition: number; offset: number; records: object[] },
        );
    };
    const newest = await seen();
    const oldest = await seen('--oldest');
    const places = (lines: typeof newest) =>
      lines.map(({ partition, offset }) => [partition, offset]);
    const at = (...offsets: number[]) =>
      [0, 1].flatMap((p) => offsets.map((offset) => [p, offset]));
    expect(places(newest)).toEqual(at(17, 18, 19));
    expect(places(oldest)).toEqual(at(0, 1, 2));
    expect(oldest[0]!.records).toEqual([
      { templateId: expect.any(Number) as number, flowId: 1, sourceTransportPort: 443 },
    ]);
    expect(await groups()).toEqual(before);
    const gone = await runCommand(['decode'], { env: { ...env, KAFKA_TOPICS: `${topic}-not` } });
    await registry.close();
    expect(gone.code).not.toBe(0);
    expect(gone.stderr).toContain('create it, grant access, or correct KAFKA_TOPICS');
  });
});
