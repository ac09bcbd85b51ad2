// Poison events among good ones on a real broker: dead-lettered, played back, and never committed
// before their letters are written.

import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { makeTopic } from '../../src/generator/make-topic.ts';
import { deadLettersIn } from '../support/kafka/dead-letters.ts';
import { runCommand } from '../support/processes/command-line.ts';
import { encode, flowEvent } from '../support/events/flow-events.ts';
import { GroupOffsets } from '../support/kafka/group-offsets.ts';
import {
  describeWithKafka,
  kafkaClient,
  produceMessages,
  type TestMessage,
} from '../support/kafka/kafka.ts';
import { ReceivedFlows } from '../support/kafka/received-flows.ts';
import { Recorder } from '../support/fakes/recorder.ts';
import { everythingSaid } from '../support/processes/said.ts';
import { startStage } from '../support/processes/stage-process.ts';
import { stageEnv } from '../support/processes/stage-env.ts';

interface Around {
  readonly partitions?: number;
  readonly letterConfig?: Readonly<Record<string, string>>;
}

const bad = { sourcePort: 70_000 };
const badPath = 'sourcePort';
const clocksDifferByMs = 1_000;

describeWithKafka('events that cannot be exported, with DLQ_TOPIC', (brokers) => {
  async function surroundings({ partitions = 1, letterConfig = {} }: Around = {}) {
    const topic = `flows-${randomUUID()}`;
    const letters = `letters-${randomUUID()}`;
    const group = `group-${randomUUID()}`;
    const offsets = await GroupOffsets.open({ brokers, group, topic, partitions });
    const recorder = await Recorder.listen();
    onTestFinished(async () => {
      await Promise.all([offsets.close(), recorder.close()]);
    });
    await createLetters(letters, letterConfig);
    const env = {
      ...stageEnv({ brokers, topic, group, collector: recorder.collector }),
      AVRO_FRAMING: 'bare-many',
      DLQ_TOPIC: letters,
    };
    return { topic, letters, group, offsets, recorder, received: new ReceivedFlows(recorder), env };
  }

  async function createLetters(
    topic: string,
    config: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const admin = kafkaClient().admin();
    await admin.connect();
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
    await makeTopic(admin, { topic, numPartitions: 2, configEntries });
    await admin.disconnect();
  }

  test('100,000 events, 1 in 100 of them poison: each is where it should be, and comes back', async () => {
    const partitions = 4;
    const around = await surroundings({ partitions });
    const { topic, letters, group, offsets, received, env } = around;
    const { messages, wanted } = poisoned(100_000, partitions);
    await produceMessages(topic, messages);
    const beganAtMs = Date.now() - clocksDifferByMs;

    const stage = await startStage({ ...env, EXPORT_RATE_LIMIT: '30000' });
    await offsets.untilNoLag();
    expect(await stage.stop()).toBe(0);
    const bads = 1_000;
    expect(await stage.waitForLine('ended')).toMatchObject({
      account: {
        consumed: 100_000,
        exported: 99_000,
        deadLettered: bads,
        discarded: 0,
        inFlight: 0,
      },
    });
    const arrived: number[][] = Array.from({ length: partitions }, () => []);
    received.onFirst = (flowId) => arrived[partitionOf(flowId, partitions)]!.push(flowId);
    received.update();
    expect(received).toMatchObject({ unique: 99_000, repeated: 0 });
    // They are all of one Shape, so that nothing but the partition says what comes first: a poison event
    // puts back none of its neighbours, be they of its own message or of the next.
    expect(arrived).toEqual(goodByPartition(100_000, partitions));
    const missing = received.missing(1, 100_000);
    expect(missing).toEqual(wanted.flatMap(({ flowIds }) => flowIds).sort((a, b) => a - b));

    const found = await deadLettersIn(brokers, letters);
    const said = found.map(({ key, value, ours, others }) => {
      const { version, time, partition = '', ...rest } = ours;
      expect([version, time]).toEqual([
        expect.stringMatching(/^\d+\.\d+\.\d+/),
        expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      ]);
      return { key, value, others, partition, ...rest };
    });
    expect(bySource(said)).toEqual(
      bySource(
        wanted.map(({ message, partition, offset, events }) => ({
          ...{ key: message.key, value: message.value, others: message.headers },
          ...{ topic, group, partition: `${partition}`, offset: `${offset}` },
          ...(events !== undefined && { events }),
          ...{ reason: 'BAD_EVENT', path: badPath, schema: 'schemas/flow-event.avsc' },
          problem: `in ${badPath}: sourceTransportPort: 70000 is not unsigned16 (2 octets)`,
          timestamp,
        })),
      ),
    );
    // A letter's own time is that of its writing: by the old one retention could remove it at once.
    const letterTimes = found.map((letter) => Number(letter.timestamp));
    expect(letterTimes.every((timeMs) => timeMs >= beganAtMs)).toBe(true);

    const dry = await runCommand(['requeue', '--dry-run'], { env });
    expect(dry.stdout).toContain(`would requeue ${wanted.length} dead letters\n`);
    const requeued = await runCommand(['requeue'], { env });
    expect(requeued).toMatchObject({
      code: 0,
      stdout: `requeued ${wanted.length} dead letters\n  ${topic} BAD_EVENT: ${wanted.length}\n`,
    });
    const again = await runCommand(['requeue'], { env });
    expect(again.stdout).toBe('requeued 0 dead letters\n');

    // The port goes where it has room.
    const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-requeue-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const mapping = join(folder, 'mapping.yaml');
    writeFileSync(mapping, `topics: { ${topic}: { fields: { sourcePort: commonPropertiesId } } }`);
    const fixed = await startStage({ ...env, MAPPING_FILE: mapping });
    await offsets.untilNoLag();
    expect(await fixed.stop()).toBe(0);
    received.update();
    expect(received.missing(1, 100_000)).toEqual([]);
    expect(received).toMatchObject({ unique: 100_000, repeated: 0 });
    const { length: before } = found;
    expect(await deadLettersIn(brokers, letters)).toHaveLength(before);
  });

  test('are in the dead letters without what the broker finds too large', async () => {
    const around = await surroundings({ letterConfig: { 'max.message.bytes': '2000' } });
    const event = flowEvent({ ...bad, applicationName: 'a'.repeat(3_000) });
    const packs = encode(event);
    // What does not compress has to be left out.
    const large = Buffer.concat([encode(flowEvent(bad)), randomBytes(3_000)]);
    await produceMessages(around.topic, [
      { value: packs, key: 'packs', headers: { site: 'north' } },
      { value: large, key: 'large', headers: { site: 'north' } },
      { value: large, key: randomBytes(1_500), headers: { site: 'north' } },
      { value: encode(flowEvent(bad)), key: 'small' },
    ]);
    const stage = await startStage(around.env);
    await around.offsets.untilNoLag();
    expect(await stage.stop()).toBe(0);
    const found = await deadLettersIn(brokers, around.letters);
    const left = `its value of ${large.length} octets`;
    expect(
      found.map(({ key, value, ours, others }) => [
        key,
        value?.length,
        ours['left'],
        others['site'],
      ]),
    ).toEqual([
      ['packs', packs.length, undefined, 'north'],
      ['large', undefined, `${left}: too large for the broker`, 'north'],
      [
        undefined,
        undefined,
        `${left}, its key and its headers: too large for the broker`,
        undefined,
      ],
      ['small', expect.any(Number), undefined, undefined],
    ]);
    const shown = await runCommand(['requeue', '--show', '--json'], { env: around.env });
    const lines = shown.stdout.trimEnd().split('\n');
    const letters = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(letters).toHaveLength(4);
    expect(letters.find(({ offset }) => offset === '3')).toMatchObject({
      ...{ topic: around.topic, partition: 0, reason: 'BAD_EVENT', path: badPath },
      value: { sourcePort: 70_000 },
    });
    expect(letters.find(({ offset }) => offset === '1')).toMatchObject({
      left: `${left}: too large for the broker`,
    });
    const { stdout } = await runCommand(['requeue'], { env: around.env });
    expect(stdout).toContain('requeued 2 dead letters\n');
    expect(stdout).toContain('left: 2 without their value\n');
  });

  test('hold back the commit while the topic is gone, and nothing else; then all goes on', async () => {
    const { topic, letters, offsets, received, env } = await surroundings();
    const good = (flowId: number): TestMessage => ({ value: encode(flowEvent({ flowId })) });
    await produceMessages(topic, [good(1)]);
    const stage = await startStage({ ...env, SHUTDOWN_TIMEOUT: '1s' });
    await offsets.untilNoLag();
    const admin = kafkaClient().admin();
    await admin.connect();
    onTestFinished(() => admin.disconnect());
    await admin.deleteTopics({ topics: [letters] });
    await produceMessages(topic, [good(2), { value: encode(flowEvent(bad)) }, good(3), good(4)]);
    const complaints = () => stage.lines().filter(({ code }) => code === 'DEAD_LETTERS_UNWRITABLE');
    await until(() => complaints().length > 0);
    await until(() => received.update().unique === 4);
    await sleep(1_500);
    expect((await offsets.committed()).get(0)).toBe(2n);

    stage.kill('SIGUSR1');
    expect(await stage.waitForLine('account')).toMatchObject({
      account: { consumed: 5, exported: 4, deadLettered: 0, inFlight: 1 },
    });
    expect(everythingSaid(stage)).not.toContain('Debugger');

    await createLetters(letters);
    await offsets.untilNoLag();
    expect(await deadLettersIn(brokers, letters)).toMatchObject([{ ours: { offset: '2' } }]);

    await admin.deleteTopics({ topics: [letters] });
    await produceMessages(topic, [{ value: encode(flowEvent(bad)) }]);
    await until(() => complaints().length > 1);
    // What is not written is not committed, and the process says so.
    expect(await stage.stop()).toBe(75);
    expect((await offsets.committed()).get(0)).toBe(5n);
  });

  test('need a topic that is there: else the stage ends at its start, and says why', async () => {
    const { env } = await surroundings();
    const stage = await startStage({ ...env, DLQ_TOPIC: 'nowhere' });
    expect(await stage.exited).toMatchObject({ code: 70 });
    expect(everythingSaid(stage)).toContain('no topic nowhere at ');
    expect(everythingSaid(stage)).toContain('correct DLQ_TOPIC');
  });
});

