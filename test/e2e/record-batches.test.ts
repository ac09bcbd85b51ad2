// Batches of a real broker: every codec by Kafka's own producer, transactions against Kafka's own
// consumer, a topic that was compacted, a batch of 200,000 records.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Admin, Partitioners, type Producer } from 'kafkajs';
import { expect, onTestFinished, test } from 'vitest';
import { Random } from '../../src/generator/random.ts';
import { makeTopic } from '../../src/generator/make-topic.ts';
import { createTopic, describeWithKafka, kafka, kafkaClient } from '../support/kafka/kafka.ts';
import { consoleConsume, consoleProduce } from '../support/kafka/kafka-tools.ts';
import { readTopic } from './source-reader.ts';

/** The tools are in the jars the broker runs from. */
const hasTools = 'kind' in kafka && kafka.kind === 'jars';
const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

/** All lines go in one: it is full later than they are over. */
const oneBatch = {
  ...{ 'batch.size': 2 ** 24, 'linger.ms': 60_000 },
  ...{ 'max.request.size': 2 ** 25, 'buffer.memory': 2 ** 26 },
};

describeWithKafka('batches', (brokers) => {
  test.skipIf(!hasTools)('of every codec, by Kafka’s own producer, are read', async () => {
    const topic = await createTopic(1);
    const linesOf = (codec: string) =>
      Array.from({ length: 2_000 }, (_, i) => `${codec} ${i} ${'again '.repeat(i % 9)}`);
    // Each is a JVM that mostly waits: side by side, their batches in any order.
    await Promise.all(codecs.map((codec) => consoleProduce(brokers, topic, codec, linesOf(codec))));
    const count = codecs.length * 2_000;
    const read = await readTopic({ brokers, topic, ends: [count] });
    expect(read.map(({ offset }) => offset)).toEqual(Array.from({ length: count }, (_, i) => i));
    for (const codec of codecs) {
      const values = read.map(({ value }) => value).filter((value) => value?.startsWith(codec));
      expect(values).toEqual(linesOf(codec));
    }
  });

  test.skipIf(!hasTools)('of 200,000 records are read, which kafkajs cannot', async () => {
    const topic = await configuredTopic('large', { 'max.message.bytes': String(2 ** 26) });
    const lines = Array.from({ length: 200_000 }, (_, i) => String(i));
    await consoleProduce(brokers, topic, 'lz4', lines, oneBatch);
    const read = await readTopic({ brokers, topic, ends: [lines.length] });
    expect(read.length).toBe(200_000);
    expect(read.every(({ offset, value }) => value === String(offset))).toBe(true);
  });

  test('of a compacted topic, with keys, headers and nulls, are read', async () => {
    const topic = await configuredTopic('compacted', {
      'cleanup.policy': 'compact',
      'segment.bytes': '1048576',
      'min.cleanable.dirty.ratio': '0.01',
    });
    const filler = 'x'.repeat(500);
    const messages = Array.from({ length: 6_000 }, (_, i) => ({
      key: `key ${i % 50}`,
      value: i === 5_990 ? null : `${i} ${filler}`,
      headers: { number: String(i), two: ['a', 'b'] },
    }));
    await withProducer({}, async (producer) => {
      for (let i = 0; i < messages.length; i += 300) {
        await producer.send({ topic, messages: messages.slice(i, i + 300) });
      }
    });
    await untilCompacted(topic, messages.length);
    const read = await readTopic({ brokers, topic, ends: [messages.length] });
    expect(read.length).toBeLessThan(messages.length);
    for (const { offset, key, value, headers } of read) {
      const sent = messages[offset]!;
      expect({ key, value }).toEqual({ key: sent.key, value: sent.value });
      expect(headers).toEqual([`number=${offset}`, 'two=a', 'two=b']);
    }
    // Of each key the last is always there.
    const newest = new Set(read.map(({ offset }) => offset));
    expect(messages.slice(-50).every((_, i) => newest.has(messages.length - 50 + i))).toBe(true);
  });

  test('of transactions, interleaved, begun before a fetch and aborted, are read as by Kafka’s own consumer', async () => {
    const topic = await createTopic(2);
    const { committed, ends } = await transactions(topic, new Random(11), 60);
    const consumed = hasTools ? await consoleConsume(brokers, topic) : undefined;
    // Small fetches begin within open transactions.
    for (const partitionOctetsMax of [2 ** 20, 2 ** 10]) {
      const read = await readTopic({ brokers, topic, ends, partitionOctetsMax });
      expect(read.map(({ value }) => value).sort()).toEqual([...committed].sort());
      if (!consumed) continue;
      const places = read.map(({ partition, offset, value }) => ({ partition, offset, value }));
      expect(inOrder(places)).toEqual(inOrder(consumed));
    }
  });
});

