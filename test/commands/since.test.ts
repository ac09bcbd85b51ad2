// The times that --since takes.

import { expect, test } from 'vitest';
import { sinceMs } from '../../src/commands/since.ts';

const nowMs = new Date(2026, 6, 15, 14, 30).getTime();
const local = (...parts: [number, number, number, number?, number?]) =>
  new Date(...parts).getTime();

test.each([
  ['24h', nowMs - 86_400_000],
  ['90m', nowMs - 5_400_000],
  ['7d', nowMs - 7 * 86_400_000],
  ['2w', nowMs - 14 * 86_400_000],
  ['today', local(2026, 6, 15)],
  ['yesterday', local(2026, 6, 14)],
  ['2026-07-01', local(2026, 6, 1)],
  ['2026-07-01T09:30', local(2026, 6, 1, 9, 30)],
  ['2026-07-01 09:30', local(2026, 6, 1, 9, 30)],
  ['2026-07-01T09:30:00Z', Date.UTC(2026, 6, 1, 9, 30)],
  ['2026-07-01T09:30Z', Date.UTC(2026, 6, 1, 9, 30)],
  ['2026-07-01T09:30:15.5+02:00', Date.UTC(2026, 6, 1, 7, 30, 15, 500)],
])('%s is a time', (text, expected) => {
  expect(sinceMs(text, nowMs)).toBe(expected);
});

test.each([
  '',
  'h',
  '24',
  '24 h',
  'tomorrow',
  '2026-02-31',
  '2026-07-01T25:00',
  'earliest',
  '1e3h',
  'constructor',
])('"%s" is refused, with the forms that are not', (text) => {
  expect(() => sinceMs(text, nowMs)).toThrow(
    `--since: "${text}" is not a time; write it as 24h, 30m, 7d, today, yesterday`,
  );
});

test('a time in the future is refused', () => {
  expect(() => sinceMs('2026-07-16', nowMs)).toThrow('is in the future');
});
