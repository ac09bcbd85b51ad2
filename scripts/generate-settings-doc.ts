// Writes docs/settings.md from src/config/settings.ts.
//   node scripts/generate-settings-doc.ts           writes the file
//   node scripts/generate-settings-doc.ts --check   exit 1 when the file is not what would be written

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { formOf, type SettingName, settings } from '../src/config/settings.ts';

const target = new URL('../docs/settings.md', import.meta.url);

/** A heading stands before the setting it is named for; those after it belong under it too. */
const headings: Partial<Record<SettingName, string>> = {
  KAFKA_BROKERS: 'Kafka',
  INPUT_FILE: 'A file instead of Kafka',
  AVRO_FRAMING: 'Avro, its schemas and the mapping',
  SCHEMA_REGISTRY_URL: 'The schema registry',
  COLLECTORS: 'The collector and the path to it',
  FILE_ROTATE_INTERVAL: 'Files instead of a collector',
  OBSERVATION_DOMAIN_ID: 'Workers',
  FLUSH_INTERVAL: 'Messages and Templates',
  COMMIT_INTERVAL: 'Commits and limits',
  ON_BAD_EVENT: 'Bad events and shutdown',
  HTTP_LISTEN: 'Health and metrics',
  LOG_LEVEL: 'Logs',
};

const introduction = `<!-- Generated from src/config/settings.ts by scripts/generate-settings-doc.ts; edits here are lost. -->

# Settings

Every setting is an environment variable; there is no configuration file. An empty variable
counts as not set, and blanks around a value are removed. An unknown name that looks
like a setting (\`KAFKA_GROPU_ID\`) causes a warning with the probable name.

\`kafka2ipfix validate\` reports all errors in the settings, the schemas and the mapping at once, and
sends nothing. \`kafka2ipfix config\` shows the resolved settings. With the same errors, \`kafka2ipfix run\` exits with code 78.

- Durations are written as \`500ms\`, \`5s\`, \`10m\` or \`1h\`.
- Sizes are in bytes, such as \`65536\`, or \`64KiB\`, \`32MiB\`, \`1GiB\`.
- Lists are separated by commas.
- A **secret** is never shown in a log, error or command; \`NAME_FILE\` may name a file that holds it.
- **none** as a default means that nothing is assumed; the text describes the effect.
`;

/** Every character stands for itself in a cell, but the one that would end it. */
const cell = (text: string): string => text.replaceAll('|', '\\|');

const code = (text: string): string => `\`${cell(text)}\``;

function rowsOf(name: SettingName): string[] {
  const { schema, default: value, example, description } = settings[name];
  const heading = headings[name];
  const opening = [
    '',
    `## ${heading}`,
    '',
    '| setting | type | default | example | meaning |',
    '| --- | --- | --- | --- | --- |',
  ];
  const cells = [
    code(name),
    cell(formOf(schema)),
    value === undefined ? 'none' : code(value),
    code(example),
    cell('secret' in settings[name] ? `${description} A secret.` : description),
  ];
  return [...(heading === undefined ? [] : opening), `| ${cells.join(' | ')} |`];
}

/** What docs/settings.md must hold. */
export async function generateSettingsDoc(): Promise<string> {
  const names = Object.keys(settings) as SettingName[];
  const text = `${introduction}${names.flatMap(rowsOf).join('\n')}\n`;
  // Laid out as every other page is, so that `npm run format` leaves it alone.
  const filepath = fileURLToPath(target);
  return format(text, { ...(await resolveConfig(filepath)), filepath });
}

if (import.meta.main) {
  const text = await generateSettingsDoc();
  if (!process.argv.includes('--check')) {
    writeFileSync(target, text);
  } else if (readFileSync(target, 'utf8') !== text) {
    const file = fileURLToPath(target);
    console.error(`${file} is out of date: npm run generate:settings`);
    process.exitCode = 1;
  }
}