const inOrder = <T extends { partition: number; offset: number }>(all: readonly T[]): T[] =>
  all.toSorted((a, b) => a.partition - b.partition || a.offset - b.offset);

async function configuredTopic(name: string, entries: Record<string, string>): Promise<string> {
  const topic = `flows-${name}-${Date.now()}`;
  const configEntries = Object.entries(entries).map(([key, value]) => ({ name: key, value }));
  await withAdmin((admin) => makeTopic(admin, { topic, numPartitions: 1, configEntries }));
  return topic;
}

/**
 * Four producers, each in a transaction most of the time. What was committed, and for each partition
 * the offset after its last record: markers may follow it, which the brokers write in their own time.
 */
async function transactions(
  topic: string,
  random: Random,
  rounds: number,
): Promise<{ committed: string[]; ends: number[] }> {
  const committed: string[] = [];
  const producers = await Promise.all(
    [0, 1, 2, 3].map((n) =>
      connected({ transactionalId: `${topic}-${n}`, idempotent: true, maxInFlightRequests: 1 }),
    ),
  );
  const plain = await connected({});
  type Open = {
    producer: Producer;
    values: string[];
    transaction: Awaited<ReturnType<Producer['transaction']>>;
  };
  const open = new Map<Producer, Open>();
  let number = 0;
  const some = (what: string) =>
    Array.from({ length: random.integer(1, 6) }, () => ({
      value: `${what} ${(number += 1)}`,
      // As an abort marker's key looks.
      key: random.integer(0, 3) === 0 ? Buffer.alloc(4) : null,
      partition: random.integer(0, 1),
    }));
  const end = async ({ producer, values, transaction }: Open) => {
    open.delete(producer);
    if (random.integer(0, 1) === 0) await transaction.abort();
    else {
      await transaction.commit();
      committed.push(...values);
    }
  };
  for (let round = 0; round < rounds; round += 1) {
    const producer = producers[random.integer(0, 3)]!;
    const now = open.get(producer) ?? {
      producer,
      values: [],
      transaction: await producer.transaction(),
    };
    open.set(producer, now);
    const messages = some('transaction');
    await now.transaction.send({ topic, messages });
    now.values.push(...messages.map(({ value }) => value));
    if (random.integer(0, 2) === 0) await end(now);
    if (random.integer(0, 3) === 0) {
      const others = some('plain');
      await plain.send({ topic, messages: others });
      committed.push(...others.map(({ value }) => value));
    }
  }
  for (const still of [...open.values()]) await end(still);
  const last = [0, 1].map((partition) => ({ value: `last ${partition}`, partition }));
  const written = await plain.send({ topic, messages: last });
  committed.push(...last.map(({ value }) => value));
  const ends = written
    .toSorted((a, b) => a.partition - b.partition)
    .map(({ baseOffset }) => Number(baseOffset) + 1);
  return { committed, ends };
}

async function connected(config: object): Promise<Producer> {
  const createPartitioner = Partitioners.DefaultPartitioner;
  const producer = kafkaClient().producer({ createPartitioner, ...config });
  await producer.connect();
  onTestFinished(() => producer.disconnect());
  return producer;
}

async function withProducer(config: object, use: (producer: Producer) => Promise<unknown>) {
  await use(await connected(config));
}

async function withAdmin<T>(use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafkaClient().admin();
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}

/** The cleaner begins by itself, within 15 seconds as a rule; fewer records are then there to be read. */
async function untilCompacted(topic: string, sent: number): Promise<void> {
  const giveUpAt = performance.now() + 60_000;
  while (performance.now() < giveUpAt) {
    if ((await countOf(topic, sent)) < sent) return;
    await sleep(2_000);
  }
  throw new Error(`${topic} was not compacted within a minute`);
}

async function countOf(topic: string, sent: number): Promise<number> {
  if (!('brokers' in kafka)) return 0;
  const { brokers } = kafka;
  const read = await readTopic({ brokers, topic, ends: [sent] });
  return read.length;
}
