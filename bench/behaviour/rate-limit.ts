// Whether EXPORT_RATE_LIMIT holds, and saves a collector with a small receive buffer from a backlog
// of more than ten times what that buffer takes.

import { FlowGenerator } from '../../src/generator/flow-generator.ts';
import { Arrivals, stageFor, Topic } from './stage-run.ts';

const events = 300_000;
/** What Linux gives a socket that asks for nothing (net.core.rmem_default). */
const receiveBufferBytes = 212_992;

function* flows(count: number) {
  const generator = new FlowGenerator({ seed: 3 });
  for (let i = 0; i < count; i += 1) yield generator.next();
}

async function atLimit(brokers: readonly string[], topic: Topic, limit: number) {
  const arrivals = new Arrivals(receiveBufferBytes);
  await arrivals.listen();
  const stage = await stageFor(brokers, topic, arrivals.port, { EXPORT_RATE_LIMIT: String(limit) });
  const seconds = Math.min(10, events / limit - 2);
  const [first, last] = [limit, limit * (1 + seconds)];
  const startMs = await arrivals.until(first);
  const endMs = await arrivals.until(last);
  await arrivals.untilQuiet();
  const code = await stage.stop();
  const { missing, drops } = await arrivals.close();
  const rate = (last - first) / ((endMs - startMs) / 1000);
  return {
    limit,
    rate: Math.round(rate),
    ratio: Number((rate / limit).toFixed(3)),
    missing,
    drops,
    code,
  };
}

export async function rateLimit(brokers: readonly string[]) {
  const topic = await Topic.create(brokers);
  await topic.fill(flows(events));
  const rows = [];
  for (const limit of [20_000, 50_000]) rows.push(await atLimit(brokers, topic, limit));
  await topic.close();
  return {
    name: 'EXPORT_RATE_LIMIT holds within 5 % and a backlog loses nothing in a small buffer',
    events,
    receiveBufferBytes,
    rows,
    holds: rows.every(
      ({ ratio, missing, drops }) => Math.abs(ratio - 1) <= 0.05 && missing === 0 && drops === 0,
    ),
  };
}
