// /livez and /readyz of a real run: it lives through all that is not its fault, is not ready meanwhile,
// says why, and is ready again by itself.

import { homedir } from 'node:os';
import { join } from 'node:path';
import avro from 'avsc';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { kafkaJars } from '../../demo/broker/kafka-jars.ts';
import { type KafkaNode, startKafkaNode } from '../../demo/broker/kafka-jvm.ts';
import { deadLettersIn } from '../support/kafka/dead-letters.ts';
import { startFakeRegistry } from '../support/fakes/fake-registry.ts';
import { encode, flowEvent } from '../support/events/flow-events.ts';
import { confluent } from '../support/events/framed.ts';
import {
  createTopic,
  deleteTopic,
  describeWithKafka,
  produceMessages,
  uniqueGroup,
} from '../support/kafka/kafka.ts';
import { KafkaStage } from '../support/kafka/kafka-stage.ts';
import { Recorder } from '../support/fakes/recorder.ts';
import { type Readiness, served, untilReadiness, urlOf } from '../support/processes/served.ts';
import { killStages, startStage } from '../support/processes/stage-process.ts';
import { stageEnv } from '../support/processes/stage-env.ts';

afterEach(killStages);

const textsOf = ({ reasons }: Readiness) => reasons.map(({ text }) => text);

