// docs/licences.md and the bill of materials against what package-lock.json installs.

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { generateLicences, installedPackages } from '../../scripts/generate-licences.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

interface Bom {
  readonly bomFormat: string;
  readonly metadata: { readonly component: { readonly name: string } };
  readonly components: readonly { readonly 'bom-ref': string }[];
  readonly dependencies: readonly { readonly dependsOn: readonly string[] }[];
}

/** Licences that ask for no more than that their text comes along. */
const permissive = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
];

test('docs/licences.md is what package-lock.json says now', async () => {
  const page = readFileSync(`${root}docs/licences.md`, 'utf8');
  expect(page, 'run: npm run generate:licences').toBe(await generateLicences());
});

test('every package that is installed has a licence that the Apache License goes with', () => {
  const packages = installedPackages();
  expect(packages.length).toBeGreaterThan(0);
  expect(packages.filter(({ licence }) => !permissive.includes(licence))).toEqual([]);
});

test('`npm run sbom` names every package that is installed, and none of development', async () => {
  const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'sbom'], {
    cwd: root,
    maxBuffer: 2 ** 24,
  });
  const { bomFormat, metadata, components, dependencies } = JSON.parse(stdout) as Bom;
  expect(bomFormat).toBe('CycloneDX');
  expect(metadata.component.name).toBe('kafka2ipfix');
  const named = components.map((component) => component['bom-ref']).sort();
  const installed = installedPackages().map(({ name, version }) => `${name}@${version}`);
  expect(named).toEqual([...new Set(installed)].sort());
  const needed = dependencies.flatMap(({ dependsOn }) => dependsOn);
  expect(needed.filter((ref) => !named.includes(ref))).toEqual([]);
});
