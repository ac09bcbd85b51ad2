// Where the demo's flow events lie: in a topic of a real Kafka, or in an Avro container file where
// there is none.

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { writeFlowFile } from '../src/generator/flow-file.ts';
import type { KafkaBroker } from './broker/kafka-broker.ts';
import { produceFlows } from '../src/generator/produce-flows.ts';
import { kafkaClient } from '../src/sources/kafkajs/kafka-client.ts';

export const partitions = 4;

/** How long to put away a topic on brokers that are not ours. */
const removeTimeoutMs = 10_000;

interface Generation {
  readonly events: number;
  readonly seed: number;
  readonly onProgress: (events: number) => void;
}

export interface DemoSource {
  /** A description of where the events are. */
  readonly place: string;
  /** What the stage gets to know of it. */
  readonly input: Readonly<Record<string, string>>;
  generate(generation: Generation): Promise<{ seconds: number }>;
  /** Events that the group has not committed; undefined for a file, which has no offsets. */
  lag: (() => Promise<number>) | undefined;
  close(): Promise<void>;
}

export function fileSource(folder: string): DemoSource {
  const file = join(folder, 'flows.avro');
  return {
    place: 'an Avro container file',
    input: { INPUT_FILE: file },
    generate: ({ events, ...rest }) => writeFlowFile({ ...rest, count: events, output: file }),
    lag: undefined,
    close: () => Promise.resolve(),
  };
}

export function topicSource({ brokers, kind }: KafkaBroker): DemoSource {
  const topic = `kafka2ipfix-demo-${randomUUID().slice(0, 8)}`;
  const kafka = kafkaClient({ clientId: 'kafka2ipfix-demo', brokers });
  const admin = kafka.admin();
  return {
    place: `topic ${topic}, ${partitions} partitions`,
    input: {
      KAFKA_BROKERS: brokers.join(','),
      KAFKA_TOPICS: topic,
      KAFKA_GROUP_ID: topic,
      KAFKA_AUTO_OFFSET_RESET: 'earliest',
    },
    async generate({ events, ...rest }) {
      const run = await produceFlows({ ...rest, count: events, brokers, topic, partitions });
      await admin.connect();
      return run;
    },
    lag: () => groupLag(admin, topic),
    async close() {
      // Our own Kafka goes as a whole; one that was given must be as it was before.
      const removal = kind === 'given' ? remove(admin, topic) : Promise.resolve();
      await Promise.race([removal, sleep(removeTimeoutMs, undefined, { ref: false })]);
      await admin.disconnect();
    },
  };
}

/** The group has the topic's name. */
async function groupLag(admin: Admin, topic: string): Promise<number> {
  const [found] = await admin.fetchOffsets({ groupId: topic, topics: [topic] });
  const committed = new Map(found?.partitions.map((it) => [it.partition, Number(it.offset)]));
  let lag = 0;
  for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
    // -1 where nothing has been committed yet.
    lag += Number(high) - Math.max(committed.get(partition) ?? -1, Number(low));
  }
  return lag;
}

async function remove(admin: Admin, topic: string): Promise<void> {
  await admin.connect();
  await Promise.allSettled([admin.deleteTopics({ topics: [topic] }), admin.deleteGroups([topic])]);
}
