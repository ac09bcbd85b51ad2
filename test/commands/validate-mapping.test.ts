// `validate` on mappings: broken ones with all their faults, good ones with all that comes of them, and
// what it asks the schema registry for.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runCommand } from '../support/processes/command-line.ts';
import { startFakeRegistry } from '../support/fakes/fake-registry.ts';

const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-validate-'));
afterAll(() => rmSync(folder, { recursive: true }));

const env = {
  KAFKA_BROKERS: '127.0.0.1:1',
  KAFKA_TOPICS: 'flows',
  KAFKA_GROUP_ID: 'validate',
  COLLECTORS: 'ipfix://127.0.0.1:4739',
};

const schemaFile = join(folder, 'flow.avsc');
const flow = {
  type: 'record',
  name: 'Flow',
  fields: [
    { name: 'src', type: 'string' },
    { name: 'dst', type: ['null', 'string'] },
    { name: 'sport', type: 'int' },
    { name: 'octets_in', type: 'long' },
    { name: 'began', type: 'string' },
    { name: 'note', type: 'string' },
    { name: 'labels', type: { type: 'map', values: 'string' } },
  ],
};
writeFileSync(schemaFile, JSON.stringify(flow));

let files = 0;
function mappingFile(text: string): string {
  files += 1;
  const file = join(folder, `mapping-${files}.yaml`);
  writeFileSync(file, text);
  return file;
}

const validate = (text: string, args: string[] = [], more: Record<string, string> = {}) =>
  runCommand(['validate', ...args], {
    env: { ...env, AVRO_SCHEMA_FILE: schemaFile, MAPPING_FILE: mappingFile(text), ...more },
  });

describe('a broken mapping is reported with all its faults, each with its path and fix', () => {
  test.each([
    [
      'misspelt names',
      `topics: { flows: { fields: {
         scr: sourceAddress, sport: sourceTransportPrt, octets_in: { elment: octetDeltaCount } } } }`,
      [
        'fields.octets_in.elment (line 2): is not an option; did you mean "element"?',
        'fields.scr: the schema has no such field; did you mean "src"?',
        'fields.sport: "sourceTransportPrt" is not an Information Element; did you mean',
      ],
    ],
    [
      'fields and elements that do not fit',
      `topics: { flows: { fields: { src: octetDeltaCount, sport: { element: vlanId, length: 4 },
         octets_in: { element: octetDeltaCount, null: 0 }, labels: applicationName } } }`,
      [
        'fields.sport: vlanId (unsigned16) cannot be sent in 4 octets; 2 or, for integers, fewer',
        'fields.octets_in: says what null means but cannot be null; remove "null"',
        'fields.labels: is a map; map one of its keys, as "path.key"',
      ],
    ],
    [
      'paths that are not there',
      `topics: { flows: { events: records, fields: { srk: sourceAddress, $ts: flowEndMilliseconds } } }`,
      [
        'fields.$ts (line 1): is not a source; there are $key, $timestamp',
        'events: the schema has no array "records"; name the one whose items are the events',
        'fields.srk: the schema has no such field; did you mean "src"?',
      ],
    ],
    [
      'rules and sums',
      `topics: { flows: { fields: { src: sourceAddress, sport: { element: icmpTypeCode, times: 256,
         plus: spotr }, began: { element: flowEndMilliseconds, fallback: [nothing] } },
         skip: [{ reason: x, field: not, is: 1 }], keep: [{ reason: y, field: labls, is: [1] }] } }`,
      [
        'fields.sport: "plus": spotr: the schema has no such field; did you mean "sport"?',
        'fields.began: "fallback": nothing: the schema has no such field; ',
        'skip.0 (not): the schema has no such field; did you mean',
        'keep.0 (labls): the schema has no such field; did you mean "labels"?',
      ],
    ],
    [
      'two fields for one element, and what follows no address',
      `topics: { flows: { unlisted: ignore, fields: { sport: sourceTransportPort,
         octets_in: sourceTransportPort, note: sourcePrefixLength } } }`,
      ['fields.octets_in: fills sourceTransportPort, as sport does; map only one of them'],
    ],
  ])('%s', async (_, text, faults) => {
    const { code, stdout, stderr } = await validate(text);
    expect(code).toBe(78);
    expect(stdout).toBe('');
    expect(stderr).not.toContain('\u001b');
    for (const fault of faults) expect(stderr).toContain(`MAPPING_FILE topics.flows.${fault}`);
    expect(stderr).toMatch(/^kafka2ipfix: \d+ faults? in the configuration:\n(?: {2}\S.*\n)+$/);
  });
});

