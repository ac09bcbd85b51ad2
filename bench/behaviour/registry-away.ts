// What a registry that hangs costs the partitions that do not need it: one of four waits for a schema
// that never comes, against a topic in which that one is empty, in turns.

import { FlowGenerator } from '../../src/generator/flow-generator.ts';
import { flowEventSchema } from '../../src/generator/flow-event.ts';
import { startFakeRegistry } from '../../test/support/fakes/fake-registry.ts';
import { confluent } from '../../test/support/events/framed.ts';
import { median } from '../rounds.ts';
import { Arrivals, stageFor, Topic } from './stage-run.ts';

const events = 600_000;
const others = (events * 3) / 4;
const rounds = 5;
const waiting = 2;
const [known, unknown] = [1, 2];

/** The rate is taken between these shares of the others' records: without start and last flush. */
const [from, to] = [0.05, 0.98];

function* flows() {
  const generator = new FlowGenerator({ seed: 7 });
  for (let i = 0; i < events; i += 1) yield generator.next();
}

async function recordsPerSecond(brokers: readonly string[], topic: Topic, url: string) {
  const arrivals = new Arrivals();
  await arrivals.listen();
  const stage = await stageFor(brokers, topic, arrivals.port, { SCHEMA_REGISTRY_URL: url });
  const startMs = await arrivals.until(others * from);
  const endMs = await arrivals.until(others * to);
  await stage.stop();
  await arrivals.close();
  return (others * (to - from)) / ((endMs - startMs) / 1000);
}

export async function registryAway(brokers: readonly string[]) {
  const registry = await startFakeRegistry();
  registry.schemas.set(known, { schema: flowEventSchema });
  registry.faults.set(`/schemas/ids/${unknown}`, 'hang');
  const empty = await Topic.create(brokers);
  const waits = await Topic.create(brokers);
  await empty.fill(flows(), (datum, partition) =>
    partition === waiting ? undefined : confluent(known, datum),
  );
  await waits.fill(flows(), (datum, partition) =>
    confluent(partition === waiting ? unknown : known, datum),
  );
  const rates = { oneEmpty: [] as number[], oneWaits: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    rates.oneEmpty.push(Math.round(await recordsPerSecond(brokers, empty, registry.url)));
    rates.oneWaits.push(Math.round(await recordsPerSecond(brokers, waits, registry.url)));
  }
  await Promise.all([empty.close(), waits.close(), registry.close()]);
  const ratio = median(rates.oneWaits.map((rate, i) => rate / rates.oneEmpty[i]!));
  return {
    name: 'a partition that waits for its schema leaves the others at least 0.95 of their rate',
    events,
    rates,
    ratio: Number(ratio.toFixed(3)),
    holds: ratio >= 0.95,
  };
}
