// The Origins of a member, from one join to the next.

import { expect, test } from 'vitest';
import { Assignment, isOtherTopic } from '../../../src/sources/kafka/assignment.ts';
import type { Membership } from '../../../src/sources/kafkajs/kafkajs-membership.ts';

const joined = (memberId: string, partitions: readonly number[], generation = 1) =>
  ({ memberId, generation, assignment: [{ topic: 'flows', partitions }] }) as unknown as Membership;

test('what is kept keeps its Origin, what is lost is named', () => {
  const assignment = new Assignment();
  assignment.take(joined('a', [0, 1]), () => 'x');
  const [zero, one] = [...assignment.all()];
  const { lost, recreated } = assignment.take(joined('a', [1, 2], 2), () => 'x');
  expect(lost).toEqual([zero]);
  expect(recreated).toEqual([]);
  expect(assignment.get('flows', 1)).toBe(one);
});

test('another member id keeps nothing: others may have gone on meanwhile', () => {
  const assignment = new Assignment();
  assignment.take(joined('a', [0]), () => 'x');
  const before = assignment.get('flows', 0);
  const { lost } = assignment.take(joined('b', [0], 2), () => 'x');
  expect(lost).toEqual([before]);
  expect(assignment.get('flows', 0)).not.toBe(before);
});

test('a topic of another id is another Origin, and was not lost to another member', () => {
  const assignment = new Assignment();
  assignment.take(joined('a', [0]), () => 'x');
  const before = assignment.get('flows', 0)!;
  const { lost, recreated } = assignment.take(joined('a', [0], 2), () => 'y');
  expect({ lost, recreated }).toEqual({ lost: [], recreated: [before] });
  expect(assignment.get('flows', 0)).toMatchObject({ topicId: 'y' });
});

test('where the brokers give no ids, nothing is said of another topic', () => {
  const assignment = new Assignment();
  assignment.take(joined('a', [0]), () => undefined);
  const origin = assignment.get('flows', 0)!;
  expect(isOtherTopic(origin, 'y')).toBe(false);
  expect(isOtherTopic({ ...origin, topicId: 'x' }, undefined)).toBe(false);
  expect(isOtherTopic({ ...origin, topicId: 'x' }, 'y')).toBe(true);
});