const good = `
topics:
  flows:
    zone: UTC
    fields:
      src: sourceAddress
      dst: destinationAddress
      octets_in: { element: octetDeltaCount, unit: bits }
      began: [flowStartMilliseconds, flowStartMicroseconds]
      labels.site: { element: 4242/1, type: string, name: site }
    skip: [{ reason: not a flow, field: note, is: marker }]
`;

describe('a good mapping', () => {
  test('is warned of for each zone that times in text are read in', async () => {
    const { stdout } = await validate(`
topics:
  flows:
    fields:
      began: { element: flowStartMilliseconds, zone: Europe/Zurich }
      note: flowEndMilliseconds
`);
    expect(stdout).toMatch(/^warning: began: a time in text without a zone is read as Europe/m);
    expect(stdout).toMatch(/^warning: note: a time in text without a zone is refused/m);
  });

  test('is shown by where it came from, in 80 columns, with its warnings', async () => {
    const { code, stdout } = await validate(good);
    expect(code).toBe(0);
    expect(stdout).toContain(`Topic flows: bare, AVRO_SCHEMA_FILE (${schemaFile})`);
    expect(stdout).toMatch(
      /^Fields by MAPPING_FILE\npath +Information Element +type +octets +unit$/m,
    );
    expect(stdout).toMatch(/^octets_in +octetDeltaCount +unsigned64 +8 +bits$/m);
    expect(stdout).toMatch(/^began +flowStartMicroseconds +dateTime us +8 +text$/m);
    expect(stdout).toMatch(/^labels\.site +site +string +var$/m);
    expect(stdout).toContain('Ignored fields: sport, labels\n');
    expect(stdout).toContain('Dropped by rules: not a flow\n');
    expect(stdout).toContain(
      'Encoded by compiled code, except (interpreted): octets_in, began, labels.site\n',
    );
    expect(stdout).toMatch(/^warning: began: a time in text without a zone is read as UTC/m);
    expect(stdout).toMatch(/^warning: began: pmacct, nfdump up to 1\.7\.1, Akvorado/m);
    expect(stdout).toMatch(/^warning: labels\.site: Logstash drops a Template/m);
    expect(stdout).not.toContain('\u001b');
    const lines = stdout
      .split('\n')
      .filter((line) => !/^(Topic|warning: \S+: no broker)/.test(line));
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
  });

  test('is warned of where no address, no counter or no time is mapped', async () => {
    const { stdout } = await validate(
      'topics: { flows: { unlisted: ignore, fields: { sport: flowId } } }',
    );
    const warnings = stdout.replaceAll('\n  ', ' ').split('\n');
    for (const kind of ['address', 'counter of octets or packets', 'time']) {
      expect(warnings).toContainEqual(expect.stringContaining(`warning: no ${kind} is mapped; if`));
    }
    expect((await validate(good)).stdout).not.toMatch(/^warning: no \w+/m);
  });

  test('of both directions says that an event is two records, or warns of reverse elements', async () => {
    const fields =
      '{ src: sourceAddress, octets_in: octetDeltaCount, sport: reversePacketDeltaCount }';
    const text = (biflow: string) => `topics: { flows: { biflow: ${biflow}, fields: ${fields} } }`;
    const two = 'An event becomes two Data Records if one of sport is neither null nor 0';
    const enterprise = 'sport: Logstash drops a Template with an enterprise element';
    const split = (await validate(text('split'))).stdout.replaceAll('\n  ', ' ');
    expect([split.includes(two), split.includes(enterprise)]).toEqual([true, false]);
    const reverse = (await validate(text('reverse'))).stdout.replaceAll('\n  ', ' ');
    expect([reverse.includes(two), reverse.includes(enterprise)]).toEqual([false, true]);
    const forward = (await validate(text('forward'))).stdout.replaceAll('\n  ', ' ');
    expect([forward.includes(two), forward.includes(enterprise)]).toEqual([false, false]);
  });

  test('comes with suggestions for the fields that it ignores', async () => {
    const text = 'topics: { flows: { unlisted: ignore, fields: { sport: flowId } } }';
    const fields = [...flow.fields, { name: 'srcaddr', type: 'string' }];
    const schema = join(folder, 'more.avsc');
    writeFileSync(schema, JSON.stringify({ ...flow, fields }));
    const more = { AVRO_SCHEMA_FILE: schema };
    const { stdout } = await validate(text, [], more);
    expect(stdout).toMatch(/^Ignored fields that preset "\w+" maps: .*srcaddr \(sourceAddress\)/m);
    const json = JSON.parse((await validate(text, ['--json'], more)).stdout) as {
      topics: { suggestions: unknown }[];
    };
    expect(json.topics[0]!.suggestions).toContainEqual({
      ...{ path: 'srcaddr', element: 'sourceAddress', preset: expect.any(String) as string },
    });
  });

  test('is the same as JSON', async () => {
    const { code, stdout } = await validate(good, ['--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      valid: true,
      topics: [
        {
          topic: 'flows',
          framing: 'bare',
          fields: [
            {
              path: 'src',
              avro: 'string',
              from: 'file',
              elements: [
                { name: 'sourceIPv4Address', type: 'ipv4Address', id: '8', octets: 4 },
                { name: 'sourceIPv6Address', type: 'ipv6Address', id: '27', octets: 16 },
              ],
            },
            { path: 'dst', null: 'omitted', painted: 'compiled' },
            { path: 'octets_in', unit: 'bits', painted: 'by value' },
            { path: 'began' },
            { path: 'began' },
            { path: 'labels.site', elements: [{ id: '4242/1', octets: 'variable' }] },
          ],
          ignored: ['sport', 'labels'],
          shapes: 8,
        },
      ],
    });
  });
});

