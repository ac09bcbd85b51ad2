// To which partition a dead letter goes, and a message that goes back.

import { expect, test } from 'vitest';
import type { PartitionerArgs } from 'kafkajs';
import { homePartitioner } from '../../../src/sources/dead-letters/home-partition.ts';
import { headerPrefix } from '../../../src/sources/dead-letter.ts';

const withLeaders = (...leaders: number[]): PartitionerArgs['partitionMetadata'] =>
  leaders.map((leader, partitionId) => ({
    ...{ partitionId, leader, partitionErrorCode: 0, replicas: [1], isr: [1] },
  }));

const partitionOf = (
  message: { partition?: number; topic?: string; from?: number },
  partitionMetadata = withLeaders(1, 2, 3, 4),
): number => {
  const { partition, topic = 'flows', from = 0 } = message;
  const headers = { [`${headerPrefix}topic`]: topic, [`${headerPrefix}partition`]: String(from) };
  const one = partition === undefined ? { value: null, headers } : { value: null, partition };
  return homePartitioner()({ topic: 'any', partitionMetadata, message: one });
};

test('a message that goes back goes to its own partition, in whatever order the broker lists them', () => {
  const shuffled = [2, 0, 3, 1].map((i) => withLeaders(1, 2, 3, 4)[i]!);
  for (let partition = 0; partition < 4; partition += 1) {
    expect(partitionOf({ partition }, shuffled)).toBe(partition);
  }
});

test('letters of one partition go to one partition, and those of its neighbours to others', () => {
  const homes = [0, 1, 2, 3].map((from) => partitionOf({ from }));
  expect(homes).toEqual([0, 1, 2, 3].map((from) => partitionOf({ from })));
  expect(new Set(homes).size).toBe(4);
});

test('letters of several topics are spread, though their partitions have the same numbers', () => {
  const topics = Array.from({ length: 20 }, (_, i) => `flows-${i}`);
  expect(new Set(topics.map((topic) => partitionOf({ topic }))).size).toBe(4);
});

test('a partition without a leader is stood in for by the next one that has a leader', () => {
  expect(partitionOf({ partition: 1 }, withLeaders(1, -1, -1, 4))).toBe(3);
  expect(partitionOf({ partition: 3 }, withLeaders(1, 2, 3, -1))).toBe(0);
});

test('where no partition has a leader the message waits for its own', () => {
  expect(partitionOf({ partition: 2 }, withLeaders(-1, -1, -1))).toBe(2);
});

test('a topic with fewer partitions takes all of them', () => {
  expect(partitionOf({ partition: 5 }, withLeaders(1, 2))).toBe(1);
});
