// The workflows of GitHub: read as YAML, they run what is there, with actions pinned by commit and no more
// rights than they need. Nothing of them runs here.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const root = new URL('../../', import.meta.url);
const folder = new URL('.github/workflows/', root);

interface Job {
  readonly needs?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly { readonly uses?: string; readonly run?: string }[];
}

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const read = (file: string): Workflow =>
  parse(readFileSync(new URL(file, folder), 'utf8')) as Workflow;

describe.each(readdirSync(folder))('%s', (file) => {
  const { permissions, jobs } = read(file);
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  test('uses only actions that a commit pins', () => {
    const actions = steps.flatMap(({ uses }) => uses ?? []);
    expect(actions.filter((action) => !/@[0-9a-f]{40}$/.test(action))).toEqual([]);
  });

  test('may only read, but where a job says otherwise', () => {
    expect(permissions).toEqual({ contents: 'read' });
  });

  test('runs scripts that are there', () => {
    const text = steps.flatMap(({ run }) => run ?? []).join('\n');
    const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = Array.from(text.matchAll(/npm run (?:--\w+ )?([\w:]+)/g), ([, name]) => name!);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
    expect(text).toContain('.ci/run');
    expect(existsSync(new URL('.ci/run', root))).toBe(true);
  });
});

test('a release publishes with provenance, after the checks, from a job that may be identified', () => {
  const job = read('release.yml').jobs['package']!;
  expect(job.needs).toBe('check');
  expect(job.permissions).toMatchObject({ 'id-token': 'write' });
  expect(job.steps.map(({ run }) => run)).toContain('npm publish --provenance --access public');
});
