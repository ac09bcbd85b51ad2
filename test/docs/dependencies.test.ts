// docs/dependencies.md against package.json and what is installed.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (file: string): string =>
  readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

const { dependencies } = JSON.parse(read('package.json')) as {
  dependencies: Record<string, string>;
};

/** The rows of the page's table: package, version and licence. */
const rows = Array.from(
  read('docs/dependencies.md').matchAll(/^\| \[([@\w/-]+)\]\([^)]+\) +\| (\S+) +\| (\S+) +\|/gm),
  ([, name, version, licence]) => ({ name: name!, version: version!, licence: licence! }),
);

test('names exactly the dependencies of package.json', () => {
  const named = rows.map(({ name }) => name).sort();
  expect(named).toEqual(Object.keys(dependencies).sort());
});

test.each(rows)('says the version and licence of $name', ({ name, version, licence }) => {
  const installed = JSON.parse(read(`node_modules/${name}/package.json`)) as { license: string };
  expect(version).toBe(dependencies[name]);
  expect(licence).toBe(installed.license);
});
