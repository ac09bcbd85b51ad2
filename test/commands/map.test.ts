// `map` as its user sees it: a file that `validate` accepts, and what it says where it cannot write one.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { writeFlowFile } from '../../src/generator/flow-file.ts';
import { blocksOf } from '../docs/page-blocks.ts';
import { startFakeRegistry } from '../support/fakes/fake-registry.ts';
import { runCommand } from '../support/processes/command-line.ts';
import { toolPath } from '../support/processes/tool-path.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-map-'));
afterAll(() => rmSync(folder, { recursive: true }));

const map = (args: readonly string[], env: Record<string, string> = {}) =>
  runCommand(['map', ...args], { env });

const schemaFile = join(root, 'test', 'vectors', 'map', 'zeek.avsc');

describe('a proposed mapping', () => {
  test('is written to a new file that validate accepts as it is', async () => {
    const mappingFile = join(folder, 'zeek.yaml');
    const args = ['--schema', schemaFile, '--topic', 'conn', '--output', mappingFile];
    const { code, stdout, stderr } = await map(args);
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toMatch(/zeek\.avsc: 14 fields mapped, 3 not sure, 8 ignored\n$/);
    const validated = await runCommand(['validate', '--offline'], {
      env: {
        ...{ KAFKA_BROKERS: 'localhost:9092', KAFKA_TOPICS: 'conn', KAFKA_GROUP_ID: 'conn' },
        ...{ COLLECTORS: 'ipfix://127.0.0.1', AVRO_SCHEMA_FILE: schemaFile },
        MAPPING_FILE: mappingFile,
      },
    });
    expect([validated.code, validated.stderr]).toEqual([0, '']);
    expect(validated.stdout).toMatch(/^id\.orig_h +sourceIPv4Address/m);
    const again = await map(args);
    expect(again.code).toBe(78);
    expect(again.stderr).toContain('zeek.yaml: it exists; remove it, or name another file');
  });

  test('is for all topics if none is named, and knows the schema of a container file', async () => {
    const input = join(folder, 'flows.avro');
    await writeFlowFile({ seed: 1, count: 10, output: input });
    const { code, stdout } = await map(['--input', input]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^topics:\n {2}"\*":\n/m);
    expect(stdout).toContain('# Mapped by the "ipfix" attribute of the schema: ');
  });

  test('is that of the newest schema of a subject, without Kafka', async () => {
    const registry = await startFakeRegistry();
    const schema: unknown = JSON.parse(readFileSync(schemaFile, 'utf8'));
    registry.subjects.set('conn-value/latest', { schema });
    const env = { SCHEMA_REGISTRY_URL: registry.url };
    const { code, stdout } = await map(['--subject', 'conn-value', '--topic', 'conn'], env);
    const unknown = await map(['--subject', 'other'], env);
    const ofTopic = await map(['--topic', 'conn'], {
      ...{ ...env, KAFKA_BROKERS: '127.0.0.1:1', SCHEMA_SUBJECT: 'conn=conn-value' },
      // What is there already is not what is asked for.
      MAPPING_FILE: '/nowhere.yaml',
    });
    await registry.close();
    expect([ofTopic.code, ofTopic.stdout]).toEqual([0, stdout]);
    expect(code).toBe(0);
    expect(stdout).toContain('      id.resp_h: destinationAddress\n');
    expect(unknown.code).toBe(78);
    expect(unknown.stderr).toMatch(/--subject: .*other/);
  });

  test('without a sure field is written too, and says so', async () => {
    const nothing = join(folder, 'nothing.avsc');
    const fields = [{ name: 'total_bytes', type: 'long' }];
    writeFileSync(nothing, JSON.stringify({ type: 'record', name: 'nothing', fields }));
    const { code, stdout, stderr } = await map(['--schema', nothing]);
    expect(code).toBe(65);
    expect(stdout).toContain('# total_bytes: octetTotalCount\n');
    expect(stderr).toContain('no field is sure; answer the questions in the file');
  });
});

describe('what cannot be read', () => {
  const notJson = join(folder, 'not-json.avsc');
  writeFileSync(notJson, '{');
  const notAvro = join(folder, 'not-avro.avsc');
  writeFileSync(notAvro, '{ "type": "recrod" }');

  test.each([
    [[], 'no schema; give --schema <file>'],
    [['--schema', 'a', '--subject', 'b'], '--subject and --schema: both give the schema'],
    [['--schema', '/nowhere.avsc'], '--schema: /nowhere.avsc cannot be read (ENOENT); name a'],
    [['--schema', notJson], 'is not JSON'],
    [['--schema', notAvro], 'is not an Avro schema'],
    [['--input', notJson], '--input: '],
    [['--subject', 'flows'], '--subject: needs SCHEMA_REGISTRY_URL; set it'],
    [['--topic', 'flows'], 'set SCHEMA_REGISTRY_URL, or give --schema <file>'],
  ])('%j is refused with what to do', async (args, problem) => {
    const { code, stdout, stderr } = await map(args, { KAFKA_BROKERS: '127.0.0.1:1' });
    expect([code, stdout]).toEqual([78, '']);
    expect(stderr).toContain(problem);
  });
});

test('docs/mapping.md shows a proposal as it is written', async () => {
  const page = readFileSync(join(root, 'docs', 'mapping.md'), 'utf8');
  const [block] = blocksOf('docs/mapping.md', page).filter(({ text }) => text.includes(' map '));
  const [, yaml] = /```yaml\n(topics:\n {2}sessions:\n[^]*?)```/.exec(page)!;
  const program = `npx() { shift; '${process.execPath}' '${join(root, 'src', 'main.ts')}' "$@"; }\n`;
  const { stdout } = await promisify(execFile)(toolPath('bash')!, ['-ec', program + block!.text], {
    cwd: folder,
  });
  expect(stdout).toContain(yaml);
});