describe('with a registry', () => {
  const withRegistry = (url: string, more: Record<string, string> = {}) => ({
    ...{ SCHEMA_REGISTRY_URL: url, AVRO_SCHEMA_FILE: '' },
    ...more,
  });

  test('the newest schema of the subject is checked, by its own fields', async () => {
    const registry = await startFakeRegistry();
    registry.subjects.set('flows/latest', { schema: flow });
    const more = withRegistry(registry.url, { SCHEMA_SUBJECT: 'flows' });
    const { code, stdout } = await validate(good, [], more);
    expect(code).toBe(0);
    expect(stdout).toContain('Topic flows: confluent, subject flows');
    registry.subjects.set('flows/latest', { schema: { ...flow, fields: flow.fields.slice(1) } });
    const broken = await validate(good, [], more);
    await registry.close();
    expect(broken.code).toBe(78);
    expect(broken.stderr).toContain('fields.src: the schema has no such field');
  });

  test('that gives no answer says so, and --offline does without', async () => {
    const registry = await startFakeRegistry();
    await registry.close();
    const more = withRegistry(registry.url, { SCHEMA_SUBJECT: 'other=x,flows=flows' });
    const { code, stderr } = await validate(good, [], more);
    expect(code).toBe(78);
    expect(stderr).toMatch(/flows: no schema registry answers: .*ECONNREFUSED/);
    const offline = await validate(good, ['--offline'], more);
    expect(offline.code).toBe(0);
    expect(offline.stdout).toContain(
      'its schemas are in the registry; not checked because of --offline',
    );
  });
});

describe('framing', () => {
  test('must be named where both a registry and schema files could be meant', async () => {
    const { code, stderr } = await validate(good, ['--offline'], {
      SCHEMA_REGISTRY_URL: 'http://127.0.0.1:1',
    });
    expect(code).toBe(78);
    expect(stderr).toContain(
      'AVRO_FRAMING: must be named for flows: with both a registry and schema files',
    );
  });

  test.each([
    ['confluent', 'confluent needs SCHEMA_REGISTRY_URL (topic flows); set it'],
    ['apicurio8+base64', 'apicurio8 needs SCHEMA_REGISTRY_URL (topic flows); set it'],
    ['json', '"json" is not one of confluent, apicurio8, single-object, bare, bare-many, ocf'],
  ])('%s without what it needs is a fault', async (AVRO_FRAMING, problem) => {
    const { code, stderr } = await validate(good, [], { AVRO_FRAMING });
    expect([code, stderr]).toEqual([78, expect.stringContaining(`AVRO_FRAMING: ${problem}`)]);
  });
});
