// The account while the process runs: asked of the threads, and logged when they have answered.

import { EventEmitter } from 'node:events';
import type { Worker as Thread } from 'node:worker_threads';
import pino from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { emptyAccount } from '../../src/pipeline/frames/ledger.ts';
import { LiveAccounts } from '../../src/stage/account-log.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

class FakeThread extends EventEmitter {
  asked = 0;

  postMessage(): void {
    this.asked += 1;
  }

  answer(exported: number): void {
    const account = { ...emptyAccount(), consumed: exported, exported };
    this.emit('message', { kind: 'account', account, counts: undefined });
  }
}

function asking(count: number) {
  const lines: Record<string, unknown>[] = [];
  const log = pino({}, { write: (line: string) => lines.push(JSON.parse(line) as never) });
  const threads = Array.from({ length: count }, () => new FakeThread());
  const accounts = new LiveAccounts(threads as unknown as Thread[], log);
  return { accounts, threads, lines };
}

test('is logged as a sum when all threads have answered', async () => {
  const { accounts, threads, lines } = asking(2);
  const logged = accounts.logWithin(2_000, 'account');
  await vi.advanceTimersByTimeAsync(0);
  threads[0]!.answer(3);
  await vi.advanceTimersByTimeAsync(100);
  expect(lines).toEqual([]);
  threads[1]!.answer(4);
  await logged;
  expect(lines).toMatchObject([{ msg: 'account', account: { exported: 7 } }]);
  expect(lines[0]).not.toHaveProperty('workersSilent');
});

test('of a thread that hangs is the last one known, and the line says so', async () => {
  const { accounts, threads, lines } = asking(2);
  threads[1]!.answer(4);
  const logged = accounts.logWithin(2_000, 'ended', { code: 75 });
  await vi.advanceTimersByTimeAsync(0);
  threads[0]!.answer(3);
  await vi.advanceTimersByTimeAsync(2_000);
  await logged;
  expect(lines).toMatchObject([{ msg: 'ended', code: 75, workersSilent: 1 }]);
  expect(lines[0]).toMatchObject({ account: { exported: 7 } });
});

test('at the end is logged even while another one is asked for; a signal is not', async () => {
  const { accounts, threads, lines } = asking(1);
  void accounts.logNow(2_000, 'account');
  void accounts.logNow(2_000, 'account');
  const ended = accounts.logWithin(2_000, 'ended');
  await vi.advanceTimersByTimeAsync(0);
  threads[0]!.answer(3);
  await vi.advanceTimersByTimeAsync(0);
  threads[0]!.answer(5);
  await ended;
  expect(lines.map(({ msg }) => msg)).toEqual(['account', 'ended']);
  expect(threads[0]!.asked).toBe(2);
});
