// What a second Worker brings on two cores: Workers alone, fed from memory, to ports that nobody reads. For
// a machine on which nothing else runs: no broker takes part.

import { once } from 'node:events';
import { Worker as Thread } from 'node:worker_threads';
import { maxYoungGenerationSizeMb } from '../../src/stage/stage.ts';
import { median } from '../rounds.ts';
import { unreadPort } from '../unread-port.ts';

const rounds = 5;
const measured = { warmSeconds: 3, seconds: 4 };
const allowedRatio = 1.8;

/** Records a second of so many Workers at once. */
async function recordsPerSecond(workers: number): Promise<number> {
  const collectors = await Promise.all(Array.from({ length: workers }, unreadPort));
  const threads = collectors.map(({ port }, index) => {
    const workerData = { ...measured, index, port };
    const resourceLimits = { maxYoungGenerationSizeMb };
    return new Thread(new URL('workers-thread.ts', import.meta.url), {
      workerData,
      resourceLimits,
    });
  });
  await Promise.all(threads.map((thread) => once(thread, 'message')));
  const rates = threads.map(async (thread) => {
    const rate = once(thread, 'message') as Promise<[number]>;
    thread.postMessage('measure');
    return (await rate)[0];
  });
  const all = await Promise.all(rates);
  await Promise.all(threads.map((thread) => thread.terminate()));
  for (const { close } of collectors) close();
  return all.reduce((sum, rate) => sum + rate, 0);
}

export async function workers() {
  const rates = { one: [] as number[], two: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    rates.one.push(Math.round(await recordsPerSecond(1)));
    rates.two.push(Math.round(await recordsPerSecond(2)));
  }
  const ratio = median(rates.two.map((two, i) => two / rates.one[i]!));
  return {
    name: 'two Workers on two cores export at least 1.8 times what one does',
    ...{ rounds, recordsPerSecond: rates, ratio: Number(ratio.toFixed(3)) },
    holds: ratio >= allowedRatio,
  };
}
