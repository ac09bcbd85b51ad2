// Holds docs/faults.md to the tests: all faults are there, and every test it names exists.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'faults.md'), 'utf8');
const faults = page.split(/^## /m).slice(1);
const faultCount = 42;

test('the page has all faults, each with what is expected, tests, and what was seen', () => {
  expect(faults.map((text) => Number.parseInt(text, 10))).toEqual(
    Array.from({ length: faultCount }, (_, i) => i + 1),
  );
  for (const fault of faults) {
    expect(fault).toMatch(/\*\*Expected:\*\* \S/);
    expect(fault).toMatch(/\*\*Seen:\*\* \S/);
    expect(testsOf(fault).length, fault.split('\n')[0]).toBeGreaterThan(0);
  }
});

describe.each(faults.map((fault) => [fault.split('\n')[0]!, fault]))('fault %s', (_, fault) => {
  test.each(testsOf(fault))('%s has the test “%s”', (file, sentence) => {
    expect(existsSync(join(root, file))).toBe(true);
    const source = readFileSync(join(root, file), 'utf8');
    // As the name of a test, with either kind of quotes.
    expect(source.includes(`'${sentence}'`) || source.includes(`"${sentence}"`)).toBe(true);
  });
});

function testsOf(fault: string): [file: string, sentence: string][] {
  const named = fault.replace(/\s+/g, ' ').matchAll(/\[(test\/[^\]]+)\]\([^)]+\): “([^”]+)”/g);
  return Array.from(named, ([, file, sentence]) => [file!, sentence!]);
}
