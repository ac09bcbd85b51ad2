// What is committed, with which text, and what is not.

import pino from 'pino';
import { afterEach, expect, test, vi } from 'vitest';
import { Assignment } from '../../../src/sources/kafka/assignment.ts';
import type { Contact } from '../../../src/sources/kafka/broker-contact.ts';
import { Committer } from '../../../src/sources/kafka/committer.ts';
import { type Intake, noIntake, type Origin } from '../../../src/sources/delivery.ts';
import type {
  Membership,
  TopicPartition,
  TopicOffsets,
} from '../../../src/sources/kafkajs/kafkajs-membership.ts';
import { steadyContact } from '../../support/fakes/broker-contact.ts';

const lines: { code?: string }[] = [];
const log = pino({}, { write: (line: string) => lines.push(JSON.parse(line) as object) });

afterEach(() => {
  vi.useRealTimers();
  lines.length = 0;
});

const topic = 'flows';

function committing(contact: Pick<Contact, 'isDisturbed'> = steadyContact) {
  const assignment = new Assignment();
  const commits: TopicOffsets[] = [];
  const answers: (Error | readonly TopicPartition[])[] = [];
  const membership: Membership = {
    ...{ generation: 1, memberId: 'a', isLeader: true },
    assignment: [{ topic, partitions: [0, 1] }],
    ...{ begin: () => undefined, seek: () => undefined },
    ...{ pause: () => undefined, resume: () => undefined },
    layout: () => Promise.resolve([]),
    committed: () => Promise.resolve([]),
    offsetsAt: () => Promise.resolve(new Map()),
    commit: (topics) => {
      const answer = answers.shift() ?? [];
      if (answer instanceof Error) return Promise.reject(answer);
      commits.push(...topics);
      return Promise.resolve(answer);
    },
  };
  assignment.take(membership, () => 'first');
  const offsets = new Map<Origin, number>();
  const intake: Intake = {
    ...noIntake,
    committable: () => Array.from(offsets, ([origin, offset]) => ({ origin, offset })),
  };
  const committer = new Committer({ intake, assignment, contact, log });
  committer.membership = membership;
  const commit = () => committer.commit({ last: false });
  const origin = (partition: number) => assignment.get(topic, partition)!;
  return { assignment, commits, answers, offsets, committer, commit, origin, membership };
}

test('each offset goes with the id of its topic, and once', async () => {
  const { commits, offsets, commit, origin, committer } = committing();
  offsets.set(origin(0), 7);
  await commit();
  await commit();
  expect(commits).toEqual([
    { topic, partitions: [{ partition: 0, offset: '7', metadata: 'topicId=first' }] },
  ]);
  expect(committer.allCommitted).toBe(true);
});

test('of an Origin that is not assigned any more nothing is committed', async () => {
  const { assignment, commits, offsets, commit, origin } = committing();
  const before = origin(0);
  offsets.set(before, 7);
  assignment.renew(before, 'second');
  await commit();
  expect(commits).toEqual([]);
  offsets.set(origin(0), 2);
  await commit();
  expect(commits).toEqual([
    { topic, partitions: [{ partition: 0, offset: '2', metadata: 'topicId=second' }] },
  ]);
});

test('what has no topic any more is tried again, and holds no end up', async () => {
  const { commits, offsets, commit, origin, committer, answers } = committing();
  offsets.set(origin(0), 7);
  offsets.set(origin(1), 9);
  answers.push([{ topic, partition: 1 }]);
  await commit();
  expect(committer.allCommitted).toBe(true);
  expect(committer.committedOf(origin(0))).toBe(7);
  expect(committer.committedOf(origin(1))).toBeUndefined();
  await commit();
  expect(commits.at(-1)?.partitions.map(({ partition }) => partition)).toEqual([1]);
  expect(committer.committedOf(origin(1))).toBe(9);
});

test('an ended generation ends committing, until the next join', async () => {
  const { offsets, commit, origin, committer, answers } = committing();
  offsets.set(origin(0), 7);
  answers.push(Object.assign(new Error('over'), { type: 'ILLEGAL_GENERATION' }));
  await commit();
  expect(committer.membership).toBeUndefined();
  expect(committer.allCommitted).toBe(false);
  await commit();
  expect(committer.counts).toEqual({ succeeded: 0, failed: 1 });
});

test('any other failure is tried again by the next call', async () => {
  const { commits, offsets, commit, origin, answers, committer } = committing();
  offsets.set(origin(0), 7);
  answers.push(new Error('no answer'));
  await commit();
  await commit();
  expect(commits).toHaveLength(1);
  expect(committer.counts).toEqual({ succeeded: 1, failed: 1 });
});

test('a commit that fails for longer than a moment is logged, and each kind once in a while', async () => {
  vi.useFakeTimers();
  const { offsets, commit, origin, answers } = committing();
  offsets.set(origin(0), 7);
  for (let i = 0; i < 8; i += 1) {
    answers.push(new Error('no answer'));
    await commit();
    expect(lines.map(({ code }) => code)).toEqual(i * 500 < 2_000 ? [] : ['COMMIT_FAILED']);
    await vi.advanceTimersByTimeAsync(500);
  }
});

test('a commit that fails because no broker answers is not logged: that is, once', async () => {
  vi.useFakeTimers();
  const { offsets, commit, origin, answers } = committing({ isDisturbed: true });
  offsets.set(origin(0), 7);
  for (let i = 0; i < 8; i += 1) {
    answers.push(new Error('no answer'));
    await commit();
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect(lines).toEqual([]);
});
