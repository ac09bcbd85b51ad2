// docs/dependencies.md against package.json and what is installed.

import { globSync, readFileSync } from 'node:fs';
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

/** Who imports a package for more than its types, at once or where it is wanted. */
const importersOf = (name: string): string[] => {
  const imports = new RegExp(
    `^import (?!type )[^;]* from '${name}';|= require\\('${name}'\\)`,
    'm',
  );
  return globSync('src/**/*.ts').filter((file) => imports.test(read(file)));
};

const onlyImporters = Array.from(
  read('docs/dependencies.md').matchAll(/^## (.+)\n\nOnly ([^]+?) imports? (?:it|them)\./gm),
  ([, packages, files]) => ({
    packages: packages!.split(' and '),
    files: Array.from(files!.matchAll(/\(\.\.\/([^)]+)\)/g), ([, file]) => file!),
  }),
);

test.each(onlyImporters)('$packages are imported where it says, and nowhere else', (said) => {
  expect(said.files.length).toBeGreaterThan(0);
  for (const name of said.packages) expect(importersOf(name).sort()).toEqual(said.files.sort());
});

test('says of some packages who alone imports them', () => {
  expect(onlyImporters.flatMap(({ packages }) => packages)).toEqual([
    ...['zod', 'pino', 'pino-pretty', 'prom-client'],
  ]);
});
