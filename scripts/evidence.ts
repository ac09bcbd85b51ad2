// docs/evidence/NAME.json: what a long check, or many simulated worlds, came to. Counts and faults only:
// what each round was like is in the output of the run.

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Evidence {
  /** Also the name of the file. */
  readonly name: string;
  readonly seed: number;
  readonly seconds: number;
  readonly counts: Readonly<Record<string, number | string | null>>;
  /** What was not as it must be; empty when all was. */
  readonly faults: readonly string[];
}

const root = join(import.meta.dirname, '..');
const faultsMax = 20;

const git = (...args: string[]): string =>
  execFileSync('git', args, { cwd: root }).toString().trim();

/** The commit that ran, and whether files of src were changed on top of it; untracked files do not count. */
export const commitThatRan = (): { commit: string; modified: boolean } => ({
  commit: git('rev-parse', 'HEAD'),
  modified: git('status', '--porcelain', '--untracked-files=no', '--', 'src') !== '',
});

/** As in 2026-07-01. */
export const today = (): string => new Date().toISOString().slice(0, 10);

/** Writes the file in place of that of the last run. */
export function writeEvidence({ name, seed, seconds, counts, faults }: Evidence): void {
  const more = faults.length - faultsMax;
  const named = more > 0 ? [...faults.slice(0, faultsMax - 1), `${more + 1} more`] : faults;
  const evidence = {
    ...{ name, ...commitThatRan(), node: process.version, date: today() },
    ...{ seed, seconds, counts, faults: named },
  };
  const folder = join(root, 'docs', 'evidence');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(evidence, undefined, 2)}\n`);
}
