// The files of evidence are short, complete, and linked from the pages that rest on them.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const docs = join(import.meta.dirname, '..', '..', 'docs');
const files = readdirSync(join(docs, 'evidence'));
const pages = readdirSync(docs)
  .filter((file) => file.endsWith('.md'))
  .map((file) => readFileSync(join(docs, file), 'utf8'));
const entriesMax = 20;

/** The paths of lists that are longer than a reader can take in. */
function longLists(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.entries(value).flatMap(([key, one]) => longLists(one, `${path}.${key}`));
  return Array.isArray(value) && value.length > entriesMax ? [path, ...inside] : inside;
}

describe.each(files)('%s', (file) => {
  const evidence = JSON.parse(readFileSync(join(docs, 'evidence', file), 'utf8')) as object;

  test('is linked from a page', () => {
    expect(pages.some((page) => page.includes(`](evidence/${file})`))).toBe(true);
  });

  test('has no list of rounds', () => {
    expect(longLists(evidence)).toEqual([]);
  });

  test('says what was measured, at which commit, and what came of it', () => {
    if (file === 'bench.json') {
      for (const row of Object.values(evidence)) {
        expect(row).toMatchObject({
          ...{ name: expect.any(String) as string, holds: expect.any(Boolean) as boolean },
          measured: { commit: expect.stringMatching(/^[0-9a-f]{40}$/) as string },
        });
      }
      return;
    }
    expect(Object.keys(evidence)).toEqual(
      expect.arrayContaining(['name', 'commit', 'modified', 'date', 'seed', 'counts', 'faults']),
    );
    expect(evidence).toMatchObject({ name: file.replace('.json', ''), modified: false });
  });
});

test('a list of 21 rounds would be found', () => {
  expect(longLists({ counts: { rounds: new Array(entriesMax + 1).fill({}) } })).toEqual([
    '.counts.rounds',
  ]);
});
