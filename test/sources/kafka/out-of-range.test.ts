// An offset that its partition does not have: where reading goes on, and what is counted as lost.

import pino from 'pino';
import { describe, expect, test } from 'vitest';
import type { AutoOffsetReset } from '../../../src/sources/kafka/auto-offset-reset.ts';
import { resumptionAfter } from '../../../src/sources/kafka/out-of-range.ts';
import { StartOffsetError } from '../../../src/sources/kafka/start-offsets.ts';
import { beginningTime, endTime } from '../../../src/sources/kafkajs/kafkajs-offsets.ts';

interface LogRange {
  /** Undefined where the leader does not answer. */
  readonly low?: string;
  readonly high?: string;
}

function afterOffset(offset: string, { low, high }: LogRange, reset: AutoOffsetReset = 'earliest') {
  const logged: Record<string, unknown>[] = [];
  const log = pino(
    {},
    { write: (line: string) => logged.push(JSON.parse(line) as object as never) },
  );
  const at = new Map([
    [beginningTime, low],
    [endTime, high],
  ]);
  const membership = {
    offsetsAt: (
      topics: readonly { topic: string; partitions: readonly number[] }[],
      time: number,
    ) => {
      expect(topics).toEqual([{ topic: 'flows', partitions: [3] }]);
      const found = at.get(time);
      return Promise.resolve(
        new Map(found === undefined ? [] : [['flows', new Map([[3, found]])] as const]),
      );
    },
  };
  const resumption = resumptionAfter(
    { topic: 'flows', partition: 3, offset },
    { membership, reset, log },
  );
  return { resumption, logged };
}

describe('an offset below the first one of the log', () => {
  test('goes on at the first one, and the records between are counted as removed', async () => {
    const { resumption, logged } = afterOffset('40', { low: '100', high: '250' });
    expect(await resumption).toEqual({ offset: '100', removed: 60, isAnotherLog: false });
    expect(logged).toHaveLength(1);
    expect(logged[0]).toMatchObject({
      code: 'RETENTION_REMOVED_RECORDS',
      level: 50,
      topic: 'flows',
      partition: 3,
      offset: '40',
      removed: 60,
    });
  });

  test.each(['latest', 0] as const)('goes on there with %j too', async (reset) => {
    const { resumption } = afterOffset('40', { low: '100', high: '250' }, reset);
    expect(await resumption).toMatchObject({ offset: '100', removed: 60 });
  });
});

test('an offset above the end means another log, which is read from its beginning', async () => {
  const { resumption, logged } = afterOffset('251', { low: '0', high: '250' });
  expect(await resumption).toEqual({ offset: '0', removed: 0, isAnotherLog: true });
  expect(logged).toHaveLength(1);
});

test.each(['100', '180', '250'])(
  'the offset %s, which the log has by now, stays',
  async (offset) => {
    const { resumption, logged } = afterOffset(offset, { low: '100', high: '250' }, 'error');
    expect(await resumption).toBeUndefined();
    expect(logged).toEqual([]);
  },
);

test.each([{}, { low: '100' }, { high: '250' }])(
  'nothing is decided while the leader answers only %j',
  async (range) => {
    const { resumption, logged } = afterOffset('40', range, 'error');
    expect(await resumption).toBeUndefined();
    expect(logged).toEqual([]);
  },
);

test.each(['40', '251'])(
  'with KAFKA_AUTO_OFFSET_RESET=error the offset %s ends the run, with its place',
  async (offset) => {
    const { resumption, logged } = afterOffset(offset, { low: '100', high: '250' }, 'error');
    const error = await resumption.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(StartOffsetError);
    expect((error as Error).message).toMatch(
      /^flows\[3\]: .*\b(100|250|60)\b.*KAFKA_AUTO_OFFSET_RESET/,
    );
    expect(logged).toEqual([]);
  },
);
