// A test is found by the name of the file that it tests.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
/** Folders that src does not have. */
const own = /^(containers|demo|deploy|docs|e2e|interop|long|simulator|support|vectors)\//;

/** Behaviours that several files make together. */
const behaviours = [
  'commands/ends-in-time',
  'commands/unread-output',
  'counter-mutants',
  'ipfix/rfc-examples',
  'ipfix/round-trip',
  'pipeline/templates/no-empty-template',
];

const names = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts') && !own.test(file))
  .map((file) => file.replace('.test.ts', ''));

/** Whether src has the file, or one whose name is the beginning of this name. */
function isOfFile(name: string): boolean {
  const words = name.split('-');
  return words.some((_, i) =>
    existsSync(join(root, 'src', `${words.slice(0, i + 1).join('-')}.ts`)),
  );
}

test('each test is named after the file of src that it tests, but for those of a behaviour', () => {
  expect(names.length).toBeGreaterThan(100);
  expect(names.filter((name) => !isOfFile(name)).toSorted()).toEqual(behaviours);
});

test('a name of no file would be found', () => {
  expect(isOfFile('ipfix/published-messages')).toBe(false);
  expect(isOfFile('ipfix/decoder-published')).toBe(true);
});
