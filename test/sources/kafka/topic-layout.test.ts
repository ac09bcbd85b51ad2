// What the brokers say of the topics, and why nothing can be read of a partition.

import { expect, test } from 'vitest';
import { problemFor, TopicLayout } from '../../../src/sources/kafka/topic-layout.ts';
import type { TopicMetadata } from '../../../src/sources/kafkajs/kafkajs-requests.ts';

const partition = (partitionId: number, leader: number) => ({
  ...{ partitionErrorCode: 0, partitionId, leader, replicas: [1], isr: [1], offlineReplicas: [] },
});

const topic = (name: string, rest: Partial<TopicMetadata> = {}): TopicMetadata => ({
  ...{ topic: name, topicErrorCode: 0, isInternal: false, partitionMetadata: [], ...rest },
});

const layout = new TopicLayout([
  topic('flows', {
    topicId: 'first',
    partitionMetadata: [partition(0, 1), partition(1, -1)],
  }),
  topic('secret', { topicErrorCode: 29 }),
]);

test('a topic has its id and its partitions', () => {
  expect(layout.idOf('flows')).toBe('first');
  expect(layout.partitionsOf('flows')).toEqual([0, 1]);
  expect(layout.topicProblem('flows')).toBeUndefined();
});

test('a partition with a leader has no problem', () => {
  expect(layout.problemOf('flows', 0)).toBeUndefined();
});

test('a partition without a leader has the problem of one', () => {
  expect(layout.problemOf('flows', 1)).toBe(problemFor('LEADER_NOT_AVAILABLE'));
});

test('a partition that the topic does not have has a problem of its own', () => {
  const problem = layout.problemOf('flows', 2);
  expect(problem).toMatch(/partition/);
  expect(problem).not.toBe(layout.problemOf('flows', 1));
});

test('a topic that nobody knows does not exist, and has no partitions', () => {
  const problem = problemFor('UNKNOWN_TOPIC_OR_PARTITION');
  expect(problem).toContain('KAFKA_TOPICS');
  expect(layout.topicProblem('away')).toBe(problem);
  expect(layout.problemOf('away', 0)).toBe(problem);
  expect(layout.partitionsOf('away')).toEqual([]);
  expect(layout.idOf('away')).toBeUndefined();
});

test('a topic with an error has that as its problem', () => {
  expect(layout.topicProblem('secret')).toBe(problemFor('TOPIC_AUTHORIZATION_FAILED'));
  expect(layout.problemOf('secret', 0)).toContain('DESCRIBE');
});

test.each([
  ['UNKNOWN_TOPIC_ID', 'UNKNOWN_TOPIC_OR_PARTITION'],
  ['INCONSISTENT_TOPIC_ID', 'UNKNOWN_TOPIC_OR_PARTITION'],
  ['NOT_LEADER_FOR_PARTITION', 'LEADER_NOT_AVAILABLE'],
  ['NOT_LEADER_OR_FOLLOWER', 'LEADER_NOT_AVAILABLE'],
])('%s means the same as %s', (name, other) => {
  expect(problemFor(name)).toBe(problemFor(other));
});

test('an error that is not expected is named', () => {
  expect(problemFor('KAFKA_STORAGE_ERROR')).toContain('KAFKA_STORAGE_ERROR');
});
