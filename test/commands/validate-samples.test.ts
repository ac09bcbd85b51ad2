// `validate` on what the events hold: values that fit their types and are probably not read as they are
// meant are warned of, before a single one is sent.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import avro from 'avsc';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from '../support/processes/command-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-samples-'));
afterAll(() => rmSync(folder, { recursive: true }));

const schema = {
  type: 'record',
  name: 'E',
  fields: [
    { name: 'ts', type: 'string' },
    { name: 'addr', type: 'long' },
    { name: 'port', type: 'string' },
    { name: 'as', type: 'int' },
    { name: 'proto', type: 'int' },
  ],
};

const input = join(folder, 'events.avro');
const good = { ts: '1714979289123', addr: 3_325_256_711, port: '0443', as: 1, proto: 6 };

beforeAll(async () => {
  const encoder = avro.createFileEncoder(input, avro.Type.forSchema(schema as avro.Schema));
  encoder.write(good);
  encoder.write({ ...good, port: '0050' });
  encoder.write({ ...good, as: -94_967_296 });
  encoder.write({ ...good, proto: 256 });
  encoder.write({ ...good, port: '70000' });
  encoder.write({ ...good, port: '01bb' });
  encoder.end();
  await finished(encoder);
});

let files = 0;
async function validate(fields: object, more: Record<string, string> = {}, ...args: string[]) {
  files += 1;
  const MAPPING_FILE = join(folder, `${files}.json`);
  writeFileSync(MAPPING_FILE, JSON.stringify({ topics: { '*': { fields } } }));
  const env = { COLLECTORS: 'ipfix://127.0.0.1:4739', MAPPING_FILE, INPUT_FILE: input, ...more };
  return runCommand(['validate', '--json', ...args], { env });
}

/** No time of the events has this form. */
const badTime = { element: 'flowStartMilliseconds', format: 'iso8601' };

interface Report {
  readonly warnings: readonly { problem: string }[];
  readonly sampled: readonly { events: number; bad: number; problem?: string }[];
}
const reportOf = (stdout: string) => JSON.parse(stdout) as Report;

const plain = {
  ts: { element: 'flowStartMilliseconds', unit: 's' },
  addr: 'sourceIPv4Address',
  port: 'sourceTransportPort',
  as: 'bgpSourceAsNumber',
  proto: 'protocolIdentifier',
};

describe('the sampled values of a file', () => {
  test('are warned of where they look wrong, each with what to say', async () => {
    const { code, stdout } = await validate(plain);
    const { warnings, sampled } = reportOf(stdout);
    const said = warnings.map(({ problem }) => problem).join('\n');
    expect(code).toBe(0);
    expect(sampled).toMatchObject([{ events: 6, bad: 4 }]);
    expect(said).toMatch(
      /^ts: "1714979289123" is read as 17149\d+ ms since 1970, outside 1990 to/m,
    );
    expect(said).toMatch(
      /^addr: 3325256711 is read in network order, as "198.51.100.7"; set "byt/m,
    );
    expect(said).toMatch(/^port: "0443" is read as a decimal number; .* "base": 16/m);
    expect(said).toMatch(/^1 of 6 sampled events cannot be exported: in as: .* "unsigned": true/m);
    expect(said).toMatch(/^1 of 6 .* in proto: protocolIdentifier: 256 is not unsigned8/m);
    expect(said).toMatch(/^2 of 6 .* in port: sourceTransportPort: 70000 is not unsigned16/m);
  });

  test('give no warning where the mapping says what they are', async () => {
    const { stdout } = await validate({
      ...plain,
      ts: { element: 'flowStartMilliseconds', unit: 'ms' },
      addr: { element: 'sourceIPv4Address', byteOrder: 'big' },
      port: { element: 'sourceTransportPort', base: 16 },
      as: { element: 'bgpSourceAsNumber', unsigned: true },
      proto: 'ipDiffServCodePoint',
    });
    const { warnings, sampled } = reportOf(stdout);
    // Two events are wrong however they are read: 256 as a code point, and 0x70000 as a port.
    expect(sampled).toMatchObject([{ events: 6, bad: 2 }]);
    expect(warnings.map(({ problem }) => problem)).toEqual([
      expect.stringMatching(/^1 of 6 .* in proto: /),
      expect.stringMatching(/^1 of 6 .* in port: /),
    ]);
  });

  test('are named with their places where they are bad', async () => {
    const { code, stdout } = await validate(plain);
    expect(code).toBe(0);
    const said = reportOf(stdout).warnings.map(({ problem }) => problem);
    expect(said).toContainEqual(
      expect.stringMatching(/^1 of 6 .* in as: .* \(.*\[0\] offset 2\)$/),
    );
    expect(said).toContainEqual(
      expect.stringMatching(/^2 of 6 .* in port: .* \(.*\[0\] offset 4, .*\[0\] offset 5\)$/),
    );
  });

  test('are a fault where none of them can be exported', async () => {
    const { code, stdout, stderr } = await validate({ ts: badTime });
    expect([code, stdout]).toEqual([78, '']);
    expect(stderr).toMatch(
      /: 6 of 6 sampled events cannot be exported: in ts: .*offset 0, .*offset 5/,
    );
  });

  test('come with the schema of the file, so that a missing file is a fault', async () => {
    const missing = await validate({}, { INPUT_FILE: join(folder, 'missing.avro') });
    expect(missing.code).toBe(78);
    expect(missing.stderr).toMatch(
      /INPUT_FILE: .* \(ENOENT\); name a readable Avro container file/,
    );
    const misspelt = await validate({ addrr: 'sourceIPv4Address' });
    expect(misspelt.code).toBe(78);
    expect(misspelt.stderr).toContain('did you mean "addr"?');
  });
});

test('without a broker that answers, none are sampled, and that is said', async () => {
  const schemaFile = join(folder, 'schema.avsc');
  writeFileSync(schemaFile, JSON.stringify(schema));
  const env = {
    ...{ KAFKA_BROKERS: '127.0.0.1:1', KAFKA_TOPICS: 'flows', KAFKA_GROUP_ID: 'validate' },
    ...{ AVRO_SCHEMA_FILE: schemaFile, INPUT_FILE: '' },
  };
  const { code, stdout } = await validate(plain, env);
  expect(code).toBe(0);
  const warning = expect.stringMatching(
    /^no broker answers: .*ECONNREFUSED.*KAFKA_BROKERS/,
  ) as string;
  const problem = 'no broker answers';
  expect(reportOf(stdout).sampled).toMatchObject([
    { topic: 'flows', events: 0, problem, warnings: [warning] },
  ]);
  const offline = await validate(plain, env, '--offline');
  expect(reportOf(offline.stdout).sampled).toMatchObject([{ events: 0, problem: '--offline' }]);
});
