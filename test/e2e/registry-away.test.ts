// The registry gives no answer, and one partition of four needs it: that one waits, the others go on,
// nothing is lost and nothing is a bad event.

import { setTimeout as sleep } from 'node:timers/promises';
import avro from 'avsc';
import { afterEach, expect, test } from 'vitest';
import {
  type FakeRegistry,
  type RegistryFault,
  startFakeRegistry,
} from '../support/fakes/fake-registry.ts';
import { confluent } from '../support/events/framed.ts';
import {
  committedOffsets,
  createTopic,
  describeWithKafka,
  produceMessages,
  uniqueGroup,
} from '../support/kafka/kafka.ts';
import { Recorder } from '../support/fakes/recorder.ts';
import { killStages, type Stage, startStage } from '../support/processes/stage-process.ts';
import { untilExported } from '../interop/flows.ts';
import { stageEnv } from '../support/processes/stage-env.ts';

afterEach(killStages);

const schemaNamed = (name: string) => ({
  type: 'record',
  name,
  fields: [
    { name: 'flowId', type: 'long' },
    { name: 'octetDeltaCount', type: 'long' },
  ],
});
const type = avro.Type.forSchema(schemaNamed('E') as avro.Schema);
const [known, unknown] = [1, 2];
const waiting = 2;
const each = 5_000;

/** Ids rise by partition: partition p has p × each + 1 to (p + 1) × each. */
const messagesOf = (partition: number) =>
  Array.from({ length: each }, (_, i) => {
    const id = partition === waiting && i >= 100 ? unknown : known;
    const flow = { flowId: partition * each + i + 1, octetDeltaCount: i };
    return { partition, value: confluent(id, type.toBuffer(flow)) };
  });

describeWithKafka('a registry that is away', (brokers) => {
  let registry: FakeRegistry;
  let recorder: Recorder;
  let stage: Stage;
  let topic: string;
  let group: string;

  async function begin(fault: RegistryFault): Promise<void> {
    registry = await startFakeRegistry();
    registry.schemas.set(known, { schema: schemaNamed('E') });
    registry.schemas.set(unknown, { schema: schemaNamed('F') });
    registry.faults.set(`/schemas/ids/${unknown}`, fault);
    topic = await createTopic(4);
    group = uniqueGroup();
    recorder = await Recorder.listen();
    for (let partition = 0; partition < 4; partition += 1) {
      await produceMessages(topic, messagesOf(partition));
    }
    stage = await startStage({
      ...stageEnv({ brokers, topic, group, collector: recorder.collector }),
      COMMIT_INTERVAL: '200ms',
      EXPORT_RATE_LIMIT: '20000',
      SCHEMA_REGISTRY_URL: registry.url,
      SCHEMA_REGISTRY_TIMEOUT: '1s',
    });
  }

  const ids = () =>
    recorder
      .records()
      .map(({ values }) => Number(values.find(({ element }) => element.name === 'flowId')!.value));

  const lag = async (partition: number) =>
    each - Number((await committedOffsets(group, topic)).get(partition));

  test.each<[string, RegistryFault]>([
    ['hangs', 'hang'],
    ['resets connections', 'reset'],
    ['answers 500', { status: 500 }],
  ])('that %s holds up the partition that needs it, and only that', async (_, fault) => {
    await begin(fault);
    const others = 3 * each + 100;
    await recorder.untilRecords(others, 30_000);
    // The others are whole and committed; the one that waits stands where the schema is needed.
    while ((await lag(0)) + (await lag(1)) + (await lag(3)) > 0) await sleep(50);
    await sleep(500);
    expect(ids()).toHaveLength(others);
    expect(await lag(waiting)).toBe(each - 100);
    const told = stage.lines().filter(({ code }) => code === 'SCHEMA_UNAVAILABLE');
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ id: unknown, partitions: [`${topic}[${waiting}]`] });

    registry.faults.clear();
    await untilExported({ topic, group }, [stage]);
    expect(await stage.stop()).toBe(0);
    await Promise.all([recorder.close(), registry.close()]);
    const found = ids();
    expect(found).toHaveLength(4 * each);
    expect(new Set(found).size).toBe(4 * each);
    const account = stage.lines().findLast(({ msg }) => msg === 'ended')!['account'];
    expect(account).toMatchObject({ exported: 4 * each, discarded: 0, deadLettered: 0 });
  });

  test('goes on waiting through a rebalance, and comes back with the partition', async () => {
    await begin('hang');
    await recorder.untilRecords(3 * each + 100, 30_000);
    const more = await startStage({
      ...stageEnv({ brokers, topic, group, collector: recorder.collector }),
      OBSERVATION_DOMAIN_ID: '101',
      COMMIT_INTERVAL: '200ms',
      SCHEMA_REGISTRY_URL: registry.url,
      SCHEMA_REGISTRY_TIMEOUT: '1s',
    });
    await more.waitForLine('joined the group');
    await sleep(1_500);
    registry.faults.clear();
    await untilExported({ topic, group }, [stage, more]);
    expect(await more.stop()).toBe(0);
    expect(await stage.stop()).toBe(0);
    await Promise.all([recorder.close(), registry.close()]);
    expect(new Set(ids()).size).toBe(4 * each);
  });

  test('says of an id that is nowhere: a bad event, and where it is', async () => {
    await begin('hang');
    registry.faults.clear();
    registry.schemas.delete(unknown);
    const { code } = await stage.exited;
    expect(code).toBe(65);
    const said = stage.lines().map((line) => JSON.stringify(line));
    const stopped = said.find((text) => text.includes(`${topic}[${waiting}] offset 100`));
    expect(stopped).toContain('schema id 2 is not in the schema registry; register it');
    await Promise.all([recorder.close(), registry.close()]);
  });
});
