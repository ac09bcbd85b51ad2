// What an operator did wrong, or what is not there: one line with what to do, no stack, the exit code that
// says whether a restart helps. With two Workers, which both meet it.

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import { expect, onTestFinished, test } from 'vitest';
import { flowEventType } from '../../src/generator/flow-event.ts';
import { writeFlowFile } from '../../src/generator/flow-file.ts';
import { FlowGenerator } from '../../src/generator/flow-generator.ts';
import {
  createTopic,
  describeWithKafka,
  kafkaClient,
  uniqueGroup,
} from '../support/kafka/kafka.ts';
import { Recorder } from '../support/fakes/recorder.ts';
import { runCommand } from '../support/processes/command-line.ts';
import { type LogLine, type Stage, startStage } from '../support/processes/stage-process.ts';
import { stageEnv } from '../support/processes/stage-env.ts';

const errorLevel = 50;

async function around(brokers: readonly string[], more: Record<string, string> = {}) {
  const topic = await createTopic(2);
  const recorder = await Recorder.listen();
  onTestFinished(() => recorder.close());
  const { collector } = recorder;
  const env = stageEnv({ brokers, topic, group: uniqueGroup(), collector });
  return { topic, env: { ...env, WORKERS: '2', ...more } };
}

async function produce(topic: string, values: readonly Buffer[]): Promise<void> {
  const { DefaultPartitioner: createPartitioner } = kafkajs.Partitioners;
  const producer = kafkaClient().producer({ createPartitioner });
  await producer.connect();
  const messages = values.map((value, i) => ({ value, partition: i % 2 }));
  await producer.send({ topic, messages });
  await producer.disconnect();
}

const generator = new FlowGenerator({ seed: 5 });
const events = (count: number): Buffer[] =>
  Array.from({ length: count }, () => flowEventType.toBuffer(generator.next()));

async function errorsOf(stage: Stage): Promise<{ code: number | null; errors: LogLine[] }> {
  const { code } = await stage.exited;
  const errors = stage.lines().filter(({ level }) => Number(level) >= errorLevel);
  return { code, errors };
}

describeWithKafka('one line without a stack', (brokers) => {
  test('is logged for a topic that does not exist', async () => {
    const { env } = await around(brokers);
    const topic = `none-${randomUUID()}`;
    const { code, errors } = await errorsOf(await startStage({ ...env, KAFKA_TOPICS: topic }));
    expect(code).toBe(70);
    expect(errors).toHaveLength(1);
    const { err } = errors[0] as { err: Record<string, unknown> };
    expect(err).toMatchObject({ code: 'MISSING_TOPIC' });
    expect(err['message']).toContain(`no topic ${topic}`);
    expect(err).not.toHaveProperty('stack');
  });

  test('is logged for an event that stops the process', async () => {
    const { topic, env } = await around(brokers);
    await produce(topic, [Buffer.from('not Avro'), Buffer.from('not Avro')]);
    const { code, errors } = await errorsOf(await startStage(env));
    expect(code).toBe(65);
    for (const line of errors) {
      const { err } = line as { err: Record<string, unknown> };
      expect(err).toMatchObject({ code: 'STOPPED_AT_BAD_EVENT' });
      expect(err['message']).toContain(`${topic}[`);
      expect(err).not.toHaveProperty('stack');
    }
    const texts = errors.map(({ err }) => (err as { message: string }).message);
    expect(texts.length).toBe(new Set(texts).size);
  });

  test('is written for an HTTP port that is in use', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const { env } = await around(brokers, { HTTP_LISTEN: `127.0.0.1:${port}` });
    const { code, stderr } = await runCommand(['run'], { env });
    expect(code).toBe(78);
    expect(stderr).toMatch(/HTTP_LISTEN: .*in use/);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test('is logged for a group whose members are of another program', async () => {
    const { topic, env } = await around(brokers);
    const consumer = kafkaClient().consumer({
      groupId: env.KAFKA_GROUP_ID,
      partitionAssigners: [
        () => ({
          ...{ name: 'another', version: 1 },
          assign: () => Promise.resolve([]),
          protocol: () => ({ name: 'another', metadata: Buffer.alloc(6) }),
        }),
      ],
    });
    onTestFinished(() => consumer.disconnect());
    await consumer.connect();
    await consumer.subscribe({ topics: [topic] });
    const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
    await consumer.run({ eachMessage: () => Promise.resolve() });
    await joined;
    const { code, errors } = await errorsOf(await startStage(env));
    expect(code).toBe(70);
    expect(errors).toHaveLength(1);
    const { err } = errors[0] as { err: Record<string, unknown> };
    expect(err).toMatchObject({ code: 'INCONSISTENT_GROUP_PROTOCOL' });
    expect(err['message']).toContain(`group ${env.KAFKA_GROUP_ID}: `);
  });
});

describeWithKafka('run --since', (brokers) => {
  test('is refused for a group that has offsets, with what to do, and taken for a new one', async () => {
    const { topic, env } = await around(brokers);
    await produce(topic, events(10));
    const stage = await startStage({ ...env, KAFKA_AUTO_OFFSET_RESET: 'earliest' });
    await stage.waitForLine('joined the group');
    expect(await stage.stop()).toBe(0);
    const { code, stderr } = await runCommand(['run', '--since', '24h'], { env });
    expect(code).toBe(78);
    expect(stderr).toMatch(/^kafka2ipfix: --since: group \S+ has offsets for \S+ and continues/);
    expect(stderr).toContain('use another KAFKA_GROUP_ID');
    const wrong = await runCommand(['run', '--since', 'yesterdy'], { env });
    expect([wrong.code, wrong.stderr]).toEqual([
      78,
      expect.stringContaining('yesterday, 2026-07-01'),
    ]);
  });
});

test('a shutdown that takes too long ends with 75 and still logs the account', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-75-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'flows.avro');
  await writeFlowFile({ output: file, seed: 75, count: 2_000 });
  // Nobody listens there: what is in flight cannot be settled.
  const stage = await startStage({
    ...{ INPUT_FILE: file, COLLECTORS: 'ipfix://127.0.0.1:9', SHUTDOWN_TIMEOUT: '2s' },
  });
  type Account = Record<'consumed' | 'inFlight', number>;
  const consumed = () =>
    stage.lines().some(({ account }) => ((account as Account | undefined)?.consumed ?? 0) > 0);
  await stage.waitForLine('starting');
  while (!consumed()) {
    await sleep(100);
    stage.kill('SIGUSR1');
  }
  expect(await stage.stop(30_000)).toBe(75);
  // The log is of use without the host it is from.
  const { version, node, host } = await stage.waitForLine('starting');
  expect([version, node, host]).toEqual([expect.any(String), process.version, hostname()]);
  const ended = await stage.waitForLine('ended');
  expect(ended).toMatchObject({ code: 75 });
  expect((ended['account'] as Account).inFlight).toBeGreaterThan(0);
});
