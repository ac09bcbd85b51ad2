// A thread that runs the worlds of its share of seeds, with a bug planted first where that is asked for.

import { parentPort, workerData } from 'node:worker_threads';
import { replaceBroker } from './kafkajs-inside.ts';
import { plant, plantNamed } from './plants.ts';
import { type Act, planOf } from './plan.ts';
import type { Outcome } from './world.ts';

export interface Share {
  readonly first: number;
  /** Seeds of this thread: every `step`th one, so many. */
  readonly step: number;
  readonly count: number;
  readonly plant: string | undefined;
  /** The first failure is made short, and told. */
  readonly tells: boolean;
  /** All that happens is told of every world, failed or not. */
  readonly tellsAll: boolean;
}

export type FromWorlds =
  | { readonly kind: 'ran'; readonly outcome: Outcome }
  | { readonly kind: 'short'; readonly outcome: Outcome; readonly acts: readonly Act[] };

const share = workerData as Share;
if (share.plant !== undefined) plant(plantNamed(share.plant));
const { SimBroker } = await import('./sim-broker.ts');
replaceBroker(SimBroker);
const { World } = await import('./world.ts');

const tell = (message: FromWorlds) => parentPort?.postMessage(message);

for (let i = 0; i < share.count; i += 1) {
  const plan = planOf(share.first + i * share.step);
  const outcome = await new World(plan, { tellsStory: share.tellsAll }).run();
  tell({ kind: 'ran', outcome });
  if (outcome.faults.length === 0 || !share.tells) continue;
  const acts = await shortest(plan.acts, async (some) => {
    const tried = await new World({ ...plan, acts: some }).run();
    return tried.faults.length > 0;
  });
  const told = await new World({ ...plan, acts }, { tellsStory: true }).run();
  tell({ kind: 'short', outcome: told, acts });
  break;
}

/** Leaves out one act after the other, as long as it still fails without it. */
async function shortest(
  acts: readonly Act[],
  fails: (acts: readonly Act[]) => Promise<boolean>,
): Promise<readonly Act[]> {
  for (let i = 0; i < acts.length; i += 1) {
    const fewer = acts.filter((_, at) => at !== i);
    if (await fails(fewer)) return shortest(fewer, fails);
  }
  return acts;
}
