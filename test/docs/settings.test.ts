// The pages that name settings against src/config/settings.ts.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { generateSettingsDoc } from '../../scripts/generate-settings-doc.ts';
import { logEvents } from '../../src/log/log-events.ts';
import { formOf, type SettingName, settings } from '../../src/config/settings.ts';

const read = (file: string): string =>
  readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

/** Variables that pages speak of and that are no settings of the program. */
const others = new Set([
  'REQUIRE_KAFKA',
  'REQUIRE_DOCKER',
  'TEST_DOCKER_HOST', // of the tests
  'KAFKA_GROPU_ID', // misspelt on purpose
  'NAME_FILE', // any secret's
  'NODE_IMAGE', // of the Dockerfile
  'REPLICAS', // of docker-compose.yml
  'STAGE_SETTINGS', // of the benchmarks
  ...['TOO_LONG', 'UNMAPPABLE_SCHEMA', 'BAD_EVENT'], // reasons of dead letters
  ...Object.keys(logEvents),
  // Codes of what keeps the start from the brokers.
  ...['KAFKA_SASL_REFUSED', 'KAFKA_SASL_WANTED', 'KAFKA_TLS_UNTRUSTED', 'KAFKA_TLS_EXPIRED'],
  ...['KAFKA_TLS_NAME', 'KAFKA_TLS_REFUSED', 'KAFKA_SPEAKS_TLS', 'KAFKA_SPEAKS_NO_TLS'],
  ...['NO_KAFKA', 'KAFKA_CLOSES', 'KAFKA_AWAY', 'KAFKA_SILENT'],
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

test('docs/settings.md is what src/config/settings.ts says now', async () => {
  const message = 'run: npm run generate:settings';
  expect(read('docs/settings.md'), message).toBe(await generateSettingsDoc());
});

const docs = readdirSync(new URL('../../docs/', import.meta.url));

describe.each([
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'deploy/helm/kafka2ipfix/README.md'],
  ...docs.filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`),
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

test('every setting has a type, an example that it takes, and a default that it takes or none', () => {
  const refused = Object.entries(settings).flatMap(([name, { schema, example, ...rest }]) => {
    const given = 'default' in rest ? [example, rest.default] : [example];
    return given.filter((text) => !schema.safeParse(text).success).map((text) => [name, text]);
  });
  expect(refused).toEqual([]);
});

test('docs/settings.md has a row for every setting, with its type, default, example and meaning', () => {
  const rows = read('docs/settings.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .map((part) => part.trim())
        .slice(1, -1),
    );
  expect(rows.map(([name]) => name)).toEqual(Object.keys(settings).map((name) => `\`${name}\``));
  expect(rows.filter((row) => row.length !== 5 || row.includes(''))).toEqual([]);
});

test('a form of a value comes of what the schema says, or of what it is made of', () => {
  expect(formOf(settings.WORKERS.schema)).toBe('number, 1 to 64');
  expect(formOf(settings.KAFKA_TOPICS.schema)).toBe('list');
  expect(formOf(settings.MAPPING_FILE.schema)).toBe('text');
});

test('every setting is used by the program, beyond being read', () => {
  const sources = readdirSync(new URL('../../src/', import.meta.url), { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.ts') && file !== 'settings.ts')
    .map((file) => read(`src/${file}`))
    .join('\n');
  const unused = Object.keys(settings).filter((name) => !new RegExp(`\\b${name}\\b`).test(sources));
  expect(unused).toEqual([]);
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
