// Worlds by their seeds, with the real program inside; `npm run simulate` runs many more of them.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { programEnv } from '../support/processes/program-env.ts';
import { misplaced, plants } from './plants.ts';

// A safety net only: worlds take their time on a busy machine.
vi.setConfig({ testTimeout: 600_000 });

const mainFile = join(import.meta.dirname, 'main.ts');
const plantedSeed = '1';

const simulate = (...args: string[]) =>
  promisify(execFile)(process.execPath, [mainFile, ...args], { env: programEnv({}) });

const digestOf = (text: string) => /digest (\w+)/.exec(text)?.[1];

test('the promise holds in each of 200 simulated worlds', async () => {
  const { stdout } = await simulate('--seeds', '200');
  expect(stdout).toMatch(/^200 worlds from seed 1, 0 failed/);
});

test('a seed replays exactly, and another one is another world', async () => {
  const digests = await Promise.all(
    ['7', '7', '8'].map(async (first) => {
      const { stdout } = await simulate('--seeds', '1', '--first', first);
      return digestOf(stdout);
    }),
  );
  expect(digests[0]).toMatch(/^[0-9a-f]{16}$/);
  expect(digests[1]).toBe(digests[0]);
  expect(digests[2]).not.toBe(digests[0]);
});

// Each a seed that failed once: fetchers that went round without a wait; a pause that kafkajs refused; a
// seek that no fetch had taken up, and that held when its partition came back two rebalances later.
test.each([
  ['a consumer that stops while its brokers change comes to its end', 226],
  ['a consumer that has crashed can be stopped', 3252],
  ['a seek from before a rejoin takes no committed offset back', 3315],
])('%s', async (_, seed) => {
  const { stdout } = await simulate('--seeds', '1', '--first', String(seed), '--story');
  expect(stdout).toContain(`1 worlds from seed ${seed}, 0 failed`);
});

test.each(plants)('the text of the plant "$name" stands in the source', (plant) => {
  expect(misplaced(plant)).toEqual([]);
});

test('a planted bug is found, and its story is printed', async () => {
  const failing = simulate('--seeds', '20', '--first', plantedSeed, '--plant', plants[0]!.name);
  const { stdout } = await failing.catch((error: unknown) => error as { stdout: string });
  expect(stdout).toMatch(/FAULT: flows\[\d\]: committed \d+/);
  expect(stdout).toMatch(/Again: npm run simulate -- --seeds 1 --first \d+/);
});

test('what a plant is called is asked for by its name', async () => {
  await expect(simulate('--plant', 'nothing such')).rejects.toThrow(/no plant is named/);
});
