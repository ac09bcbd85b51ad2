// The last warnings and errors of a log, as /stats shows them.

import { expect, test } from 'vitest';
import { RecentTroubles } from '../../src/log/recent-troubles.ts';

const [info, warn, error] = [30, 40, 50];

test('keeps warnings and errors with their place, and nothing below', () => {
  const troubles = new RecentTroubles();
  troubles.note(info, ['joined the group'], 1);
  troubles.note(
    warn,
    [
      { code: 'BAD_EVENT', topic: 'flows', partition: 3, offset: 12, event: 2 },
      'port out of range',
    ],
    2,
  );
  troubles.note(error, [{ collector: '192.0.2.1:4739' }, 'refused'], 3);
  troubles.note(
    warn,
    [{ partitions: ['flows[1]', 'flows[2]'], reason: 'no answer' }, 'waiting'],
    4,
  );
  troubles.note(error, ['without fields'], 5);
  expect(troubles.list).toEqual([
    {
      atMs: 2,
      level: 'warn',
      code: 'BAD_EVENT',
      message: 'port out of range',
      place: 'flows[3] offset 12 event 2',
      count: 1,
    },
    { atMs: 3, level: 'error', code: '', message: 'refused', place: '192.0.2.1:4739', count: 1 },
    {
      atMs: 4,
      level: 'warn',
      code: '',
      message: 'waiting: no answer',
      place: 'flows[1], flows[2]',
      count: 1,
    },
    { atMs: 5, level: 'error', code: '', message: 'without fields', place: '', count: 1 },
  ]);
});

test('has what caused a message, once', () => {
  const troubles = new RecentTroubles();
  troubles.note(warn, [{ err: new Error('timed out') }, 'the commit failed'], 1);
  troubles.note(error, [{ err: new Error('the commit failed') }, 'the commit failed'], 2);
  expect(troubles.list.map(({ message }) => message)).toEqual([
    'the commit failed: timed out',
    'the commit failed',
  ]);
});

test('counts the same message that comes again, with its newest place', () => {
  const troubles = new RecentTroubles();
  for (let offset = 0; offset < 5; offset += 1) {
    troubles.note(warn, [{ topic: 'flows', partition: 0, offset }, 'bad'], offset);
  }
  expect(troubles.list).toEqual([
    { atMs: 4, level: 'warn', code: '', message: 'bad', place: 'flows[0] offset 4', count: 5 },
  ]);
});

test('keeps the newest twenty', () => {
  const troubles = new RecentTroubles();
  for (let i = 0; i < 30; i += 1) troubles.note(warn, [`number ${i}`], i);
  expect(troubles.list).toHaveLength(20);
  expect(troubles.list.at(-1)?.message).toBe('number 29');
});
