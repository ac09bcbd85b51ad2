import { expect, test } from 'vitest';
import {
  committedOffsets,
  createTopic,
  describeWithKafka,
  groupLag,
  kafkaClient,
  uniqueGroup,
} from '../support/kafka/kafka.ts';

describeWithKafka('the broker of this run', () => {
  test('gives back what was produced and keeps what a group commits', async () => {
    const topic = await createTopic(1);
    const groupId = uniqueGroup();
    const sent = Array.from({ length: 10 }, (_, number) => `event ${number}`);

    const producer = kafkaClient().producer();
    await producer.connect();
    await producer.send({ topic, messages: sent.map((value) => ({ value })) });
    await producer.disconnect();
    expect(await groupLag(groupId, topic)).toBe(10n);

    const received = await readWithGroup(groupId, topic, sent.length);
    expect(received).toEqual(sent);
    expect(await committedOffsets(groupId, topic)).toEqual(new Map([[0, 10n]]));
    expect(await groupLag(groupId, topic)).toBe(0n);
  });

  test('does not create a topic by itself', async () => {
    const producer = kafkaClient().producer({ retry: { retries: 0 } });
    await producer.connect();
    const sending = producer.send({ topic: uniqueGroup(), messages: [{ value: 'lost' }] });
    await expect(sending).rejects.toThrow('This server does not host this topic-partition');
    await producer.disconnect();
  });
});

async function readWithGroup(groupId: string, topic: string, count: number): Promise<string[]> {
  const consumer = kafkaClient().consumer({ groupId, maxWaitTimeInMs: 100 });
  const received: string[] = [];
  const all = Promise.withResolvers<undefined>();
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: ({ message }) => {
      received.push(String(message.value));
      if (received.length === count) all.resolve(undefined);
      return Promise.resolve();
    },
  });
  await all.promise;
  // Commits what was resolved before it leaves the group.
  await consumer.disconnect();
  return received;
}
