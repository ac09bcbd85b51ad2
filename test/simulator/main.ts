// `npm run simulate`: worlds by their seeds, on all cores, and what the oracle had to say of them.

import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker as Thread } from 'node:worker_threads';
import Table from 'cli-table3';
import { writeEvidence } from '../../scripts/evidence.ts';
import { figure, startProgress } from '../../src/progress.ts';
import { type Act, actText } from './plan.ts';
import { plantNamed, plants } from './plants.ts';
import type { Outcome } from './world.ts';
import type { FromWorlds, Share } from './world-thread.ts';

const help = `Usage: npm run simulate -- [options]

Runs the real pipeline in simulated worlds: clock, Kafka, registry, resolver and network
come of one seed. The oracle knows every event, and says when the promise is broken.

  --seeds N        so many worlds (default 200)
  --first S        the first seed (default 1)
  --plant NAME     with a bug planted; see test/simulator/plants.ts for the names
  --plants         with each bug in turn, until it is found
  --evidence NAME  writes docs/evidence/NAME.json
  --threads N      at once (default: as many as there are cores)
  --story          tells all that happens, of one seed
  --help

Examples:
  npm run simulate -- --seeds 10000 --evidence simulator
  npm run simulate -- --seeds 1 --first 86 --story
  npm run simulate -- --plant 'a commit goes one too far'
  npm run simulate -- --plants --seeds 1000 --evidence plants
`;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    first: { type: 'string', default: '1' },
    plant: { type: 'string' },
    plants: { type: 'boolean', default: false },
    evidence: { type: 'string' },
    threads: { type: 'string', default: String(availableParallelism()) },
    story: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const write = (text: string) => void process.stdout.write(text);
const seeds = Number(values.seeds);
const first = Number(values.first);
const storyLinesMax = 60;

interface Failure {
  readonly outcome: Outcome;
  readonly acts: readonly Act[];
}

interface Totals {
  worlds: number;
  failed: number[];
  events: number;
  commits: number;
  steps: number;
  repeated: number;
  simulatedMs: number;
  /** Of all digests, in the order of the seeds. */
  digests: string[];
  firstFault: string | undefined;
  failure: Failure | undefined;
}

if (values.help) write(help);
else process.exitCode = values.plants ? await findAll() : await simulate(values.plant);

async function simulate(plant: string | undefined): Promise<number> {
  if (plant !== undefined) plantNamed(plant);
  const startMs = performance.now();
  const totals = await runWorlds({ plant, tells: true, stopsAtFirst: plant !== undefined });
  const seconds = Math.round((performance.now() - startMs) / 100) / 10;
  const { worlds, failed, failure, digests, firstFault, ...sums } = totals;
  if (failure) write(storyOf(failure));
  const digest = digests.length === 1 ? `, digest ${digests[0]}` : '';
  write(
    `${figure(worlds)} worlds from seed ${first}, ${failed.length} failed; ` +
      `${figure(sums.events)} events, ${figure(sums.commits)} commits, ${figure(sums.steps)} steps, ` +
      `${figure(Math.round(sums.simulatedMs / 1000))} simulated seconds in ${seconds} s${digest}\n`,
  );
  if (failed.length > 0) write(`failed: seeds ${failed.slice(0, 20).join(', ')}\n`);
  if (values.evidence !== undefined) {
    const faults = failed.map((seed, i) => `seed ${seed}${i === 0 ? `: ${firstFault}` : ''}`);
    const counts = { worlds, failed: failed.length, ...sums };
    writeEvidence({ name: values.evidence, seed: first, seconds, counts, faults });
  }
  return failed.length === 0 ? 0 : 1;
}

