// Schemas of known and invented producers, each with a key: the elements that are right for each field,
// written by hand before anything was proposed. `null`: no element is right.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parseSchema } from '../../../../src/avro/schema.ts';
import { prepare } from '../../../../src/config/preparation.ts';
import { proposalFor } from '../../../../src/pipeline/mapping/proposal/proposal.ts';
import { proposalText } from '../../../../src/pipeline/mapping/proposal/proposal-text.ts';

const vectors = join(import.meta.dirname, '..', '..', '..', 'vectors', 'map');
const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-map-'));
afterAll(() => rmSync(folder, { recursive: true }));

const names = readdirSync(vectors)
  .filter((file) => file.endsWith('.avsc'))
  .map((file) => file.replace('.avsc', ''));

type Key = Readonly<Record<string, string | readonly string[] | null>>;

interface Outcome {
  readonly fields: number;
  readonly right: number;
  readonly wrong: readonly string[];
}

/** The proposed file, as `validate` reads it. Throws ConfigError with all faults. */
function proposedMapping(name: string) {
  const schemaFile = join(vectors, `${name}.avsc`);
  const root = parseSchema(JSON.parse(readFileSync(schemaFile, 'utf8')));
  const text = proposalText(proposalFor(root), { topic: 'flows', head: [name] });
  const mappingFile = join(folder, `${name}.yaml`);
  writeFileSync(mappingFile, text);
  const { topics } = prepare({
    ...{ KAFKA_BROKERS: 'localhost:9092', KAFKA_TOPICS: 'flows', KAFKA_GROUP_ID: 'flows' },
    ...{ COLLECTORS: 'ipfix://192.0.2.1', AVRO_FRAMING: 'bare' },
    ...{ AVRO_SCHEMA_FILE: schemaFile, MAPPING_FILE: mappingFile },
  });
  return topics[0]!.known!.mapping;
}

function outcomeOf(name: string): Outcome {
  const key = JSON.parse(readFileSync(join(vectors, `${name}.key.json`), 'utf8')) as Key;
  const filled = new Map<string, string[]>();
  for (const { reads, elementName } of proposedMapping(name).fields) {
    for (const path of reads) filled.set(path, [...(filled.get(path) ?? []), elementName]);
  }
  const isRight = (path: string, elements: readonly string[]) => {
    const right = [key[path] ?? []].flat();
    return elements.every((element) => right.includes(element));
  };
  const all = Array.from(filled);
  return {
    fields: Object.values(key).filter((element) => element !== null).length,
    right: all.filter(([path, elements]) => isRight(path, elements)).length,
    wrong: all.flatMap(([path, elements]) =>
      isRight(path, elements) ? [] : [`${path}: ${elements.join()}`],
    ),
  };
}

const outcomes = new Map<string, Outcome>();
function measured(name: string): Outcome {
  const known = outcomes.get(name) ?? outcomeOf(name);
  outcomes.set(name, known);
  return known;
}

test.each(names)(
  'what is proposed for %s has no fault, maps no field to a wrong element, and most to the right one',
  (name) => {
    const { fields, right, wrong } = measured(name);
    expect(wrong).toEqual([]);
    expect(right).toBeGreaterThan(fields / 2);
  },
);

test('the key of each schema names all its fields', () => {
  for (const name of names) {
    const key = JSON.parse(readFileSync(join(vectors, `${name}.key.json`), 'utf8')) as Key;
    for (const { path } of proposedMapping(name).fields) expect(Object.keys(key)).toContain(path);
  }
});

test('docs/mapping.md has the figures as they are measured here', () => {
  const rows = names.map((name) => {
    const { fields, right, wrong } = measured(name);
    return [`\`${name}\``, fields, right, wrong.length, fields - right - wrong.length];
  });
  const sum = (column: number) => rows.reduce((total, row) => total + Number(row[column]), 0);
  rows.push(['all', sum(1), sum(2), sum(3), sum(4)]);
  const page = readFileSync(join(vectors, '..', '..', '..', 'docs', 'mapping.md'), 'utf8');
  const written = page
    .split('\n')
    .filter((line) => /^\| (?:`[\w-]+`|all) +\|(?: +\d+ \|){4}$/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  expect(written).toEqual(rows.map((row) => row.map(String)));
});
