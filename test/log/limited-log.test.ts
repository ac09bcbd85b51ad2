// The same warning at most every ten seconds, with the number of those that were held back.

import pino from 'pino';
import { expect, test } from 'vitest';
import { LimitedLog } from '../../src/log/limited-log.ts';
import { ManualClock } from '../support/fakes/manual-clock.ts';

function limited() {
  const clock = new ManualClock();
  const lines: object[] = [];
  const write = (line: string) => {
    const { level, msg, ...rest } = JSON.parse(line) as { level: number; msg: string };
    expect(level).toBe(pino.levels.values['warn']);
    expect(msg).not.toBe('');
    lines.push(rest);
  };
  const log = pino({ base: null, timestamp: false }, { write });
  return { clock, lines, log: new LimitedLog(log, (ms, action) => clock.after(ms, action)) };
}

test('the first is written at once, the others of ten seconds as one with their number', async () => {
  const { clock, lines, log } = limited();
  for (let offset = 0; offset < 5; offset += 1) log.event('BAD_EVENT', 'bad', { offset });
  expect(lines).toEqual([{ code: 'BAD_EVENT', offset: 0 }]);
  await clock.advance(9_999);
  expect(lines).toHaveLength(1);
  await clock.advance(1);
  expect(lines.slice(1)).toEqual([{ code: 'BAD_EVENT', offset: 4, heldBack: 3 }]);
});

test('each kind has its own ten seconds', () => {
  const { lines, log } = limited();
  log.event('BAD_EVENT', 'bad', {});
  log.event('DEAD_LETTERS_UNWRITABLE', 'away', {});
  expect(lines).toEqual([{ code: 'BAD_EVENT' }, { code: 'DEAD_LETTERS_UNWRITABLE' }]);
});

test('after a quiet while the next one is written at once, and nothing is kept of a kind', async () => {
  const { clock, lines, log } = limited();
  log.event('BAD_EVENT', 'bad', { offset: 1 });
  await clock.advance(10_000);
  expect([lines.length, clock.timers]).toEqual([1, 0]);
  log.event('BAD_EVENT', 'bad', { offset: 2 });
  expect(lines.slice(1)).toEqual([{ code: 'BAD_EVENT', offset: 2 }]);
});

test('goes on for as long as they come: one line in ten seconds', async () => {
  const { clock, lines, log } = limited();
  for (let second = 0; second < 60; second += 1) {
    log.event('BAD_EVENT', 'bad', { event: second });
    await clock.advance(1_000);
  }
  expect(lines).toHaveLength(7);
  expect(lines.at(-1)).toEqual({ code: 'BAD_EVENT', event: 59, heldBack: 9 });
});

test('the end says what is still held back, and leaves no timer', () => {
  const { clock, lines, log } = limited();
  for (let offset = 0; offset < 3; offset += 1) log.event('BAD_EVENT', 'bad', { offset });
  log.close();
  expect(lines.slice(1)).toEqual([{ code: 'BAD_EVENT', offset: 2, heldBack: 1 }]);
  expect(clock.timers).toBe(0);
});
