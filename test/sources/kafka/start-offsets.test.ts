// Where the partitions of a group are read from, by what is committed, by whom, and of which topic.

import pino from 'pino';
import { describe, expect, test } from 'vitest';
import type { AutoOffsetReset } from '../../../src/sources/kafka/auto-offset-reset.ts';
import type { Membership, TopicOffsets } from '../../../src/sources/kafkajs/kafkajs-membership.ts';
import { startOffsets } from '../../../src/sources/kafka/start-offsets.ts';
import { TopicLayout } from '../../../src/sources/kafka/topic-layout.ts';

const log = pino({ level: 'silent' });
const topic = 'flows';
const present = 'topicId=present';

interface Given {
  /** By partition; undefined: the group has no offset. */
  readonly committed: readonly ([offset: number, metadata?: string] | undefined)[];
  readonly reset?: AutoOffsetReset;
  readonly isLeader?: boolean;
  /** Partitions without a leader. */
  readonly away?: readonly number[];
  readonly isRecreated?: boolean;
  readonly goesOn?: readonly number[];
}

/** Each partition's log goes from 100 to 900; by time, 500 is where it begins. */
async function starts(given: Given) {
  const { committed, reset = 'latest', isLeader = true, away = [], goesOn = [] } = given;
  const partitions = committed.map((_, partition) => partition);
  const commits: TopicOffsets[] = [];
  const offsetOf = (time: number) => (time === -2 ? '100' : time === -1 ? '900' : '500');
  const membership: Membership = {
    ...{ generation: 1, memberId: 'a', isLeader, assignment: [{ topic, partitions }] },
    ...{ begin: () => undefined, seek: () => undefined },
    ...{ pause: () => undefined, resume: () => undefined },
    layout: () => Promise.resolve([]),
    commit: (topics) => {
      commits.push(...topics);
      return Promise.resolve([]);
    },
    committed: (topics) =>
      Promise.resolve(
        topics.map((asked) => ({
          topic: asked.topic,
          partitions: asked.partitions.map((partition) => {
            const [offset = -1, metadata = ''] = committed[partition] ?? [];
            return { partition, offset: String(offset), metadata };
          }),
        })),
      ),
    offsetsAt: (topics, time) =>
      Promise.resolve(
        new Map(
          topics.map((asked) => [
            asked.topic,
            new Map(
              asked.partitions
                .filter((partition) => !away.includes(partition))
                .map((partition) => [partition, offsetOf(time)] as const),
            ),
          ]),
        ),
      ),
  };
  const partitionMetadata = partitions.map((partitionId) => ({
    ...{ partitionErrorCode: 0, partitionId, replicas: [1], isr: [1] },
    leader: away.includes(partitionId) ? -1 : 1,
  }));
  const layout = new TopicLayout([
    { topicErrorCode: 0, topic, topicId: 'present', isInternal: false, partitionMetadata },
  ]);
  const found = await startOffsets({
    ...{ membership, layout, topics: [topic], reset, log },
    isRecreated: () => given.isRecreated ?? false,
    goesOn: ({ partition }) => goesOn.includes(partition),
  });
  return { ...found, commits: commits.flatMap(({ partitions: committedNow }) => committedNow) };
}

const offsetsOf = ({ partitions }: Awaited<ReturnType<typeof starts>>) =>
  partitions.map(({ offset }) => offset);

describe('a group without offsets begins', () => {
  test.each([
    ['latest', 900],
    ['earliest', 100],
    [1_714_979_289_123, 500],
  ] as const)('at %s, and commits that with the id of the topic', async (reset, offset) => {
    const found = await starts({ committed: [undefined, undefined], reset });
    expect(offsetsOf(found)).toEqual([offset, offset]);
    const committed = { offset: String(offset), metadata: present };
    expect(found.commits).toEqual([
      { partition: 0, ...committed },
      { partition: 1, ...committed },
    ]);
  });

  test('nowhere with error', async () => {
    await expect(starts({ committed: [undefined], reset: 'error' })).rejects.toThrow(
      'the group has no offset for flows and KAFKA_AUTO_OFFSET_RESET=error',
    );
  });

  test('by a marker where a partition has no leader, so that whoever reads it begins there', async () => {
    const found = await starts({ committed: [undefined, undefined], away: [1] });
    expect(offsetsOf(found)).toEqual([900, undefined]);
    expect(found.commits[1]).toEqual({
      ...{ partition: 1, offset: '0', metadata: `${present} start=latest` },
    });
    const later = await starts({
      committed: [
        [900, present],
        [0, `${present} start=latest`],
      ],
    });
    expect(later.partitions[1]).toMatchObject({ offset: undefined, reset: 'latest' });
    expect(later.commits).toEqual([]);
  });

  test('at the start of a topic that was created again in this run, whatever the setting says', async () => {
    const found = await starts({ committed: [undefined], isRecreated: true });
    expect(offsetsOf(found)).toEqual([100]);
  });

  test('by a member that does not lead, where the leader commits nothing', async () => {
    const found = await starts({ committed: [undefined], isLeader: false });
    expect(offsetsOf(found)).toEqual([900]);
    expect(found.commits).toEqual([{ partition: 0, offset: '900', metadata: present }]);
  });
});

describe('a group with offsets goes on', () => {
  test('at them, and a partition that was added is read from its start', async () => {
    const found = await starts({ committed: [[400, present], undefined] });
    expect(offsetsOf(found)).toEqual([400, 100]);
    expect(found).toMatchObject({ lag: 500 + 800, removed: 0 });
  });

  test('at one without a topic id: it is an operator’s, or of an older version', async () => {
    expect(offsetsOf(await starts({ committed: [[400]] }))).toEqual([400]);
    expect(offsetsOf(await starts({ committed: [[400, 'by hand']] }))).toEqual([400]);
  });

  test('at the start of the log where the offset is of a topic that was deleted', async () => {
    const found = await starts({ committed: [[400, 'topicId=before']] });
    expect(found.partitions).toMatchObject([{ offset: 0, isRecreated: true }]);
    expect(found.removed).toBe(0);
  });

  test('nowhere where the topic was deleted, with error', async () => {
    const given = { committed: [[400, 'topicId=before'] as [number, string]] };
    await expect(starts({ ...given, reset: 'error' })).rejects.toThrow(
      'flows[0]: the topic was deleted and created again',
    );
  });

  test('behind what retention removed, which is counted', async () => {
    const found = await starts({ committed: [[40, present]] });
    expect(found).toMatchObject({ removed: 60, lag: 800 });
    await expect(starts({ committed: [[40, present]], reset: 'error' })).rejects.toThrow(
      'flows[0]: retention removed 60 records',
    );
  });

  test('and asks nothing of partitions that are in work already', async () => {
    const found = await starts({ committed: [[400], [500]], goesOn: [0] });
    expect(found.partitions.map(({ partition }) => partition)).toEqual([1]);
  });
});
