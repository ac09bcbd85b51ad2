// A topic with so many flows, in RecordBatches of a chosen size and codec.

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import kafkajs from 'kafkajs';
import type { Course } from './contestants.ts';
import { partitions } from './equal-settings.ts';
import { type Layout, nineFields, writeFlows } from './flows.ts';
import type { NativePrograms } from './native-program.ts';

export type Codec = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

export interface CourseOptions {
  readonly native: NativePrograms;
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly records: number;
  readonly batchRecords: number;
  readonly codec: Codec;
  readonly layout?: Layout;
}

/** Creates the topic and fills it; `remove` frees its disk. */
export async function makeCourse(
  options: CourseOptions,
): Promise<Course & { readonly remove: () => Promise<void> }> {
  const { native, registryUrl, records, batchRecords, codec, layout = nineFields } = options;
  const brokers = options.brokers.join(',');
  const topic = `bench-${randomUUID()}`;
  const kafka = new kafkajs.Kafka({
    brokers: [...options.brokers],
    logLevel: kafkajs.logLevel.ERROR,
  });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: partitions }] });
  const file = join(native.folder, 'flows');
  const { sumOf } = writeFlows(file, layout);
  const args = [brokers, topic, partitions, records, batchRecords, codec, file];
  const producer = native.start('produce', args);
  const { delivered } = await producer.json<{ delivered: number }>();
  await producer.ended();
  if (delivered !== records) throw new Error(`${delivered} of ${records} records were produced`);
  const remove = async () => {
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
  };
  return { native, brokers, topic, records, registryUrl, sum: sumOf(records), remove };
}
