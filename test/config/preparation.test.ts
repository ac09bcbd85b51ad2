// What is known before anything is connected to: configuration, schema and mapping, and all faults.

import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ConfigError, type Environment } from '../../src/config/config.ts';
import { defaultSchemaFile, prepare } from '../../src/config/preparation.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'kafka2ipfix-preparation-'));
afterAll(() => rmSync(folder, { recursive: true }));

const good: Environment = {
  KAFKA_BROKERS: 'kafka:9092',
  KAFKA_TOPICS: 'flows',
  KAFKA_GROUP_ID: 'kafka2ipfix',
  COLLECTORS: 'ipfix://192.0.2.1',
};

function written(name: string, schema: unknown): string {
  const file = path.join(folder, name);
  writeFileSync(file, typeof schema === 'string' ? schema : JSON.stringify(schema));
  return file;
}

function faultsOf(env: Environment): string[] {
  try {
    prepare(env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.map(({ where, problem }) => `${where}: ${problem}`);
  }
}

const flow = {
  type: 'record',
  name: 'Flow',
  fields: [{ name: 'n', type: 'long', ipfix: 'octetDeltaCount' }],
};

describe('the schema', () => {
  test('is the contract that is shipped, unless another is named', () => {
    const [{ known, schema } = {}] = prepare(good).topics;
    expect(defaultSchemaFile).toMatch(/schemas[/\\]flow-event\.avsc$/);
    expect(known!.mapping.fields).toHaveLength(28);
    expect(schema).toMatchObject({ name: 'schemas/flow-event.avsc', json: { name: 'FlowEvent' } });
  });

  test('of AVRO_SCHEMA_FILE brings its own mapping', () => {
    const file = written('flow.avsc', flow);
    const { topics, config } = prepare({ ...good, AVRO_SCHEMA_FILE: file });
    expect(topics[0]!.known!.mapping.fields.map(({ elementName }) => elementName)).toEqual([
      'octetDeltaCount',
    ]);
    expect(config.AVRO_SCHEMA_FILE).toEqual([file]);
  });

  test.each([
    [
      'not.json',
      '{"type": "record"',
      /^AVRO_SCHEMA_FILE \(.*not\.json\): is not JSON: .*; correct the file$/,
    ],
    [
      'not.avsc',
      '{"type": "recrod"}',
      /^AVRO_SCHEMA_FILE \(.*not\.avsc\): is not an Avro schema: .*; correct/,
    ],
    ['number', '7', /: is not an Avro schema: .*; correct the file$/],
    [
      'int.avsc',
      '"int"',
      /^AVRO_SCHEMA_FILE \(.*int\.avsc\) \(schema\): has no records with fields; events are Avro records$/,
    ],
  ])('that cannot be used says why: %s', (name, text, fault) => {
    const faults = faultsOf({ ...good, AVRO_SCHEMA_FILE: written(name, text) });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(fault);
  });

  test('that cannot be read says which file, why, and what to do', () => {
    const file = path.join(folder, 'missing.avsc');
    expect(faultsOf({ ...good, AVRO_SCHEMA_FILE: file })).toEqual([
      `AVRO_SCHEMA_FILE (${file}): cannot be read (ENOENT); name a readable file`,
    ]);
  });
});

describe('faults', () => {
  test('of the configuration and of the mapping are reported together', () => {
    const file = written('faults.avsc', {
      ...flow,
      fields: [
        { name: 'a', type: 'long', ipfix: 'octetDeltaCont' },
        { name: 'b', type: 'boolean', ipfix: 'flowId' },
      ],
    });
    const faults = faultsOf({ ...good, COLLECTORS: '', WORKERS: '0', AVRO_SCHEMA_FILE: file });
    expect(faults.map((fault) => fault.split(':')[0])).toEqual([
      'WORKERS',
      'COLLECTORS',
      `AVRO_SCHEMA_FILE (${file}) a`,
      `AVRO_SCHEMA_FILE (${file}) b`,
    ]);
  });

  test('come with what looks misspelt, which is often why', () => {
    expect(() => prepare({ ...good, COLLECTORS: '', COLLECTOR_S: 'ipfix://a' })).toThrow(
      /COLLECTORS: is not set[^]*Warnings:\n {2}COLLECTOR_S: .*did you mean COLLECTORS\?$/,
    );
  });

  test('there are none: what looks misspelt is a warning', () => {
    expect(prepare({ ...good, KAFKA_TOPIC: 'x' }).warnings).toHaveLength(1);
  });
});

describe('INPUT_FILE', () => {
  const inputFaults = (INPUT_FILE: string) => faultsOf({ COLLECTORS: 'ipfix://a', INPUT_FILE });

  test('must be there, and be a file', () => {
    const missing = path.join(folder, 'missing.avro');
    expect(inputFaults(missing)).toEqual([
      `INPUT_FILE: ${missing} cannot be read (ENOENT); name a readable Avro container file`,
    ]);
    expect(inputFaults(folder)).toEqual([`INPUT_FILE: ${folder} is a folder; name a file in it`]);
    expect(inputFaults(written('input.avro', ''))).toEqual([]);
    expect(inputFaults('-')).toEqual([]);
  });
});

describe('a section of MAPPING_FILE', () => {
  let mappings = 0;
  const mappingFile = (topics: object): string => {
    mappings += 1;
    return written(`mapping-${mappings}.json`, { topics });
  };
  const fields = { flowId: 'flowId' };

  test.each([
    ['pmacct.flow', 'did you mean "pmacct.flows"?'],
    ['PMACCT.flows', 'did you mean "pmacct.flows"?'],
    ['pmacct_flows', 'did you mean "pmacct.flows"?'],
    ['nothing.like.it', 'add it there, or remove the section'],
  ])('for a topic that is not read is a fault: %s', (section, fix) => {
    const MAPPING_FILE = mappingFile({ 'pmacct.flows': { fields }, [section]: { fields } });
    const faults = faultsOf({ ...good, KAFKA_TOPICS: 'pmacct.flows,dns', MAPPING_FILE });
    expect(faults).toEqual([
      `MAPPING_FILE topics.${section}: is not one of KAFKA_TOPICS (pmacct.flows, dns); ${fix}`,
    ]);
  });

  test('for all other topics is none, and neither is one beside a file that is read', () => {
    const MAPPING_FILE = mappingFile({ '*': { fields }, other: { fields } });
    expect(faultsOf({ ...good, KAFKA_TOPICS: 'flows,other', MAPPING_FILE })).toEqual([]);
    const INPUT_FILE = written('input', '');
    expect(faultsOf({ ...good, INPUT_FILE, MAPPING_FILE })).toEqual([]);
  });

  test('names schema files from the folder of the mapping, or by an absolute path', () => {
    mkdirSync(path.join(folder, 'sub'));
    const schema = written('sub/own.avsc', flow);
    const MAPPING_FILE = written('sub/mapping.json', {
      topics: {
        a: { schema: 'own.avsc' },
        b: { schema },
        c: { readerSchema: './own.avsc' },
        d: { schema: '../sub/own.avsc' },
      },
    });
    const { topics } = prepare({ ...good, KAFKA_TOPICS: 'a,b,c,d', MAPPING_FILE });
    const names = topics.map((plan) => (plan.readerSchema ?? plan.schema)?.name);
    expect(names).toEqual([schema, schema, schema, schema]);
    const missing = written('sub/missing.json', { topics: { flows: { schema: 'none.avsc' } } });
    const file = path.join(folder, 'sub', 'none.avsc');
    expect(faultsOf({ ...good, MAPPING_FILE: missing })).toEqual([
      `MAPPING_FILE topics.flows.schema (${file}): cannot be read (ENOENT); name a readable file`,
    ]);
  });
});

describe('the folder of files', () => {
  const outputFaults = (file: string) => faultsOf({ ...good, COLLECTORS: `file:${file}` });

  test('must be there', () => {
    expect(outputFaults(path.join(folder, 'flows.ipfix'))).toEqual([]);
    const missing = path.join(folder, 'none');
    expect(outputFaults(path.join(missing, 'flows.ipfix'))).toEqual([
      `COLLECTORS: the folder ${missing} cannot be written to (ENOENT); create it`,
    ]);
    expect(outputFaults(folder)).toEqual([
      `COLLECTORS: ${folder} is a folder; name a file in it, as ${folder}/flows.ipfix`,
    ]);
    const file = written('plain', '');
    expect(outputFaults(path.join(file, 'flows.ipfix'))[0]).toMatch(
      /cannot be written to \(ENOTDIR/,
    );
  });

  // Root may write anywhere.
  test.skipIf(process.getuid?.() === 0)('must be writable', () => {
    const locked = path.join(folder, 'locked');
    mkdirSync(locked);
    chmodSync(locked, 0o555);
    expect(outputFaults(path.join(locked, 'flows.ipfix'))).toEqual([
      `COLLECTORS: the folder ${locked} cannot be written to (EACCES); grant this user write access`,
    ]);
  });
});
