// A topic that is deleted and created again is another topic; and a group whose offsets an operator moved
// while its members were frozen goes on where the operator said.

import { expect, test } from 'vitest';
import { describeWithKafka } from '../support/kafka/kafka.ts';
import { movedOffsets, recreatedTopic } from '../support/rounds/recreated-topic-rounds.ts';

describeWithKafka('a topic that is deleted and created again', (brokers) => {
  test('is read from its start, five times under load with members that freeze', async () => {
    const report = await recreatedTopic({
      ...{ brokers, rounds: 5, seed: 4, waitMaxMs: 3_000, freezeMaxMs: 4_000 },
      log: (line) => console.log(line),
    });
    expect(report).toMatchObject({ rounds: 5, missing: 0, exitCodes: [0, 0] });
    for (const { consumed, exported, returned, inFlight } of report.accounts) {
      expect({ inFlight, sum: exported! + returned! }).toEqual({ inFlight: 0, sum: consumed });
    }
  });
});

describeWithKafka('offsets that an operator moves', (brokers) => {
  test('while every member is frozen past its session are where reading goes on', async () => {
    const report = await movedOffsets({
      ...{ brokers, rounds: 2, seed: 5 },
      log: (line) => console.log(line),
    });
    expect(report.behind).toBeGreaterThan(0);
    expect(report).toMatchObject({ missing: 0, exitCodes: [0, 0] });
  });
});
