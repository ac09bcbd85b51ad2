// The published JSON Schema is what the reader of MAPPING_FILE accepts.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readMappingFile } from '../../src/pipeline/mapping/mapping-file.ts';
import { presets } from '../../src/pipeline/mapping/presets/presets.ts';
import { mappingSchemaFile, mappingSchemaText } from '../../scripts/generate-mapping-schema.ts';

test('schemas/mapping.schema.json is what src/pipeline/mapping/mapping-file.ts says now', () => {
  const text = readFileSync(mappingSchemaFile, 'utf8');
  expect(text, 'run: npm run generate:mapping').toBe(mappingSchemaText());
});

test('it knows every option, and refuses those it does not know', () => {
  const { properties } = JSON.parse(mappingSchemaText()) as {
    properties: {
      topics: { additionalProperties: { properties: object; additionalProperties: boolean } };
    };
  };
  const section = properties.topics.additionalProperties;
  expect(Object.keys(section.properties)).toContain('samplingApplied');
  expect(section.additionalProperties).toBe(false);
});

test('the example mappings are without fault', () => {
  const folder = join(import.meta.dirname, '..', '..', 'schemas', 'examples');
  for (const name of readdirSync(folder)) {
    const { faults } = readMappingFile(readFileSync(join(folder, name), 'utf8'));
    expect(faults, name).toEqual([]);
  }
});

test('the example of docs/mapping.md is without fault', () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'mapping.md'), 'utf8');
  const [, example] = /```yaml\n([^]*?)```/.exec(page)!;
  expect(readMappingFile(example!).faults).toEqual([]);
});

test('every recipe of docs/cookbook.md is without fault, and each preset has one', () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'cookbook.md'), 'utf8');
  const recipes = Array.from(page.matchAll(/^```yaml\n([^]*?)^```/gm), ([, recipe]) => recipe!);
  for (const recipe of recipes) expect(readMappingFile(recipe).faults, recipe).toEqual([]);
  const used = recipes.flatMap((recipe) => /preset: (\S+)/.exec(recipe)?.[1] ?? []);
  expect([...new Set(used)].sort()).toEqual(presets.map(({ name }) => name).sort());
});

test('docs/presets.md has every preset with each of its sources', () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'presets.md'), 'utf8');
  for (const { name, sources } of presets) {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\``));
    expect(row, name).toBeDefined();
    for (const { path, commit } of sources) {
      expect(row).toContain(`${path} ${commit.slice(0, 7)}`);
    }
  }
});
