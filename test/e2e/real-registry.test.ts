// A registry of others: Apicurio's server, over its Confluent REST API, with the whole stage.

import avro from 'avsc';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from '../support/processes/command-line.ts';
import { type Apicurio, apicurioFolder, startApicurio } from './apicurio.ts';
import { confluent } from '../support/events/framed.ts';
import {
  createTopic,
  describeWithKafka,
  produceMessages,
  uniqueGroup,
} from '../support/kafka/kafka.ts';
import { Recorder } from '../support/fakes/recorder.ts';
import { killStages, startStage } from '../support/processes/stage-process.ts';
import { untilExported } from '../interop/flows.ts';
import { stageEnv } from '../support/processes/stage-env.ts';

afterEach(killStages);

const ends = {
  type: 'record',
  name: 'net.Ends',
  fields: [
    { name: 'sourceAddress', type: 'string' },
    { name: 'destinationAddress', type: 'string' },
  ],
};
const flow = {
  type: 'record',
  name: 'net.Flow',
  fields: [
    { name: 'id', type: 'long', ipfix: 'flowId' },
    { name: 'ends', type: 'net.Ends' },
    { name: 'octets', type: 'long', ipfix: 'octetDeltaCount' },
  ],
};
const plain = {
  type: 'record',
  name: 'net.Plain',
  fields: [
    { name: 'flowId', type: 'int' },
    { name: 'protocolIdentifier', type: 'int' },
  ],
};

const found = await apicurioFolder();

describeWithKafka('a real schema registry', (brokers) => {
  if ('unavailable' in found) {
    const required = process.env['REQUIRE_KAFKA'] === '1';
    const why = `no Apicurio: ${found.unavailable}`;
    if (required) test('is required', () => expect.fail(why));
    else describe.skip(why, () => test('gives its schemas', () => undefined));
    return;
  }
  let registry: Apicurio;
  beforeAll(async () => {
    registry = await startApicurio(found.folder);
  });
  afterAll(() => registry.stop());

  test('gives schemas with references and foreign attributes; its unknown ids are bad events', async () => {
    await registry.register('ends', ends);
    const references = [{ name: 'net.Ends', subject: 'ends', version: 1 }];
    const flowId = await registry.register('flows', flow, references);
    const plainId = await registry.register('flows-plain', plain);
    const flowType = avro.Type.forSchema({
      ...flow,
      fields: flow.fields.map((field) =>
        field.name === 'ends' ? { ...field, type: ends } : field,
      ),
    } as avro.Schema);
    const plainType = avro.Type.forSchema(plain as avro.Schema);
    const topic = await createTopic(1);
    const group = uniqueGroup();
    const address = (i: number) => `2001:db8::${(i + 1).toString(16)}`;
    const values = Array.from({ length: 100 }, (_, i) =>
      i % 2 === 0
        ? confluent(
            flowId,
            flowType.toBuffer({
              id: i,
              ends: { sourceAddress: address(i), destinationAddress: '2001:db8:ffff::1' },
              octets: 1000 + i,
            }),
          )
        : confluent(plainId, plainType.toBuffer({ flowId: i, protocolIdentifier: 17 })),
    );
    values.push(confluent(999_999, Buffer.from([2])));
    await produceMessages(
      topic,
      values.map((value) => ({ value })),
    );
    const recorder = await Recorder.listen();
    const env = {
      ...stageEnv({ brokers, topic, group, collector: recorder.collector }),
      SCHEMA_REGISTRY_URL: registry.url,
      ON_BAD_EVENT: 'discard',
    };
    const stage = await startStage(env);
    await untilExported({ topic, group }, [stage]);
    expect(await stage.stop()).toBe(0);
    await recorder.close();
    const records = recorder
      .records()
      .map(({ values: fields }) =>
        Object.fromEntries(fields.map(({ element, value }) => [element.name, value])),
      );
    const byId = new Map(records.map((record) => [Number(record['flowId']), record]));
    expect([...byId.keys()].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, i) => i),
    );
    for (const [id, record] of byId) {
      if (id % 2 === 1) expect(record).toMatchObject({ protocolIdentifier: 17 });
      else
        expect(record).toMatchObject({
          octetDeltaCount: 1000 + id,
          sourceIPv6Address: address(id),
        });
    }
    const ended = stage.lines().find(({ msg }) => msg === 'ended');
    expect(ended?.['account']).toMatchObject({ consumed: 101, exported: 100, discarded: 1 });

    const validated = await runCommand(['validate'], { env: { ...env, SCHEMA_SUBJECT: 'flows' } });
    expect(validated.code).toBe(0);
    expect(validated.stdout).toContain('subject flows');
  });
});
