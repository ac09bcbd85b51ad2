// `validate --event`: events beside their records, and a test for a mapping.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeFlowFile } from '../../src/generator/flow-file.ts';
import { blocksOf } from '../docs/page-blocks.ts';
import { startFakeRegistry } from '../support/fakes/fake-registry.ts';
import { runCommand } from '../support/processes/command-line.ts';
import { toolPath } from '../support/processes/tool-path.ts';

const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-event-'));
afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const schema = {
  type: 'record',
  name: 'session',
  fields: [
    { name: 'src', type: 'string' },
    { name: 'dst', type: ['null', 'string'], default: null },
    { name: 'up', type: 'long' },
    { name: 'down', type: 'long', default: 0 },
    { name: 'state', type: 'string', default: 'up' },
  ],
};
const mappingFile = written(
  'mapping.yaml',
  `topics:
  flows:
    fields: { src: sourceAddress, dst: destinationAddress, up: octetDeltaCount, down: reverseOctetDeltaCount }
    skip: [{ reason: not a flow, field: state, is: marker }]
  other:
    fields: { src: destinationAddress }
`,
);
const env = { AVRO_SCHEMA_FILE: written('session.avsc', schema), MAPPING_FILE: mappingFile };

const events = written('events.json', [
  { src: '192.0.2.1', dst: { string: '192.0.2.2' }, up: 10, down: 20 },
  { src: '2001:db8::1', up: 9007199254740992 },
  { src: '192.0.2.1', up: 1, state: 'marker' },
  { src: 'nobody', up: 1 },
]);
// The number as it is written, beyond what a JSON number of JavaScript holds.
writeFileSync(events, readFileSync(events, 'utf8').replace('9007199254740992', '9007199254740993'));

const outcomes = [
  {
    records: [
      { sourceIPv4Address: '192.0.2.1', destinationIPv4Address: '192.0.2.2', octetDeltaCount: 10 },
      { sourceIPv4Address: '192.0.2.2', destinationIPv4Address: '192.0.2.1', octetDeltaCount: 20 },
    ],
  },
  { records: [{ sourceIPv6Address: '2001:db8::1', octetDeltaCount: '9007199254740993' }] },
  { dropped: 'not a flow' },
  { fault: true },
];

const validate = (args: readonly string[], more: Record<string, string> = {}) =>
  runCommand(['validate', ...args], { env: { ...env, ...more } });

const check = (...args: readonly string[]) =>
  validate(['--event', events, '--topic', 'flows', ...args]);

describe('given events', () => {
  test('are shown beside the records they become, dropped or refused, without any other setting', async () => {
    const { code, stdout, stderr } = await check();
    expect([code, stderr]).toEqual([65, '']);
    expect(stdout).toMatch(/^event 0\n {2}record 0\n {2}src +192\.0\.2\.1 +sourceIPv4Address 192/);
    expect(stdout).toMatch(/^ {2}up +9007199254740993 +octetDeltaCount 9007199254740993$/m);
    expect(stdout).toContain('event 2\n  dropped: not a flow\n');
    expect(stdout).toContain('event 3\n  cannot be exported: in src: ');
  });

  test('are JSON with --json, which is a form of what is expected', async () => {
    const { code, stdout } = await check('--json');
    expect(code).toBe(65);
    const [first, second, third, fourth] = JSON.parse(stdout) as unknown[];
    expect([first, second, third]).toEqual(outcomes.slice(0, 3));
    expect(fourth).toEqual({ fault: expect.stringContaining('in src: ') as string });
    const saved = await check('--expect', written('saved.json', stdout));
    expect([saved.code, saved.stderr]).toEqual([0, '']);
    expect(saved.stdout).toMatch(/^4 events are as expected in .*saved\.json\n$/);
  });

  test('may be one on each line, or a single one', async () => {
    const lines = '{"src":"192.0.2.1","up":1}\n\n{"src":"192.0.2.2","up":2}\n';
    const more = ['--topic', 'flows', '--json'];
    const two = await validate(['--event', written('lines.json', lines), ...more]);
    expect(JSON.parse(two.stdout)).toHaveLength(2);
    const one = await validate(['--event', written('one.json', lines.split('\n')[0]!), ...more]);
    expect(JSON.parse(one.stdout)).toHaveLength(1);
  });

  test('may be those of an Avro container file, with its own schema', async () => {
    const file = join(folder, 'flows.avro');
    await writeFlowFile({ seed: 1, count: 3, output: file });
    const { code, stdout } = await runCommand(['validate', '--event', file, '--json'], { env: {} });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject(
      [1, 2, 3].map((flowId) => ({ records: [{ flowId }] })),
    );
  });

  test('of a damaged container file are refused with the place', async () => {
    const file = join(folder, 'damaged.avro');
    await writeFlowFile({ seed: 1, count: 3, output: file });
    writeFileSync(file, readFileSync(file).subarray(0, -5));
    const { code, stderr } = await runCommand(['validate', '--event', file], { env: {} });
    expect(code).toBe(78);
    expect(stderr).toMatch(/--event: .*damaged\.avro.*; name an intact Avro container file/);
  });

  test('have the schema of a subject if no file has it', async () => {
    const registry = await startFakeRegistry();
    registry.subjects.set('flows-value/latest', { schema });
    const settings = { AVRO_SCHEMA_FILE: '', SCHEMA_REGISTRY_URL: registry.url };
    const args = ['--event', events, '--topic', 'flows', '--json'];
    const found = await validate(args, { ...settings, SCHEMA_SUBJECT: 'flows-value' });
    const unknown = await validate(args, settings);
    await registry.close();
    expect(JSON.parse(found.stdout)).toHaveLength(4);
    expect(unknown.code).toBe(78);
    expect(unknown.stderr).toContain('set AVRO_SCHEMA_FILE or SCHEMA_SUBJECT');
  });

  test('are read by the reader schema, if there is one', async () => {
    const fields = [
      ...schema.fields,
      { name: 'tos', type: 'int', ipfix: 'ipClassOfService', default: 4 },
    ];
    const AVRO_READER_SCHEMA_FILE = written('reader.avsc', { ...schema, fields });
    const { stdout } = await validate(['--event', events, '--topic', 'flows', '--json'], {
      AVRO_READER_SCHEMA_FILE,
    });
    expect(JSON.parse(stdout)).toMatchObject([
      { records: [{ ipClassOfService: 4 }, {}] },
      {},
      {},
      {},
    ]);
  });
});

