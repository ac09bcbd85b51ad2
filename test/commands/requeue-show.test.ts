// What `requeue --show` prints of a dead letter.

import { describe, expect, test } from 'vitest';
import { letterJson, letterText } from '../../src/commands/letter-text.ts';
import { LetterValues } from '../../src/commands/letter-values.ts';
import { defaultSchemaFile, prepare } from '../../src/config/preparation.ts';
import {
  messageOf,
  returnedFrom,
  wholeForm,
} from '../../src/sources/dead-letters/dead-letter-message.ts';
import type { Returned } from '../../src/sources/dead-letters/dead-letter-message.ts';
import type { DeadLetter } from '../../src/sources/dead-letter.ts';
import { encode, flowEvent } from '../support/events/flow-events.ts';
import { runCommand } from '../support/processes/command-line.ts';

const bad = encode(flowEvent({ sourcePort: 70_000, applicationName: 'web' }));
const good = encode(flowEvent({ flowId: 2 }));

/** A letter as it is read from the topic again. */
function letterOf(
  told: Partial<DeadLetter> = {},
  without: 'nothing' | 'value' = 'nothing',
): Returned {
  const letter: DeadLetter = {
    ...{ topic: 'flows', partition: 3, offset: 70, timestampMs: 1_700_000_000_000, key: null },
    ...{ value: bad, headers: [], events: undefined, reason: 'BAD_EVENT', path: 'sourcePort' },
    ...{ problem: 'in sourcePort: too large', schema: 'flow-event.avsc' },
    ...told,
  };
  const writer = { groupId: 'g', version: '1.2.3' };
  const { key, value, headers } = messageOf(letter, writer, { ...wholeForm, without }, 0);
  return returnedFrom({
    ...{ key: key as null, value: value as Buffer | null, headers: headers! },
    ...{ timestamp: '0', attributes: 0, offset: '0' },
  })!;
}

function valuesWith(framing: string): LetterValues {
  return LetterValues.of(
    prepare({
      ...{ KAFKA_BROKERS: 'k:9092', KAFKA_TOPICS: 'flows', KAFKA_GROUP_ID: 'g' },
      ...{ COLLECTORS: 'ipfix://192.0.2.1', AVRO_SCHEMA_FILE: defaultSchemaFile },
      AVRO_FRAMING: framing,
      ...(framing === 'confluent' && { SCHEMA_REGISTRY_URL: 'http://127.0.0.1:1' }),
    }),
  );
}

describe('the value of a letter', () => {
  test('is decoded with the schema of its topic', async () => {
    const datums = await valuesWith('bare').datumsOf(letterOf());
    expect(datums).toHaveLength(1);
    expect(datums![0]).toMatchObject({
      event: undefined,
      value: { sourcePort: 70_000, applicationName: 'web' },
    });
  });

  test('of several datums has only those that the letter is about', async () => {
    const value = Buffer.concat([good, bad, good, bad]);
    const datums = await valuesWith('bare-many').datumsOf(letterOf({ value, events: '1,3' }));
    expect(datums).toMatchObject([
      { event: 1, value: { sourcePort: 70_000 } },
      { event: 3, value: { sourcePort: 70_000 } },
    ]);
  });

  test.each([
    ['is not a datum of the schema', letterOf({ value: Buffer.from('{"a":1}') }), 'bare'],
    ['is not framed as its topic', letterOf({ value: good }), 'single-object'],
    ['is of another topic', letterOf({ topic: 'others' }), 'bare'],
    ['needs a registry that does not answer', letterOf({ value: Buffer.alloc(9) }), 'confluent'],
    ['was left out', letterOf({}, 'value'), 'bare'],
  ])('that %s is not decoded', async (_, letter, framing) => {
    expect(await valuesWith(framing).datumsOf(letter)).toBeUndefined();
  });
});

describe('a letter as text', () => {
  test('has place, reason, problem, times and value', () => {
    const datums = [{ event: undefined, value: { port: 70_000 } }];
    expect(letterText(letterOf({ events: '4' }), datums)).toBe(
      `flows[3] offset 70 event 4
  reason   BAD_EVENT
  problem  in sourcePort: too large
  time     1970-01-01T00:00:00.000Z
  written  2023-11-14T22:13:20.000Z
  schema   flow-event.avsc
  value    {"port":70000}

`,
    );
  });

  test('has the octets where the value could not be decoded, and says what was left out', () => {
    const value = Buffer.from([1, 0xab]);
    expect(letterText(letterOf({ value }), undefined)).toContain('value    hex 01ab (2 bytes)\n');
    expect(letterText(letterOf({ value }, 'value'), undefined)).toContain(
      'value    left out: its value of 2 octets: too large for the broker\n',
    );
  });

  test('cuts a long value, and lets nothing of it steer the terminal', () => {
    const value = Buffer.alloc(5_000);
    expect(letterText(letterOf({ value }), undefined)).toMatch(
      /hex 0{2000}… \(10000 characters\) \(5000 bytes\)\n/,
    );
    const datums = [{ event: undefined, value: 'a\u009b2Jb' }];
    expect(letterText(letterOf(), datums)).toContain('"a?2Jb"');
  });
});

describe('a letter as JSON', () => {
  test('has its place, reason and the whole value', () => {
    const datums = [{ event: undefined, value: { name: 'x'.repeat(5_000) } }];
    expect(JSON.parse(letterJson(letterOf(), datums))).toMatchObject({
      ...{ topic: 'flows', partition: 3, offset: '70', reason: 'BAD_EVENT', path: 'sourcePort' },
      value: { name: 'x'.repeat(5_000) },
    });
  });

  test('has each event of several, or the octets', () => {
    const datums = [1, 3].map((event) => ({ event, value: event }));
    expect(JSON.parse(letterJson(letterOf(), datums))).toMatchObject({ values: datums });
    const line = JSON.parse(
      letterJson(letterOf({ value: Buffer.from('hi') }), undefined),
    ) as object;
    expect(line).toMatchObject({ hex: '6869' });
    expect(line).not.toHaveProperty('value');
  });
});

test.each([
  [['--json'], '--json is only for --show'],
  [['--show', '0'], '--show: 0 '],
  [['--show', '--limit', '3'], "'--show [n]' cannot be used with option '--limit <n>'"],
])('requeue refuses %j', async (args, problem) => {
  const { code, stderr } = await runCommand(['requeue', ...args], { env: {} });
  expect(code).toBe(78);
  expect(stderr).toContain(problem);
});
