// How long a lone event waits: from the producer's acknowledgement to the datagram's arrival.

import { FlowGenerator } from '../../src/generator/flow-generator.ts';
import { median } from '../rounds.ts';
import { Arrivals, stageFor, Topic } from './stage-run.ts';

const flushIntervalMs = 200;
const allowedBeyondMs = 50;
const rounds = 30;

export async function flushInterval(brokers: readonly string[]) {
  const topic = await Topic.create(brokers);
  const arrivals = new Arrivals();
  await arrivals.listen();
  const stage = await stageFor(brokers, topic, arrivals.port, {
    FLUSH_INTERVAL: `${flushIntervalMs}ms`,
  });
  const generator = new FlowGenerator({ seed: 1 });
  const waitsMs: number[] = [];
  await stage.waitForLine('joined the group');
  for (let round = 0; round < rounds + 1; round += 1) {
    const records = arrivals.records;
    await topic.fill([generator.next()]);
    const sentAtMs = performance.now();
    const waitMs = (await arrivals.until(records + 1, 10_000)) - sentAtMs;
    // The first one also warms everything up.
    if (round > 0) waitsMs.push(waitMs);
  }
  await stage.stop();
  await arrivals.close();
  await topic.close();
  const maxMs = Math.max(...waitsMs);
  return {
    name: 'a lone event leaves within FLUSH_INTERVAL + 50 ms',
    flushIntervalMs,
    rounds,
    medianMs: Math.round(median(waitsMs)),
    maxMs: Math.round(maxMs),
    holds: maxMs <= flushIntervalMs + allowedBeyondMs,
  };
}