/** A Kafka that a test may freeze; it starts while the tests before that one run. */
async function startOwnNode(): Promise<KafkaNode> {
  const jars = await kafkaJars(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'));
  return startKafkaNode({ jars });
}

describeWithKafka('a run is alive, and not ready', (brokers) => {
  let ownNode: Promise<KafkaNode>;
  beforeAll(() => {
    ownNode = startOwnNode();
    ownNode.catch(() => undefined);
  });
  afterAll(async () => {
    const node = await ownNode;
    process.kill(node.pid, 'SIGCONT');
    await node.stop();
  });

  test('until it has joined its group, while its collector refuses, and its dead letters find no topic', async () => {
    const around = await KafkaStage.around({ brokers, ratePerSecond: 1_000 });
    onTestFinished(() => around.close());
    const letters = await createTopic();
    const env = { ...served, DLQ_TOPIC: letters, AVRO_FRAMING: 'bare-many' };
    const frozen = await around.start({ KAFKA_SESSION_TIMEOUT: '60s' });
    await frozen.waitForLine('joined the group');
    frozen.kill('SIGSTOP');
    const stage = await around.start({ ...env, OBSERVATION_DOMAIN_ID: '101' });
    const outside = await untilReadiness(stage, 'group_not_joined');
    expect(textsOf(outside)).toEqual([`not in the group ${around.group}`]);
    frozen.kill('SIGCONT');
    await untilReadiness(stage, 'ready');
    expect(await frozen.stop()).toBe(0);

    const { host, port } = around.recorder;
    await around.recorder.close();
    const refused = await untilReadiness(stage, 'collector_refuses');
    expect(textsOf(refused)).toEqual([
      expect.stringContaining(`${host}:${port} refuses (ECONNREFUSED)`),
    ]);
    const recorder = await Recorder.listen({ host, port });
    onTestFinished(() => recorder.close());
    await untilReadiness(stage, 'ready');

    await deleteTopic(letters);
    await produceMessages(around.topic, [{ value: encode(flowEvent({ sourcePort: 70_000 })) }]);
    const unwritten = await untilReadiness(stage, 'dead_letters_unwritable');
    expect(textsOf(unwritten)).toEqual([expect.stringContaining('check DLQ_TOPIC')]);
    await createTopic(1, letters);
    await untilReadiness(stage, 'ready');
    expect(await deadLettersIn(brokers, letters)).toHaveLength(1);
    await around.feed.stop();
    expect(await stage.stop()).toBe(0);
  });

  test('while the registry that has its schema is away, from the start', async () => {
    const registry = await startFakeRegistry();
    onTestFinished(() => registry.close());
    const recorder = await Recorder.listen();
    onTestFinished(() => recorder.close());
    const fields = [{ name: 'octetDeltaCount', type: 'long' }];
    const schema = { type: 'record', name: 'E', fields };
    registry.schemas.set(7, { schema });
    registry.faults.set('*', 'reset');
    const topic = await createTopic(1);
    const value = avro.Type.forSchema(schema as avro.Schema).toBuffer({ octetDeltaCount: 1 });
    await produceMessages(topic, [{ value: confluent(7, value) }]);
    const stage = await startStage({
      ...stageEnv({ brokers, topic, group: uniqueGroup(), collector: recorder.collector }),
      ...served,
      SCHEMA_REGISTRY_URL: registry.url,
    });
    const { reasons } = await untilReadiness(stage, 'schema_unavailable');
    expect(reasons[0]?.text).toContain(`${topic}[0] waits for schema id 7`);
    registry.faults.clear();
    await untilReadiness(stage, 'ready');
    const metrics = await (await fetch(`${await urlOf(stage)}/metrics`)).text();
    expect(metrics).toMatch(/registry_requests_total\{worker="0",result="unavailable"\} [1-9]/);
    expect(metrics).toMatch(/registry_requests_total\{worker="0",result="answered"\} 1/);
    expect(metrics).toMatch(/pauses_total\{worker="0",reason="schema"\} 1/);
    expect(await stage.stop()).toBe(0);
  });

  test('while no broker answers', async () => {
    const node = await ownNode;
    const own = [node.broker];
    const around = await KafkaStage.around({ brokers: own, ratePerSecond: 500, count: 500 });
    onTestFinished(() => around.close());
    const stage = await around.start(served);
    await untilReadiness(stage, 'ready');
    await around.feed.done();
    process.kill(node.pid, 'SIGSTOP');
    const silent = await untilReadiness(stage, 'broker_silent');
    const said = `no broker (${node.broker}) has answered for `;
    expect(textsOf(silent)).toContainEqual(expect.stringContaining(said));
    process.kill(node.pid, 'SIGCONT');
    await untilReadiness(stage, 'ready');
    stage.kill('SIGKILL');
  });
});

describeWithKafka('two members with the same Observation Domain', (brokers) => {
  test('are an error in the log of the one that leads the group, and counted', async () => {
    const around = await KafkaStage.around({ brokers, ratePerSecond: 500 });
    onTestFinished(() => around.close());
    const env = { ...served, OBSERVATION_DOMAIN_ID: '5' };
    const stages = [await around.start(env)];
    await stages[0]!.waitForLine('joined the group');
    stages.push(await around.start(env));
    await stages[1]!.waitForLine('joined the group');
    const said = stages.flatMap((stage) =>
      stage.lines().filter(({ code }) => code === 'OBSERVATION_DOMAIN_SHARED'),
    );
    expect(said[0]).toMatchObject({ level: 50, observationDomains: [5] });
    const counted = await Promise.all(
      stages.map(async (stage) => {
        const metrics = await (await fetch(`${await urlOf(stage)}/metrics`)).text();
        return Number(/domain_conflicts_total\{worker="0"\} (\d+)/.exec(metrics)?.[1]);
      }),
    );
    expect(counted[0]! + counted[1]!).toBeGreaterThan(0);
  });
});

describeWithKafka('a run that is looked at', (brokers) => {
  test('tells the lag of its group, and sends at once when SIGUSR2 asks for it', async () => {
    const around = await KafkaStage.around({ brokers, ratePerSecond: 500, count: 20 });
    onTestFinished(() => around.close());
    await around.feed.done();
    const all = around.feed.produced;
    const stage = await around.start({ ...served, FLUSH_INTERVAL: '10m' });
    const url = await urlOf(stage);
    await untilReadiness(stage, 'ready');
    const stats = async () =>
      (await (await fetch(`${url}/stats`)).json()) as {
        account: Record<string, number>;
        lagRecords: number;
        partitions: { partition: number; committed: number; lagRecords: number }[];
      };
    while ((await stats()).account['consumed'] !== all) await around.until('a moment', () => true);
    expect(await stats()).toMatchObject({
      account: { inFlight: all, exported: 0 },
      lagRecords: all,
    });
    stage.kill('SIGUSR2');
    while ((await stats()).lagRecords > 0) await around.until('a moment', () => true);
    const { account, partitions } = await stats();
    expect(account).toMatchObject({ consumed: all, exported: all, inFlight: 0 });
    const committed = await around.offsets.committed();
    for (const { partition, committed: told } of partitions) {
      expect(BigInt(told)).toBe(committed.get(partition) ?? 0n);
    }
    expect(await stage.stop()).toBe(0);
  });

  test('does not start where its port is taken, and says what to set', async () => {
    const env = stageEnv({
      ...{ brokers, topic: await createTopic(1), group: uniqueGroup() },
      collector: 'ipfix://127.0.0.1:4739',
    });
    const first = await startStage({ ...env, ...served });
    const { host } = new URL(await urlOf(first));
    const second = await startStage({ ...env, HTTP_LISTEN: host });
    expect((await second.exited).code).toBe(78);
    expect(JSON.stringify(second.lines())).toContain(`HTTP_LISTEN: ${host} is in use`);
  });
});
