// How the demo judges what it saw; the demo itself is the test of all parts together.

import { mkdtempSync, rmSync, writeFileSync, appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { registerDemo } from '../../demo/command.ts';
import { flowIdOf, LineFollower, RecordSamples } from '../../demo/records.ts';
import { type DemoOutcome, faultsOf, summaryTable } from '../../demo/summary.ts';
import { FlowTally } from '../../demo/tally.ts';
import { gentleRate, withoutSettings } from '../../demo/stage.ts';

const good: DemoOutcome = {
  events: 1000,
  received: 1000,
  lost: 0,
  duplicated: 0,
  foreign: 0,
  seconds: 2,
  recordsPerSecondMax: 40_000,
  collector: {
    messages: 80,
    octets: 110_000,
    sequenceGaps: 0,
    missingRecords: 0,
    malformedMessages: 0,
    unknownSets: 0,
    kernelDrops: 0,
  },
  lag: 0,
  stage: { code: 0, signal: null },
};

const json = (fields: Record<string, unknown>, templateId = 300): string =>
  JSON.stringify({ ...fields, _: { exporter: '127.0.0.1:9', templateId, options: false } });

test('counts an event that never came as lost, and one that came again as duplicated', () => {
  const tally = new FlowTally(5);
  for (const flowId of [1, 3, 3, 5, 3]) tally.add(flowId);
  expect(tally).toMatchObject({ received: 5, lost: 2, duplicated: 2, foreign: 0 });
});

test('counts a record without one of its flowIds as foreign, never as found', () => {
  const tally = new FlowTally(2);
  for (const flowId of [0, 3, undefined, Number.MAX_SAFE_INTEGER]) tally.add(flowId);
  expect(tally).toMatchObject({ received: 4, lost: 2, duplicated: 0, foreign: 4 });
});

test('its figures agree with those of sets, whatever comes in whatever order', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.array(fc.nat(60)), (events, ids) => {
      const tally = new FlowTally(events);
      for (const id of ids) tally.add(id);
      const ours = ids.filter((id) => id >= 1 && id <= events);
      expect(tally.received).toBe(ids.length);
      expect(tally.lost).toBe(events - new Set(ours).size);
      expect(tally.duplicated).toBe(ours.length - new Set(ours).size);
      expect(tally.foreign).toBe(ids.length - ours.length);
    }),
  );
});

test('finds no fault where every event came once, was committed, and the stage ended well', () => {
  expect(faultsOf(good)).toEqual([]);
  expect(faultsOf({ ...good, lag: 'none' })).toEqual([]);
});

test.each<[string, Partial<DemoOutcome>]>([
  ['1 event lost', { lost: 1 }],
  ['2 records were repeated', { duplicated: 2 }],
  ['1 record of unknown events', { foreign: 1 }],
  ['1 gap in', { collector: { ...good.collector, sequenceGaps: 1 } }],
  ['1,234 events not committed', { lag: 1234 }],
  ['lag of the group is unknown', { lag: 'unknown' }],
  ['exit code 75', { stage: { code: 75, signal: null } }],
  ['SIGKILL', { stage: { code: null, signal: 'SIGKILL' } }],
])('finds one fault: %s', (words, change) => {
  const faults = faultsOf({ ...good, ...change });
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain(words);
});

test.each<[string, Partial<DemoOutcome['collector']>]>([
  ['had no room for 3 datagrams', { kernelDrops: 3, sequenceGaps: 1, missingRecords: 9 }],
  ['could not read everything', { unknownSets: 1 }],
  ['but not received', { sequenceGaps: 1, missingRecords: 9, kernelDrops: 'unknown' }],
  ['not sent according', {}],
])('says where lost events were lost: %s', (words, change) => {
  const collector = { ...good.collector, ...change };
  expect(faultsOf({ ...good, lost: 9, collector })).toEqual([expect.stringContaining(words)]);
});

test('the table has every figure, and no rate where a second was not filled', () => {
  const table = summaryTable({ ...good, events: 200_000, lag: 'none', seconds: 0.4 });
  for (const text of ['200,000', '110,000', 'not applicable', '0.4', 'EXPORT_RATE_LIMIT=40000']) {
    expect(table).toContain(text);
  }
  expect(table).toMatch(/Events\/s +│ +- │/);
});

test('reads the flowId of a line, not one that a text value speaks of', () => {
  expect(flowIdOf(json({ flowId: 17 }))).toBe(17);
  expect(flowIdOf(json({ flowId: '9007199254740993' }))).toBe(Number('9007199254740993'));
  expect(flowIdOf(json({ applicationName: '"flowId":5' }))).toBeUndefined();
});

test('follows a file line by line, wherever its writes and characters are cut', () => {
  const folder = mkdtempSync(join(tmpdir(), 'demo-'));
  const file = join(folder, 'records.json');
  writeFileSync(file, '');
  const follower = new LineFollower(file);
  const lines: string[] = [];
  for (const octet of Buffer.from('one\nzwölf\n\nthree')) {
    appendFileSync(file, Buffer.of(octet));
    follower.read((line) => lines.push(line));
  }
  expect(lines).toEqual(['one', 'zwölf', '']);
  follower.close();
  rmSync(folder, { recursive: true });
});

test('shows one record of each kind, and lets no control character through', () => {
  const samples = new RecordSamples();
  samples.add(json({ flowId: 1, sourceIPv4Address: '192.0.2.1', applicationName: 'a\u001b[2J' }));
  samples.add(json({ flowId: 2, sourceIPv4Address: '192.0.2.2' }));
  samples.add(json({ flowId: 3, sourceIPv6Address: '2001:db8::3' }, 301));
  samples.add(json({ flowId: 4, sourceIPv4Address: '192.0.2.4', icmpTypeCodeIPv4: 8 }, 302));
  expect(samples.texts(80, String)).toEqual([
    '  IPv4, Template 300:\n' +
      '    flowId=1  sourceIPv4Address=192.0.2.1  applicationName="a\\u001b[2J"',
    '  IPv6, Template 301:\n    flowId=3  sourceIPv6Address=2001:db8::3',
    '  IPv4, Template 302:\n    flowId=4  sourceIPv4Address=192.0.2.4  icmpTypeCodeIPv4=8',
  ]);
});

test("sends no faster than the collector's receive buffer allows", () => {
  expect(gentleRate(8_388_608)).toBe(40_000);
  expect(gentleRate(425_984)).toBe(7000);
  expect(gentleRate(4096)).toBe(1000);
});

test("keeps the user's own settings away from the stage, and nothing else", () => {
  const environment = { PATH: '/bin', WORKERS: '3', KAFKA_TOPICS: 'own', NODE_ENV: 'test' };
  expect(withoutSettings(environment)).toEqual({ PATH: '/bin' });
});

test.each([
  [['--events', '0'], '--events: 0 is out of range; 1 to'],
  [['--events', '1000001'], '--events: 1000001 is out of range'],
  [['--seed', '-1'], '--seed: -1 is not'],
])('refuses %j before it starts anything', async (args, words) => {
  const program = new Command();
  registerDemo(program);
  await expect(program.parseAsync(['demo', ...args], { from: 'user' })).rejects.toThrow(words);
});