/** Each plant on its own: found means that a world fails by it, and holds without it. */
async function findAll(): Promise<number> {
  const table = new Table({ head: ['planted', 'seeds', 'found by'], style: { head: [] } });
  const startMs = performance.now();
  /** By the plant, at which seed it was found. */
  const foundAt: Record<string, number> = {};
  const faults: string[] = [];
  let seedsMost = 0;
  for (const { name } of plants) {
    const totals = await runWorlds({ plant: name, tells: false, stopsAtFirst: true });
    const found = totals.failed[0];
    const isByIt = found !== undefined && (await holds(found));
    if (isByIt) foundAt[name] = found;
    else faults.push(`${name}: not found in ${totals.worlds} worlds`);
    seedsMost = Math.max(seedsMost, totals.worlds);
    const by = isByIt ? `${found}: ${totals.firstFault}` : 'NOT FOUND';
    table.push([name, totals.worlds, by.slice(0, 90)]);
    write(`${name}: ${by}\n`);
  }
  write(`${table.toString()}\n`);
  if (values.evidence !== undefined) {
    const seconds = Math.round((performance.now() - startMs) / 100) / 10;
    const found = Object.keys(foundAt).length;
    const counts = { planted: plants.length, found, seedsMax: seeds, seedsMost, ...foundAt };
    writeEvidence({ name: values.evidence, seed: first, seconds, counts, faults });
  }
  return faults.length === 0 ? 0 : 1;
}

async function holds(seed: number): Promise<boolean> {
  const only = { from: seed, count: 1, plant: undefined, tells: false, stopsAtFirst: false };
  return (await runWorlds(only)).failed.length === 0;
}

interface RunOptions {
  readonly from?: number;
  readonly count?: number;
  readonly plant: string | undefined;
  readonly tells: boolean;
  readonly stopsAtFirst: boolean;
}

async function runWorlds(options: RunOptions): Promise<Totals> {
  const { from = first, count: all = seeds, plant, tells, stopsAtFirst } = options;
  const totals: Totals = {
    ...{ worlds: 0, failed: [], events: 0, commits: 0, steps: 0, repeated: 0, simulatedMs: 0 },
    ...{ digests: [], firstFault: undefined, failure: undefined },
  };
  const step = Math.min(Number(values.threads), all);
  const progress = startProgress({ done: 'worlds', total: all, stream: process.stderr });
  const threads = Array.from({ length: step }, (_, i) => {
    const count = Math.floor((all - i - 1) / step) + 1;
    const workerData = {
      first: from + i,
      step,
      count,
      plant,
      tells,
      tellsAll: values.story,
    } satisfies Share;
    return new Thread(new URL('./world-thread.ts', import.meta.url), { workerData });
  });
  await Promise.all(
    threads.map(
      (thread) =>
        new Promise<void>((resolve, reject) => {
          thread.on('message', (message: FromWorlds) => {
            if (message.kind === 'short') totals.failure ??= message;
            else add(totals, message.outcome);
            if (message.kind === 'ran' && values.story) write(allOf(message.outcome));
            progress.update(totals.worlds, `${totals.failed.length} failed`);
            const isEnough = totals.failed.length > 0 && (!tells || totals.failure !== undefined);
            if (stopsAtFirst && isEnough) for (const one of threads) void one.terminate();
          });
          thread.on('error', reject);
          thread.on('exit', () => resolve());
        }),
    ),
  );
  progress.stop();
  return totals;
}

function add(totals: Totals, outcome: Outcome): void {
  totals.worlds += 1;
  totals.events += outcome.events;
  totals.commits += outcome.commits;
  totals.steps += outcome.steps;
  totals.repeated += outcome.repeated;
  totals.simulatedMs += outcome.simulatedMs;
  totals.digests.push(outcome.digest);
  const [fault] = outcome.faults;
  if (!fault) return;
  totals.failed.push(outcome.seed);
  totals.firstFault ??= fault.what;
}

function allOf({ story }: Outcome): string {
  return story.map((line) => `${line}\n`).join('');
}

function storyOf({ outcome, acts }: Failure): string {
  const { seed, faults, story, steps } = outcome;
  const shown = story.slice(-storyLinesMax);
  return [
    `\nseed ${seed} fails after ${steps} steps. Made short, all that befalls it is`,
    ...(acts.length === 0 ? ['  nothing'] : acts.map(actText)),
    `and the end of its story, with the time in milliseconds:`,
    ...shown.map((line) => `  ${line}`),
    ...faults.slice(0, 3).map(({ atMs, what }) => `  ${atMs.toFixed(3)} FAULT: ${what}`),
    `Again: npm run simulate -- --seeds 1 --first ${seed} --story\n\n`,
  ].join('\n');
}
