// Which messages of a topic are looked at, and that the trouble of one partition hides no other.

import { expect, test } from 'vitest';
import { framingFromText } from '../../../src/framing.ts';
import { SchemaStore } from '../../../src/sources/schemas/schema-store.ts';
import {
  type Broker,
  type Cluster,
  messagesOf,
  PartitionSkippedError,
  type PeekOptions,
} from '../../../src/sources/kafka/kafka-peek.ts';
import { recordSetOf } from '../../support/kafka/any-record-batch.ts';

const topic = 'flows';

/** The messages of each partition, as offsets; undefined: its leader does not answer. */
type Offsets = readonly (readonly number[] | undefined)[];

const broker = (partitions: Offsets, fetches: number[] = []): Broker => ({
  fetch: (request) => {
    const { topics } = request as {
      topics: { partitions: { partition: number; fetchOffset: string }[] }[];
    };
    const { partition, fetchOffset } = topics[0]!.partitions[0]!;
    fetches.push(partition);
    const from = Number(fetchOffset);
    const messages = (partitions[partition] ?? [])
      .filter((offset) => offset >= from)
      .map((offset) => ({
        offset,
        value: Buffer.from([2]),
        key: null,
        timestampMs: 0,
        headers: [],
      }));
    if (messages.some(({ offset }) => offset === damaged)) throw new Error('the batch is damaged');
    const set = messages.length === 0 ? [] : [{ recordSet: recordSetOf(messages) }];
    return Promise.resolve({ responses: [{ partitions: [{ messages: set as never }] }] });
  },
});

/** A fetch that would have this offset fails. */
const damaged = 666;

function clusterOf(partitions: Offsets, one = broker(partitions)): Cluster {
  const answering = partitions.flatMap((offsets, partition) => (offsets ? [partition] : []));
  const metadata = partitions.map((_, partitionId) => ({ partitionId, leader: 1 }));
  return {
    connect: () => Promise.resolve(),
    disconnect: () => Promise.resolve(),
    addTargetTopic: () => Promise.resolve(),
    findTopicPartitionMetadata: () => metadata,
    findBroker: () => Promise.resolve(one),
    brokerPool: {
      metadata: { topicMetadata: [{ topic, partitionMetadata: metadata }] } as never,
    },
    fetchTopicsOffset: ([asked]) =>
      Promise.resolve([
        {
          topic,
          partitions: answering.map((partition) => {
            const offsets = partitions[partition]!;
            const isStart = asked!.fromTimestamp === -2;
            const offset = isStart ? (offsets[0] ?? 0) : (offsets.at(-1) ?? -1) + 1;
            return { partition, offset: String(offset) };
          }),
        },
      ]),
  };
}

async function seenIn(
  cluster: Cluster,
  asked: Pick<PeekOptions, 'count' | 'from' | 'timeoutMs'>,
  isTolerant = true,
) {
  const faults: string[] = [];
  const skipped: number[] = [];
  const onFault = (partition: number, error: Error): void => {
    faults.push(`${partition}: ${error.message}`);
    if (error instanceof PartitionSkippedError) skipped.push(partition);
  };
  const seen: [partition: number, offset: number][] = [];
  const messages = messagesOf(cluster, {
    ...asked,
    ...{ topic, framing: framingFromText('bare')!, messageOctetsMax: 1_000 },
    ...{ checkCrcs: true, batchOctetsMax: 2 ** 20, ...(isTolerant && { onFault }) },
    schemas: new SchemaStore({
      ...{ byFingerprint: new Map(), registry: undefined },
      bare: new Map([[topic, { name: 'int', json: 'int' }]]),
    }),
  });
  for await (const { origin, offsets } of messages) seen.push([origin.partition, offsets[0]!]);
  return { seen, faults, skipped };
}

const upTo = (end: number, start = 0): number[] =>
  Array.from({ length: end - start }, (_, i) => start + i);

const inPartition = (partition: number, offsets: readonly number[]) =>
  offsets.map((offset) => [partition, offset]);

test('both ends of a partition are looked at: a quarter at its start, the others at its end', async () => {
  const cluster = clusterOf([upTo(100, 10), upTo(5), [], upTo(9)]);
  const { seen, faults } = await seenIn(cluster, { count: 8, from: 'both' });
  expect(faults).toEqual([]);
  expect(seen).toEqual([
    ...inPartition(0, [10, 11, 94, 95, 96, 97, 98, 99]),
    ...inPartition(1, [0, 1, 2, 3, 4]),
    ...inPartition(3, [0, 1, 3, 4, 5, 6, 7, 8]),
  ]);
});

test.each([
  ['newest', [97, 98, 99]],
  ['oldest', [10, 11, 12]],
] as const)('only the %s are looked at if nothing else is asked for', async (from, offsets) => {
  const { seen } = await seenIn(clusterOf([upTo(100, 10)]), { count: 3, from });
  expect(seen).toEqual(inPartition(0, offsets));
});

test('what one partition lacks or fails at is reported, and the others are read', async () => {
  const cluster = clusterOf([undefined, [664, 665, damaged], upTo(2)]);
  const asked = { count: 4, from: 'newest' } as const;
  const { seen, faults, skipped } = await seenIn(cluster, asked);
  expect(seen).toEqual(inPartition(2, [0, 1]));
  expect(faults).toEqual([
    '0: no leader of it answers; start the broker that leads it',
    '1: the batch is damaged',
  ]);
  expect(skipped).toEqual([0]);
  await expect(seenIn(cluster, asked, false)).rejects.toThrow('no leader of it answers');
});

test('after the time that is given, the partitions that are left are named, not read', async () => {
  const fetches: number[] = [];
  const partitions = [upTo(2), upTo(2), upTo(2)];
  const slow = broker(partitions, fetches);
  const cluster = clusterOf(partitions, {
    fetch: async (request) => {
      await new Promise((resolve) => setTimeout(resolve, 60));
      return slow.fetch(request);
    },
  });
  const { seen, skipped } = await seenIn(cluster, { count: 2, from: 'newest', timeoutMs: 50 });
  expect(seen).toEqual(inPartition(0, [0, 1]));
  expect(skipped).toEqual([1, 2]);
  expect(fetches).toEqual([0]);
});
