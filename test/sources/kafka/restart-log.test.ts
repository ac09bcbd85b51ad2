// Which restarts of the consumer are a warning.

import pino from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RestartLog } from '../../../src/sources/kafka/restart-log.ts';
import { steadyContact } from '../../support/fakes/broker-contact.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function restarting(contact: { isDisturbed: boolean } = steadyContact) {
  const lines: unknown[] = [];
  const log = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) });
  return { lines, restarts: new RestartLog({ groupId: 'soc', contact, log }) };
}

const seconds = (count: number) => vi.advanceTimersByTimeAsync(1_000 * count);
const loading = new Error('the coordinator is loading');

test('one failure after which the member is back in its group is none', async () => {
  const { lines, restarts } = restarting();
  restarts.failed(loading);
  await seconds(3);
  restarts.joined();
  await seconds(60);
  expect(lines).toEqual([]);
});

test('one after which it is not back within 10 seconds is, with the group and what failed', async () => {
  const { lines, restarts } = restarting();
  restarts.failed(loading);
  await seconds(11);
  const { message: error } = loading;
  expect(lines).toMatchObject([{ code: 'CONSUMER_RESTARTED', group: 'soc', error }]);
});

test('the third one within 30 seconds is, joined or not; the next line comes a minute later', async () => {
  const { lines, restarts } = restarting();
  for (let i = 0; i < 60; i += 1) {
    restarts.failed(loading);
    await seconds(1);
    restarts.joined();
    expect(lines).toHaveLength(i < 2 ? 0 : 1);
  }
  for (let i = 0; i < 10; i += 1) {
    restarts.failed(loading);
    await seconds(1);
  }
  expect(lines).toHaveLength(2);
});

test('while no broker answers none is', async () => {
  const { lines, restarts } = restarting({ isDisturbed: true });
  for (let i = 0; i < 20; i += 1) {
    restarts.failed(loading);
    await seconds(1);
  }
  expect(lines).toEqual([]);
});
