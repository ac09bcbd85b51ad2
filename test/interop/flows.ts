// The flow events of these suites: produced to a topic, generated once more to compare with, and
// the wait until a group has exported all of them.

import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { FlowEvent } from '../../src/generator/flow-event.ts';
import { FlowGenerator } from '../../src/generator/flow-generator.ts';
import { groupLag } from '../support/kafka/kafka.ts';
import type { Recorder } from '../support/fakes/recorder.ts';
import type { Stage } from '../support/processes/stage-process.ts';
import { stageEnv } from '../support/processes/stage-env.ts';

/** Equal seeds give equal events: what `produceFlows` and `writeFlowFile` wrote. */
export function generatedFlows(seed: number, count: number): FlowEvent[] {
  const generator = new FlowGenerator({ seed });
  return Array.from({ length: count }, () => generator.next());
}

export interface GroupedStage {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly group: string;
  readonly collector: string;
}

/** Of the stages below; loopback's own is too large to say anything about a network. */
export const pathMtu = 1500;

/** What a stage of these suites is given; the rest is left at its default. */
export function stageSettings(options: GroupedStage): Record<string, string> {
  return {
    ...stageEnv(options),
    PATH_MTU: String(pathMtu),
    COMMIT_INTERVAL: '200ms',
    // Far below what the stage can do: the collector's socket must never be what loses a flow.
    EXPORT_RATE_LIMIT: '20000',
  };
}

/** Only what left and was not refused is committed: with no lag, all of the topic is on its way. */
export async function untilExported(
  { topic, group }: Pick<GroupedStage, 'topic' | 'group'>,
  stages: readonly Stage[],
  timeoutMs = 60_000,
): Promise<void> {
  const giveUpAt = performance.now() + timeoutMs;
  for (;;) {
    const lag = await groupLag(group, topic);
    if (lag === 0n) return;
    const ended = stages.find((stage) => stage.process.exitCode !== null);
    if (ended || performance.now() > giveUpAt) {
      const logs = stages.map((stage) => JSON.stringify(stage.lines(), undefined, 1)).join('\n');
      const why = ended ? 'a stage has ended' : `waited ${timeoutMs} ms`;
      throw new Error(`${lag} events are not exported; ${why}:\n${logs}`);
    }
    await sleep(100);
  }
}

/** Our own judgement beside that of the collectors: nothing lost, doubled or out of turn. */
export function expectUnbrokenSequence(recorder: Recorder): void {
  expect(recorder.kernelDrops, 'datagrams that the test itself lost').toBe(0);
  const { messages, ...faults } = recorder.sequence();
  expect(messages).toBeGreaterThan(0);
  expect(faults).toEqual({
    gaps: 0,
    missingRecords: 0,
    uncountedRecords: 0,
    lateMessages: 0,
    repeatedMessages: 0,
    restarts: 0,
  });
}
