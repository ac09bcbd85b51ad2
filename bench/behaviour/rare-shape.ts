// Whether one rare Shape slows the common one down: one IPv6 event in 100,000 with a FLUSH_INTERVAL
// of 5 s, against none, in turns. Its Frame stays open and holds the commit back, nothing else.

import type { FlowEvent } from '../../src/generator/flow-event.ts';
import { FlowGenerator } from '../../src/generator/flow-generator.ts';
import { median } from '../rounds.ts';
import { Arrivals, stageFor, Topic } from './stage-run.ts';

const events = 400_000;
const rareEvery = 100_000;
const rounds = 5;

/** The rate is taken between these shares of all records: without start and last flush. */
const [from, to] = [0.05, 0.98];

function* shapes({ rare }: { rare: boolean }): Generator<FlowEvent> {
  const generator = new FlowGenerator({ seed: 7 });
  const isCommon = ({ sourceAddress, sourceMac, icmpTypeCode }: FlowEvent) =>
    sourceAddress.length === 4 && sourceMac === null && icmpTypeCode === null;
  const isRare = ({ sourceAddress }: FlowEvent) => sourceAddress.length === 16;
  const next = (wanted: (event: FlowEvent) => boolean): FlowEvent => {
    for (;;) {
      const event = generator.next();
      if (wanted(event)) return event;
    }
  };
  for (let i = 0; i < events; i += 1) {
    yield next(rare && i % rareEvery === rareEvery / 2 ? isRare : isCommon);
  }
}

async function recordsPerSecond(brokers: readonly string[], topic: Topic): Promise<number> {
  const arrivals = new Arrivals();
  await arrivals.listen();
  const stage = await stageFor(brokers, topic, arrivals.port, { FLUSH_INTERVAL: '5s' });
  const startMs = await arrivals.until(events * from);
  const endMs = await arrivals.until(events * to);
  await stage.stop();
  await arrivals.close();
  return (events * (to - from)) / ((endMs - startMs) / 1000);
}

export async function rareShape(brokers: readonly string[]) {
  const common = await Topic.create(brokers);
  const mixed = await Topic.create(brokers);
  await common.fill(shapes({ rare: false }));
  await mixed.fill(shapes({ rare: true }));
  const rates = { oneShape: [] as number[], oneRare: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    rates.oneShape.push(Math.round(await recordsPerSecond(brokers, common)));
    rates.oneRare.push(Math.round(await recordsPerSecond(brokers, mixed)));
  }
  await common.close();
  await mixed.close();
  const ratios = rates.oneRare.map((rate, i) => rate / rates.oneShape[i]!);
  const ratio = median(ratios);
  return {
    name: 'one rare Shape in 100,000 events leaves at least 0.9 of the throughput',
    events,
    rates,
    ratio: Number(ratio.toFixed(3)),
    holds: ratio >= 0.9,
  };
}
