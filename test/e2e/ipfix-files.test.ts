// COLLECTORS=file:path under kill -9: what had been committed is in a file, each file is readable
// for itself, and at the end nothing is missing.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { writeFlowFile } from '../../src/generator/flow-file.ts';
import { Random } from '../../src/generator/random.ts';
import { runCommand } from '../support/processes/command-line.ts';
import { sumOf } from '../support/kafka/group-offsets.ts';
import { flowsIn, namesIn } from '../support/oracles/ipfix-files.ts';
import { describeWithKafka } from '../support/kafka/kafka.ts';
import { KafkaStage } from '../support/kafka/kafka-stage.ts';
import { standing } from '../support/rounds/promise-check.ts';

function folderOfTest(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-files-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

const isFinished = (name: string): boolean => name.endsWith('.ipfix');

describeWithKafka('files under kill -9', (brokers) => {
  test('hold every event that is committed, and at the end all of them', async () => {
    const folder = folderOfTest();
    const around = await KafkaStage.around({ brokers, ratePerSecond: 20_000, seed: 9 });
    onTestFinished(() => around.close());
    const { feed, offsets } = around;
    const random = new Random(9);
    const env = {
      COLLECTORS: `file:${join(folder, 'flows.ipfix')}`,
      FILE_ROTATE_BYTES: '1MiB',
      COMMIT_INTERVAL: '500ms',
      WORKERS: '2',
    };
    const committedSum = async () => Number(sumOf(await offsets.committed()));
    let committedBefore = 0;
    let inFlight = 0;
    for (let round = 1; round <= 3; round++) {
      const stage = await around.start(env);
      await stage.waitForLine('joined the group');
      while ((await committedSum()) <= committedBefore) await sleep(100);
      await sleep(random.integer(100, 2000));
      stage.kill('SIGKILL');
      await stage.exited;
      const committed = await offsets.committed();
      const { times, faults, torn } = flowsIn(folder);
      expect(faults).toEqual([]);
      expect(torn.filter(isFinished)).toEqual([]);
      const found = standing(feed, { has: (id) => times.has(id) }, committed);
      expect(found.committedUnreceived).toEqual([]);
      committedBefore = Number(sumOf(committed));
      inFlight += found.receivedUncommitted;
      console.log(
        `kill ${round}: ${namesIn(folder).length} files, committed ${committedBefore}, ` +
          `${found.receivedUncommitted} written and not committed, ${torn.length} torn`,
      );
    }
    const left = namesIn(folder).filter((name) => !isFinished(name));
    const last = await around.start(env);
    await last.waitForLine('joined the group');
    await feed.stop();
    await offsets.untilNoLag();
    expect(await last.stop()).toBe(0);

    const { times, faults } = flowsIn(folder);
    expect(faults).toEqual([]);
    expect(times.size).toBe(feed.produced);
    const repeated = [...times.values()].reduce((sum, count) => sum + count - 1, 0);
    // What was written and not committed comes again, and only that.
    expect(repeated).toBeGreaterThan(0);
    expect(repeated).toBeLessThanOrEqual(inFlight);
    // A clean end leaves whole files alone, and touches nothing of those who did not have one.
    expect(namesIn(folder).filter((name) => !isFinished(name))).toEqual(left);
    expect(left.length).toBeGreaterThan(0);
    expect(namesIn(folder).filter(isFinished).length).toBeGreaterThan(2);
  });
});

test('a container file becomes IPFIX files, new ones at each start, without Kafka', async () => {
  const folder = folderOfTest();
  const flows = join(folderOfTest(), 'flows.avro');
  const count = 20_000;
  await writeFlowFile({ seed: 12, count, output: flows });
  const env = { COLLECTORS: `file:${join(folder, 'flows.ipfix')}`, FILE_ROTATE_BYTES: '1MiB' };
  for (const runs of [1, 2]) {
    expect(await runCommand(['run', '--input', flows], { env })).toMatchObject({ code: 0 });
    const { times, faults, torn } = flowsIn(folder);
    expect([faults, torn, times.size]).toEqual([[], [], count]);
    expect(new Set(times.values())).toEqual(new Set([runs]));
    expect(namesIn(folder)).toHaveLength(3 * runs);
    expect(namesIn(folder).every((name) => /^flows-\d{8}T\d{6}Z-d1-\d{6}\.ipfix$/.test(name))).toBe(
      true,
    );
  }
});
