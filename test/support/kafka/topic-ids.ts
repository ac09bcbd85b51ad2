// Which flow events a topic holds, by their flowId, and where: read by a group of its own.

import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';
import { flowEventType, type FlowEvent } from '../../../src/generator/flow-event.ts';

const { Kafka, logLevel } = kafkajs;

/** flowId → the places it is at, until so many records were seen. */
export async function idsIn(
  brokers: readonly string[],
  topic: string,
): Promise<Map<number, string[]>> {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  let left = ends.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
  const found = new Map<number, string[]>();
  const consumer = kafka.consumer({ groupId: `look-${randomUUID()}` });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await new Promise<void>((resolve) => {
    if (left === 0) resolve();
    void consumer.run({
      eachBatch: ({ batch: { partition, messages } }) => {
        for (const { offset, value } of messages) {
          const { flowId } = flowEventType.fromBuffer(value!) as FlowEvent;
          found.set(flowId, [...(found.get(flowId) ?? []), `${partition}@${offset}`]);
        }
        left -= messages.length;
        if (left <= 0) resolve();
        return Promise.resolve();
      },
    });
  });
  await consumer.disconnect();
  return found;
}
