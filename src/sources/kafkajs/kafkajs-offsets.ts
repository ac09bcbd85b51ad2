// Offsets of partitions by time, asked of each leader by itself: what one of them does not answer is left
// out, and the others' answers are used. kafkajs gives all or nothing.

import type { TopicMetadata } from './kafkajs-requests.ts';
import { within } from '../../clock.ts';

/** `-1` is the end, `-2` the beginning; else milliseconds since 1970. As ListOffsets has them. */
export type OffsetTime = number;
export const endTime: OffsetTime = -1;
export const beginningTime: OffsetTime = -2;

// What is used of kafkajs/src/cluster/index.js, and of its brokerPool.
export interface OffsetsCluster {
  readonly brokerPool: {
    readonly metadata: { readonly topicMetadata: readonly TopicMetadata[] } | null;
  };
  fetchTopicsOffset(
    topics: readonly {
      topic: string;
      partitions: readonly { partition: number }[];
      fromTimestamp: number;
    }[],
  ): Promise<
    readonly {
      readonly topic: string;
      readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
    }[]
  >;
}

/** A broker that hangs is not waited for longer. */
const waitMsMax = 3_000;

/** Each leader is asked for its own; what one of them does not answer is left out. */
export async function offsetsAt(
  cluster: OffsetsCluster,
  topics: readonly { readonly topic: string; readonly partitions: readonly number[] }[],
  fromTimestamp: OffsetTime,
  waitMs = waitMsMax,
): Promise<ReadonlyMap<string, ReadonlyMap<number, string>>> {
  const found = new Map<string, Map<number, string>>();
  const byLeader = new Map<number, Map<string, { partition: number }[]>>();
  for (const { topic, partitions } of topics) {
    const known = cluster.brokerPool.metadata?.topicMetadata.find((one) => one.topic === topic);
    for (const partition of partitions) {
      const leader = known?.partitionMetadata.find((one) => one.partitionId === partition)?.leader;
      if (leader === undefined || leader < 0) continue;
      const led = byLeader.get(leader) ?? new Map<string, { partition: number }[]>();
      byLeader.set(leader, led);
      led.set(topic, [...(led.get(topic) ?? []), { partition }]);
    }
  }
  const ask = async (led: ReadonlyMap<string, { partition: number }[]>) => {
    const asked = Array.from(led, ([topic, partitions]) => ({ topic, partitions, fromTimestamp }));
    const answers = await cluster.fetchTopicsOffset(asked);
    for (const { topic, partitions } of answers) {
      const offsets = found.get(topic) ?? new Map<number, string>();
      found.set(topic, offsets);
      for (const { partition, offset } of partitions) offsets.set(partition, offset);
    }
  };
  await within(waitMs, Promise.allSettled(Array.from(byLeader.values(), ask)));
  return found;
}