const timestamp = '1780000000000';

interface Wanted {
  readonly message: TestMessage;
  readonly partition: number;
  readonly offset: number;
  readonly events: string | undefined;
  readonly flowIds: number[];
}

/** 5 of each 500 events. */
const isBad = (flowId: number) => [211, 212, 213, 217, 219].includes(flowId % 500);
const badInMessage = '10-12,16,18';

const runOf = (flowId: number) => Math.floor((flowId - 1) / 50);
const partitionOf = (flowId: number, partitions: number) => runOf(flowId) % partitions;

/** As they were produced. */
function goodByPartition(count: number, partitions: number): number[][] {
  const good: number[][] = Array.from({ length: partitions }, () => []);
  for (let flowId = 1; flowId <= count; flowId++) {
    if (!isBad(flowId)) good[partitionOf(flowId, partitions)]!.push(flowId);
  }
  return good;
}

/** Every other run of 50 events is one message; 1 event in 100 is bad, in both kinds. */
function poisoned(count: number, partitions: number) {
  const messages: TestMessage[] = [];
  const wanted: Wanted[] = [];
  const nextOffset = new Array<number>(partitions).fill(0);
  const event = (flowId: number) => encode(flowEvent({ flowId, ...(isBad(flowId) ? bad : {}) }));
  const add = (partition: number, flowIds: readonly number[]) => {
    const message = {
      ...{ partition, timestamp, key: `key ${flowIds[0]}`, headers: { first: `${flowIds[0]}` } },
      value: Buffer.concat(flowIds.map(event)),
    };
    messages.push(message);
    const bads = flowIds.filter(isBad);
    const offset = nextOffset[partition]!++;
    if (bads.length === 0) return;
    const events = flowIds.length === 1 ? undefined : badInMessage;
    wanted.push({ message, partition, offset, events, flowIds: bads });
  };
  for (let first = 1; first <= count; first += 50) {
    const flowIds = Array.from({ length: 50 }, (_, i) => first + i);
    const partition = partitionOf(first, partitions);
    if (Math.floor(runOf(first) / partitions) % 2 === 0) add(partition, flowIds);
    else for (const flowId of flowIds) add(partition, [flowId]);
  }
  return { messages, wanted };
}

/** What is of one source partition keeps its order; the partitions among each other have none. */
function bySource<T extends { readonly partition: string }>(letters: readonly T[]): T[] {
  return letters.toSorted((a, b) => Number(a.partition) - Number(b.partition));
}

async function until(isTrue: () => boolean, timeoutMs = 30_000): Promise<void> {
  const giveUpAt = performance.now() + timeoutMs;
  while (!isTrue()) {
    if (performance.now() > giveUpAt)
      throw new Error(`no response within ${timeoutMs} ms: ${String(isTrue)}`);
    await sleep(50);
  }
}
