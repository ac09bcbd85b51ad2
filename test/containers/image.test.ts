// The image, really built and run: as docker-compose.yml and the chart run it, without any right.

import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import kafkajs from 'kafkajs';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { kafkaImage } from '../../demo/broker/kafka-container.ts';
import { flowEventType } from '../../src/generator/flow-event.ts';
import { FlowGenerator } from '../../src/generator/flow-generator.ts';
import { GroupOffsets } from '../support/kafka/group-offsets.ts';
import { idsIn } from '../support/kafka/topic-ids.ts';
import { ReceivedFlows } from '../support/kafka/received-flows.ts';
import { Recorder } from '../support/fakes/recorder.ts';
import {
  buildImage,
  describeWithImages,
  docker,
  dockerSaid,
  ownImage,
  root,
} from '../support/containers/engine.ts';
import {
  confined,
  makeNetwork,
  type Network,
  startKafkaIn,
  startStageIn,
} from '../support/containers/network.ts';
import { stageEnv } from '../support/processes/stage-env.ts';

const execute = promisify(execFile);
const topic = 'flows';
const partitions = 4;
const group = 'group';
const buildTimeoutMs = 900_000;

const run = (...args: string[]) => dockerSaid('run', '--rm', ...confined, ...args);

/** Sends so many events, at this rate. */
async function produce(broker: string, count: number, perSecond = Infinity): Promise<void> {
  const kafka = new kafkajs.Kafka({ brokers: [broker], logLevel: kafkajs.logLevel.NOTHING });
  const { DefaultPartitioner: createPartitioner } = kafkajs.Partitioners;
  const producer = kafka.producer({ createPartitioner });
  await producer.connect();
  for (let sent = 0; sent < count; sent += 100) {
    const messages = Array.from({ length: 100 }, (_, i) => ({
      value: flowEventType.toBuffer(generator.next()),
      partition: i % partitions,
    }));
    await producer.send({ topic, messages });
    if (Number.isFinite(perSecond)) await sleep(100_000 / perSecond);
  }
  await producer.disconnect();
}

const generator = new FlowGenerator({ seed: 26 });

async function around(network: Network) {
  const broker = await startKafkaIn(network);
  const kafka = new kafkajs.Kafka({ brokers: [broker], logLevel: kafkajs.logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({
    topics: [{ topic, numPartitions: partitions }],
    waitForLeaders: true,
  });
  await admin.disconnect();
  const offsets = await GroupOffsets.open({ brokers: [broker], group, topic, partitions });
  const recorder = await Recorder.listen({ host: network.gateway });
  onTestFinished(async () => {
    await Promise.all([recorder.close(), offsets.close().catch(() => undefined)]);
  });
  const { collector } = recorder;
  const settings = {
    ...stageEnv({ brokers: broker, topic, group, collector }),
    COMMIT_INTERVAL: '300ms',
  };
  return { broker, offsets, received: new ReceivedFlows(recorder), settings };
}

async function missing({
  broker,
  received,
}: Awaited<ReturnType<typeof around>>): Promise<number[]> {
  received.update();
  const ids = [...(await idsIn([broker], topic)).keys()];
  return ids.filter((id) => !received.has(id));
}

describeWithImages('the image', ['node:26-slim', kafkaImage], () => {
  beforeAll(async () => {
    await buildImage();
    const octets = Number(await docker('image', 'inspect', '--format', '{{.Size}}', ownImage));
    const base = Number(await docker('image', 'inspect', '--format', '{{.Size}}', 'node:26-slim'));
    const mb = (count: number) => `${(count / 1e6).toFixed(0)} MB`;
    console.log(`the image has ${mb(octets)}, ${mb(octets - base)} more than its base`);
  }, buildTimeoutMs);

  test('runs as a user without rights, with nothing to write to', async () => {
    expect(await run('--entrypoint', 'id', ownImage, '-u')).toBe('1000\n');
    await expect(run('--entrypoint', 'touch', ownImage, '/app/x')).rejects.toThrow('Read-only');
  });

  test('has the version of the package, UTC, and UTF-8', async () => {
    const { version } = JSON.parse(
      (await execute('npm', ['pkg', 'get', 'version', '--json'], { cwd: root })).stdout.replace(
        /^("[^"]*")\s*$/,
        '{"version":$1}',
      ),
    ) as { version: string };
    expect(await run(ownImage, '--version')).toBe(`${version}\n`);
    const script = 'console.log(Intl.DateTimeFormat().resolvedOptions().timeZone, "größe")';
    expect(await run('--entrypoint', 'node', ownImage, '-e', script)).toBe('UTC größe\n');
  });

  test('validates a configuration, and ends with 78 where it is wrong', async () => {
    const settings = ['KAFKA_BROKERS=none:9092', 'KAFKA_TOPICS=flows', 'KAFKA_GROUP_ID=g'];
    const env = settings.flatMap((setting) => ['--env', setting]);
    const collector = ['--env', 'COLLECTORS=ipfix://192.0.2.1:4739'];
    const said = await run(...env, ...collector, ownImage, 'validate', '--offline');
    expect(said).toContain('The configuration is valid.');
    await expect(run(...env, ownImage, 'validate')).rejects.toMatchObject({ code: 78 });
  });

  test('turns healthy, and unhealthy when the process hangs', async () => {
    const network = await makeNetwork();
    const { settings } = await around(network);
    const often = ['--health-interval', '1s', '--health-timeout', '2s', '--health-retries', '2'];
    const stage = await startStageIn(network, settings, ...often, '--health-start-period', '1s');
    const until = async (wanted: string) => {
      while ((await stage.inspect('{{.State.Health.Status}}')) !== wanted) await sleep(250);
    };
    await until('healthy');
    await docker('kill', '--signal', 'STOP', stage.id);
    await until('unhealthy');
    await docker('kill', '--signal', 'CONT', stage.id);
    await until('healthy');
  });

  test('drains at SIGTERM within the grace period: each event arrives once, all is committed', async () => {
    const network = await makeNetwork();
    const all = await around(network);
    await produce(all.broker, 20_000);
    const stage = await startStageIn(network, all.settings);
    await stage.untilLogged('joined the group');
    await all.offsets.untilNoLag(60_000);
    const producing = produce(all.broker, 5_000, 2_000);
    await sleep(1_000);
    const stoppedAt = performance.now();
    await docker('stop', '--time', '30', stage.id);
    console.log(`stopped after ${((performance.now() - stoppedAt) / 1_000).toFixed(1)} s`);
    expect(await stage.inspect('{{.State.ExitCode}}')).toBe('0');
    await producing;
    const next = await startStageIn(network, all.settings);
    await next.untilLogged('joined the group');
    await all.offsets.untilNoLag(60_000);
    await docker('stop', '--time', '30', next.id);
    expect(await missing(all)).toEqual([]);
    expect(all.received.repeated).toBe(0);
  });

  test('killed by the host and restarted by the engine, it loses nothing', async () => {
    const network = await makeNetwork();
    const all = await around(network);
    const stage = await startStageIn(network, all.settings, '--restart', 'always');
    await stage.untilLogged('joined the group');
    const producing = produce(all.broker, 20_000, 2_000);
    await sleep(3_000);
    // Not `docker kill`, which the engine takes for the wish to stop.
    process.kill(Number(await stage.inspect('{{.State.Pid}}')), 'SIGKILL');
    await producing;
    await all.offsets.untilNoLag(90_000);
    expect(Number(await stage.inspect('{{.RestartCount}}'))).toBe(1);
    expect(await missing(all)).toEqual([]);
    console.log(`${all.received.repeated} events came twice`);
  });
});
