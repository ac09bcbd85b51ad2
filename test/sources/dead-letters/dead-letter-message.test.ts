// A dead letter as a Kafka message, and the message that goes back from it.

import type { IHeaders, KafkaMessage } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import {
  type LetterForm,
  messageOf,
  returnedFrom,
  smallerForm,
  wholeForm,
} from '../../../src/sources/dead-letters/dead-letter-message.ts';
import type { DeadLetter } from '../../../src/sources/dead-letter.ts';

const letter: DeadLetter = {
  ...{ topic: 'flows', partition: 3, offset: 70, timestampMs: 1_700_000_000_000 },
  ...{ key: Buffer.from('key'), value: Buffer.from('value') },
  headers: [
    { key: 'trace', value: Buffer.from('one') },
    { key: 'trace', value: Buffer.from('two') },
    { key: 'none', value: null },
  ],
  ...{ events: '3,7-9', reason: 'BAD_EVENT', problem: 'too large', path: 'port', schema: 'Flow' },
};
const writer = { groupId: 'exporters', version: '1.2.3' };
const timeMs = Date.UTC(2026, 6, 1);
const written = (form: LetterForm = wholeForm, of = letter) => messageOf(of, writer, form, timeMs);

const textOf = (headers: IHeaders | undefined) =>
  Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]));

/** As it is read from the topic again. */
function readAgain(form: LetterForm = wholeForm, changes: IHeaders = {}): KafkaMessage {
  const { key, value, headers } = written(form);
  const whole = { key: key as Buffer | null, value: value as Buffer | null };
  return {
    ...whole,
    headers: { ...headers, ...changes },
    ...{ timestamp: '0', attributes: 0 },
    offset: '0',
  };
}

describe('a letter', () => {
  test('has the key, the value and the headers of its message, those of one name together', () => {
    const { key, value, headers } = written();
    expect([key, value]).toEqual([letter.key, letter.value]);
    expect(headers).toMatchObject({
      trace: [Buffer.from('one'), Buffer.from('two')],
      none: [Buffer.alloc(0)],
    });
  });

  test('says where it is from, when, and why', () => {
    expect(textOf(written().headers)).toMatchObject({
      'kafka2ipfix.topic': 'flows',
      'kafka2ipfix.partition': '3',
      'kafka2ipfix.offset': '70',
      'kafka2ipfix.timestamp': '1700000000000',
      'kafka2ipfix.reason': 'BAD_EVENT',
      'kafka2ipfix.problem': 'too large',
      'kafka2ipfix.path': 'port',
      'kafka2ipfix.schema': 'Flow',
      'kafka2ipfix.events': '3,7-9',
      'kafka2ipfix.group': 'exporters',
      'kafka2ipfix.version': '1.2.3',
      'kafka2ipfix.time': '2026-07-01T00:00:00.000Z',
    });
  });

  test('has no header for what is not known', () => {
    const headers = textOf(
      written(wholeForm, { ...letter, timestampMs: undefined, events: undefined, schema: '' })
        .headers,
    );
    for (const name of ['timestamp', 'events', 'schema', 'left']) {
      expect(headers).not.toHaveProperty([`kafka2ipfix.${name}`]);
    }
  });

  test('has at most 1,024 characters of a problem', () => {
    const { headers } = written(wholeForm, { ...letter, problem: 'x'.repeat(5_000) });
    expect(String(headers!['kafka2ipfix.problem'])).toHaveLength(1_024);
  });
});

describe('a letter that the broker finds too large', () => {
  test('is tried compressed, then without its value, then without key and headers, then not', () => {
    const forms: LetterForm[] = [];
    for (let form: LetterForm | undefined = wholeForm; form; form = smallerForm(form)) {
      forms.push(form);
    }
    expect(forms).toEqual([
      { gzip: false, without: 'nothing' },
      { gzip: true, without: 'nothing' },
      { gzip: false, without: 'value' },
      { gzip: true, without: 'value' },
      { gzip: false, without: 'everything' },
      { gzip: true, without: 'everything' },
    ]);
  });

  test('without its value says so, with its length', () => {
    const { key, value, headers } = written({ gzip: false, without: 'value' });
    expect([key, value]).toEqual([letter.key, null]);
    expect(headers).toHaveProperty('trace');
    expect(String(headers!['kafka2ipfix.left'])).toMatch(/\b5 octets/);
  });

  test('without everything still says where it is from', () => {
    const { key, value, headers } = written({ gzip: false, without: 'everything' });
    expect([key, value]).toEqual([null, null]);
    expect(headers).not.toHaveProperty('trace');
    expect(textOf(headers)).toMatchObject({ 'kafka2ipfix.offset': '70' });
  });
});

describe('a message that goes back', () => {
  test('is the original one, to its partition, with the events and the time to keep', () => {
    const returned = returnedFrom(readAgain())!;
    expect(returned).toMatchObject({
      ...{ topic: 'flows', partition: 3, offset: '70', events: '3,7-9', group: 'exporters' },
      ...{ reason: 'BAD_EVENT', problem: 'too large', path: 'port', schema: 'Flow', left: '' },
      ...{ time: '2026-07-01T00:00:00.000Z', timestamp: '1700000000000' },
      message: { key: letter.key, value: letter.value, partition: 3 },
    });
    const { headers } = returned.message!;
    expect(Object.keys(headers!).toSorted()).toEqual([
      'kafka2ipfix.events',
      'kafka2ipfix.timestamp',
      'none',
      'trace',
    ]);
    expect(headers!['trace']).toEqual([Buffer.from('one'), Buffer.from('two')]);
  });

  test('is none where the letter went without its value', () => {
    const returned = returnedFrom(readAgain({ gzip: false, without: 'value' }));
    expect(returned).toMatchObject({ topic: 'flows', partition: 3, message: undefined });
  });

  test.each([
    ['without a topic', 'topic', undefined],
    ['without a number of the partition', 'partition', 'x'],
    ['with a partition below 0', 'partition', '-1'],
  ])('is none where the message is %s: it is no letter of ours', (_, name, value) => {
    const message = readAgain(wholeForm, { [`kafka2ipfix.${name}`]: value });
    expect(returnedFrom(message)).toBeUndefined();
  });

  test('is none of a message without headers', () => {
    const place = { timestamp: '0', attributes: 0, offset: '0', size: 5 };
    expect(returnedFrom({ key: null, value: letter.value, ...place })).toBeUndefined();
  });
});
