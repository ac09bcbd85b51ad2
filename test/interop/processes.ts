// Processes of one group that share a topic: started, given flows once each Worker has partitions,
// and ended when all flows are exported.

import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { produceFlows } from '../../src/generator/produce-flows.ts';
import { createTopic, uniqueGroup } from '../support/kafka/kafka.ts';
import { type Stage, startStage } from '../support/processes/stage-process.ts';
import { stageSettings, untilExported } from './flows.ts';

export interface SharedExport {
  readonly brokers: readonly string[];
  readonly collector: string;
  readonly seed: number;
  readonly count: number;
  /** OBSERVATION_DOMAIN_ID of each process. */
  readonly domainBases: readonly number[];
  readonly workers: number;
}

const partitionsOfTopic = 8;

/** Resolves when every process has drained and left with exit code 0. */
export async function exportByProcesses(options: SharedExport): Promise<void> {
  const { brokers, collector, seed, count, domainBases, workers } = options;
  const [topic, group] = [await createTopic(partitionsOfTopic), uniqueGroup()];
  const settings = stageSettings({ brokers, topic, group, collector });
  const stages = await Promise.all(
    domainBases.map((base) =>
      startStage({ ...settings, OBSERVATION_DOMAIN_ID: String(base), WORKERS: String(workers) }),
    ),
  );
  await untilAllHavePartitions(stages, domainBases.length * workers);
  await produceFlows({ brokers, topic, seed, count });
  await untilExported({ topic, group }, stages);
  const codes = await Promise.all(stages.map((stage) => stage.stop()));
  expect(codes).toEqual(domainBases.map(() => 0));
}

/** Until the latest assignments of all Workers make up the topic: then no rebalance is going on. */
export async function untilAllHavePartitions(
  stages: readonly Stage[],
  workers: number,
  partitions = partitionsOfTopic,
): Promise<void> {
  const giveUpAt = performance.now() + 60_000;
  for (;;) {
    const held = stages.flatMap((stage) => [...partitionsByWorker(stage).values()]);
    const sum = held.reduce((all, own) => all + own, 0);
    if (held.length === workers && sum === partitions && !held.includes(0)) return;
    if (performance.now() > giveUpAt) {
      throw new Error(`the Workers hold [${held.join(', ')}] of ${partitions} partitions`);
    }
    await sleep(50);
  }
}

function partitionsByWorker(stage: Stage): Map<unknown, number> {
  const joined = stage.lines().filter(({ msg }) => msg === 'joined the group');
  return new Map(
    joined.map(({ worker, assignment }) => {
      const assigned = assignment as readonly { partitions: readonly number[] }[];
      return [worker, assigned.flatMap((topic) => topic.partitions).length];
    }),
  );
}
