// `requeue` that was killed, is run twice at once, or is told to end: each of them ends, and the dead
// letters go back.

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { runCommand } from '../support/processes/command-line.ts';
import {
  createTopic,
  describeWithKafka,
  groupLag,
  produceMessages,
  uniqueGroup,
} from '../support/kafka/kafka.ts';
import { deadLettersIn } from '../support/kafka/dead-letters.ts';
import { startProgram } from '../support/processes/unread.ts';

const partitions = 4;
const letterCount = 2_000;

describeWithKafka('requeue', (brokers) => {
  async function withLetters(count = letterCount) {
    const [topic, letters] = [await createTopic(), await createTopic(partitions)];
    const group = uniqueGroup();
    const messages = Array.from({ length: count }, (_, i) => ({
      value: Buffer.from(`letter ${i}`),
      partition: i % partitions,
      headers: {
        'kafka2ipfix.topic': topic,
        'kafka2ipfix.partition': '0',
        'kafka2ipfix.group': group,
        'kafka2ipfix.reason': 'BAD_EVENT',
      },
    }));
    await produceMessages(letters, messages);
    const env = {
      KAFKA_BROKERS: brokers.join(','),
      KAFKA_TOPICS: topic,
      KAFKA_GROUP_ID: group,
      DLQ_TOPIC: letters,
      COLLECTORS: 'ipfix://127.0.0.1:9',
    };
    const returned = async (): Promise<Set<string>> => {
      const found = await deadLettersIn(brokers, topic);
      return new Set(found.map(({ value }) => String(value)));
    };
    return { env, letters, group: `${group}-requeue`, returned };
  }

  function begun(env: Record<string, string>) {
    const program = startProgram(['requeue'], env, {});
    onTestFinished(() => program.kill('SIGKILL'));
    return program;
  }

  test('that was killed three times ends twice at once, and all letters are back', async () => {
    const { env, letters, group, returned } = await withLetters();
    for (const waitMs of [900, 1_500, 2_500]) {
      const program = begun(env);
      await sleep(waitMs);
      program.kill('SIGKILL');
      await program.ended;
    }
    const startMs = performance.now();
    const both = await Promise.all([
      runCommand(['requeue'], { env }),
      runCommand(['requeue'], { env }),
    ]);
    expect(both.map(({ code, stderr }) => ({ code, stderr }))).toEqual([
      { code: 0, stderr: expect.not.stringContaining('kafka2ipfix:') as string },
      { code: 0, stderr: expect.not.stringContaining('kafka2ipfix:') as string },
    ]);
    console.log(`both ended within ${Math.round(performance.now() - startMs)} ms`);
    expect((await returned()).size).toBe(letterCount);
    expect(await groupLag(group, letters)).toBe(0n);
  });

  test('ends soon at a signal at any moment, and the next one goes on there', async () => {
    const { env, letters, group, returned } = await withLetters();
    for (const [waitMs, signal] of [
      [500, 'SIGTERM'],
      [1_200, 'SIGINT'],
      [3_000, 'SIGHUP'],
    ] as const) {
      const program = begun(env);
      await sleep(waitMs);
      program.kill(signal);
      const ending = await Promise.race([program.ended, sleep(15_000, 'still there')]);
      // Before it listens for signals, one ends it as it does any program.
      expect([75, 0, signal]).toContain(ending);
    }
    expect((await runCommand(['requeue'], { env })).code).toBe(0);
    expect((await returned()).size).toBe(letterCount);
    expect(await groupLag(group, letters)).toBe(0n);
  });

  test('of one partition, twice at once, ends twice', async () => {
    const topic = await createTopic();
    const letters = await createTopic(1, `letters-${randomUUID()}`);
    const group = uniqueGroup();
    const headers = {
      ...{ 'kafka2ipfix.topic': topic, 'kafka2ipfix.partition': '0' },
      ...{ 'kafka2ipfix.group': group, 'kafka2ipfix.reason': 'BAD_EVENT' },
    };
    const value = Buffer.from('letter');
    await produceMessages(
      letters,
      Array.from({ length: 500 }, () => ({ value, headers })),
    );
    const env = {
      ...{ KAFKA_BROKERS: brokers.join(','), KAFKA_TOPICS: topic, KAFKA_GROUP_ID: group },
      ...{ DLQ_TOPIC: letters, COLLECTORS: 'ipfix://127.0.0.1:9' },
    };
    const run = () => runCommand(['requeue'], { env });
    const ends = await Promise.all([run(), run(), run()]);
    // With what each printed: a failure says why.
    expect(ends.filter(({ code }) => code !== 0)).toEqual([]);
    expect(await groupLag(`${group}-requeue`, letters)).toBe(0n);
  });
});
