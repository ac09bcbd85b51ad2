// The pages that name settings against src/settings.ts.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { generateSettingsDoc } from '../../scripts/generate-settings-doc.ts';
import { type SettingName, settings } from '../../src/settings.ts';

const read = (file: string): string =>
  readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

/** Variables that pages speak of and that are no settings of the program. */
const others = new Set([
  'REQUIRE_KAFKA', // of the tests
  'KAFKA_GROPU_ID', // misspelt on purpose
  'NAME_FILE', // any secret's
]);

/** Names in capitals with an underscore, and whatever is set as NAME=value. */
function settingsNamedIn(page: string): string[] {
  const names = page.match(/(?<![\w.-])[A-Z][A-Z0-9]*(_[A-Z0-9]+)+\b(?!\/)|\b[A-Z]{4,}(?==)/g);
  return [...new Set(names)].filter((name) => !others.has(name) && !isErrorCode(name));
}

const isErrorCode = (name: string): boolean => /^E[A-Z]+$/.test(name);

/** The rows of README's table of settings: name and default. */
const readmeRows = Array.from(
  read('README.md').matchAll(/^\| `([A-Z_]+)` +\| (none|`[^`]+`) +\|/gm),
  ([, name, value]) => ({ name: name!, value: value!.replaceAll('`', '') }),
);

/** A secret may be in a file that NAME_FILE names. */
const secretFiles = new Set(
  Object.entries(settings).flatMap(([name, setting]) =>
    'secret' in setting ? [`${name}_FILE`] : [],
  ),
);

test('docs/settings.md is what src/settings.ts says now', async () => {
  const message = 'run: npm run generate:settings';
  expect(read('docs/settings.md'), message).toBe(await generateSettingsDoc());
});

describe.each([
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'docs/promise.md',
  'docs/mapping.md',
  'docs/presets.md',
  'docs/life-of-a-flow.md',
  'docs/settings.md',
])('%s', (page) => {
  test('names only settings that exist', () => {
    const named = settingsNamedIn(read(page));
    const isSetting = (name: string) => name in settings || secretFiles.has(name);
    expect(named.filter((name) => !isSetting(name))).toEqual([]);
  });
});

test('a setting that does not exist would be found', () => {
  expect(settingsNamedIn('set `KAFKA_TOPIC` or WORKER=2')).toEqual(['KAFKA_TOPIC', 'WORKER']);
});

describe("README's table of settings", () => {
  test('has rows', () => {
    expect(readmeRows.length).toBeGreaterThan(10);
  });

  test.each(readmeRows)('$name exists and has the default $value', ({ name, value }) => {
    expect(Object.keys(settings)).toContain(name);
    expect(settings[name as SettingName].default ?? 'none').toBe(value);
  });
});