describe('what is expected', () => {
  test('and found is a success, also if any fault is expected', async () => {
    const { code, stdout } = await check('--expect', written('expected.json', outcomes));
    expect([code, stdout]).toEqual([0, expect.stringContaining('4 events are as expected')]);
  });

  test('and not found is shown element by element, and ends with 65', async () => {
    const expected = [
      {
        records: [
          { ...outcomes[0]!.records![0], octetDeltaCount: 11, vlanId: 3 },
          outcomes[0]!.records![1],
        ],
      },
      { records: [{ sourceIPv6Address: '2001:db8::1' }] },
      { fault: true },
      { dropped: 'not a flow' },
    ];
    const { code, stdout } = await check('--expect', written('wrong.json', expected));
    expect(code).toBe(65);
    expect(stdout.split('\n').map((line) => line.replace(/in src: .*/, 'in src'))).toEqual([
      'event 0',
      '  record 0: octetDeltaCount: expected 11, but is 10',
      '  record 0: vlanId: expected 3, but is missing',
      'event 1',
      '  octetDeltaCount: not expected, but is "9007199254740993"',
      'event 2',
      '  expected: it cannot be exported',
      '  found:    it is dropped: not a flow',
      'event 3',
      '  expected: it is dropped: not a flow',
      '  found:    it cannot be exported: in src',
      '',
    ]);
  });

  test('in another number is a difference', async () => {
    const { code, stdout } = await check('--expect', written('few.json', [{ records: [{}] }]));
    expect(code).toBe(65);
    expect(stdout).toMatch(
      /^expected 1 event, but there are 4\nevent 0\n {2}expected 1 record, but there are 2\n/,
    );
  });
});

describe('what cannot be checked is refused with what to do', () => {
  test.each([
    [
      ['--event', '/nowhere.json', '--topic', 'flows'],
      '--event: /nowhere.json cannot be read (ENOENT); name a readable',
    ],
    [['--event', events], '--event: there are the topics flows, other; name one with --topic'],
    [
      ['--event', events, '--topic', 'flow'],
      '--topic: MAPPING_FILE has no section flow; there are flows, other',
    ],
    [
      ['--event', events, '--topic', 'flows', '--offline'],
      '--offline: it has no effect with --event',
    ],
    [['--expect', events], '--expect: it needs --event; add it'],
    [['--topic', 'flows'], '--topic: it needs --event; add it'],
  ])('%j', async (args, problem) => {
    const { code, stdout, stderr } = await validate(args);
    expect([code, stdout]).toEqual([78, '']);
    expect(stderr).toContain(problem);
  });

  test.each([
    ['', 'is empty; write a value'],
    ['{', 'is not JSON: '],
    ['{"src":"a","up":1}\n{', 'line 2: is not JSON: '],
    [
      [
        { src: 'a', up: 1 },
        { src: 'a', up: 'b' },
      ],
      'item 1 does not fit ',
    ],
    [{ src: 'a', upp: 1 }, 'upp: record session has no such field; remove it'],
  ])('an event such as %j', async (content, problem) => {
    const args = ['--event', written('bad.json', content), '--topic', 'flows'];
    const { code, stderr } = await validate(args);
    expect([code, stderr]).toEqual([78, expect.stringContaining(problem)]);
  });

  test('an expectation of another form, and a mapping that does not fit', async () => {
    const wrong = await check('--expect', written('form.json', [{ record: [] }]));
    expect([wrong.code, wrong.stderr]).toEqual([
      78,
      expect.stringContaining('item 0 is not an object with'),
    ]);
    const broken = written(
      'broken.yaml',
      'topics: { flows: { fields: { source: sourceAddress } } }',
    );
    const { code, stderr } = await validate(['--event', events], { MAPPING_FILE: broken });
    expect(code).toBe(78);
    expect(stderr).toContain(
      'MAPPING_FILE topics.flows.fields.source: the schema has no such field',
    );
  });
});

describe('docs/mapping.md', () => {
  const root = join(import.meta.dirname, '..', '..');
  let said: string;
  beforeAll(async () => {
    const [block] = blocksOf(
      'docs/mapping.md',
      readFileSync(join(root, 'docs/mapping.md'), 'utf8'),
    ).filter(({ text }) => text.includes('--expect'));
    const program = `npx() { shift; '${process.execPath}' '${join(root, 'src', 'main.ts')}' "$@"; }\n`;
    const cwd = mkdtempSync(join(folder, 'docs-'));
    const { stdout } = await promisify(execFile)(
      toolPath('bash')!,
      ['-ec', program + block!.text],
      { cwd },
    );
    said = stdout;
  });

  test('has a test for a mapping that succeeds', () => {
    expect(said).toContain('2 events are as expected in records.json\n');
  });
});
