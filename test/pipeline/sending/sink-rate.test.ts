// EXPORT_RATE_LIMIT through the whole Sink, with timers of whole milliseconds, as the system's are.

import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { ScriptedSession } from '../../support/fakes/scripted-session.ts';

// Properties take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

interface Limit {
  readonly ratePerSecond: number;
  readonly burst: number;
}

/** A backlog of Messages, sent until nothing is left. */
async function sendAll(rateLimit: Limit, sizes: readonly number[]): Promise<ScriptedSession> {
  const session = new ScriptedSession({ rateLimit, templateRefreshIntervalMs: 1e9 });
  for (const records of sizes) session.transmit(records);
  await session.start();
  const total = sizes.reduce((sum, records) => sum + records, 0);
  await session.clock.advance(Math.ceil((total / rateLimit.ratePerSecond) * 1200) + 1000);
  expect(session.data).toHaveLength(sizes.length);
  return session;
}

/** No span, from any Message to any later one, has more than rate × span + burst. */
function expectWithin({ data }: ScriptedSession, { ratePerSecond, burst }: Limit): void {
  let worst = 0;
  data.forEach((first, i) => {
    let sum = 0;
    for (const { records, atMs } of data.slice(i)) {
      sum += records;
      worst = Math.max(worst, sum - (ratePerSecond * (atMs - first.atMs)) / 1000);
    }
  });
  expect(worst).toBeLessThanOrEqual(burst + 1e-6);
}

/** Records a second from the first Message to the last, what the burst gave at once apart. */
function steadyRate({ data }: ScriptedSession, burst: number): number {
  const total = data.reduce((sum, { records }) => sum + records, 0);
  return ((total - burst) / data.at(-1)!.atMs) * 1000;
}

test('a backlog leaves at the rate, and no faster in any span', async () => {
  const limit = { ratePerSecond: 10_000, burst: 200 };
  const session = await sendAll(
    limit,
    Array.from({ length: 300 }, () => 25),
  );
  expectWithin(session, limit);
  expect(steadyRate(session, 200)).toBeGreaterThan(9_500);
});

test('the first Messages leave at once, up to the burst', async () => {
  const session = await sendAll({ ratePerSecond: 1000, burst: 100 }, [40, 40, 40, 40]);
  expect(session.data.map(({ atMs }) => atMs)).toEqual([0, 0, 20, 60]);
});

test('while a Message waits for the rate, the Sink says so', async () => {
  const session = new ScriptedSession({
    rateLimit: { ratePerSecond: 100, burst: 10 },
    templateRefreshIntervalMs: 1e9,
  });
  for (const records of [10, 10]) session.transmit(records);
  await session.start();
  await session.clock.advance(50);
  expect(session.sink.seen.isRateLimited).toBe(true);
  await session.clock.advance(100);
  expect(session.data).toHaveLength(2);
  expect(session.sink.seen.isRateLimited).toBe(false);
});

test('Templates are not counted, and go out while records wait', async () => {
  const session = new ScriptedSession({
    rateLimit: { ratePerSecond: 10, burst: 10 },
    templateRefreshIntervalMs: 400,
  });
  for (let i = 0; i < 4; i += 1) session.transmit(10);
  await session.start();
  await session.clock.advance(3100);
  expect(session.data.map(({ atMs }) => atMs)).toEqual([0, 1000, 2000, 3000]);
  const told = session.messages.filter(({ kind }) => kind === 'templates');
  expect(told.length).toBeGreaterThanOrEqual(4);
});

describe('while records wait long for the rate', () => {
  /** The first Message took the whole burst; the second has to wait for 30 seconds. */
  async function waiting(templateRefreshIntervalMs = 60_000): Promise<ScriptedSession> {
    const rateLimit = { ratePerSecond: 1, burst: 30 };
    const session = new ScriptedSession({ rateLimit, templateRefreshIntervalMs });
    session.transmit(30);
    session.transmit(30);
    return session.start();
  }
  const toldAt = ({ messages }: ScriptedSession) =>
    messages.filter(({ kind }) => kind === 'templates').map(({ atMs }) => atMs);

  test('Templates are sent on time', async () => {
    const session = await waiting(4000);
    await session.clock.advance(31_000);
    expect(toldAt(session)).toEqual([0, 0, 4000, 8000, 12e3, 16e3, 20e3, 24e3, 28e3]);
    expect(session.data.map(({ atMs }) => atMs)).toEqual([0, 30_000]);
  });

  test('a refusal is probed at once, not behind the wait', async () => {
    const session = await waiting();
    await session.clock.advance(50);
    session.sender.refuse();
    await session.clock.advance(2000);
    expect(toldAt(session)).toEqual([0, 0, 150, 1250]);
    await session.clock.advance(58_000);
    expect(session.settledFrames).toEqual([0]);
    await session.clock.advance(1000);
    expect(session.data.map(({ frame, atMs }) => [frame, atMs])).toEqual([
      [0, 0],
      [0, 30_000],
      [1, 60_000],
    ]);
    expect(session.settledFrames).toEqual([0, 1]);
  });

  test('more that is sealed does not end the wait, and the end does not either', async () => {
    const session = await waiting();
    for (let i = 0; i < 29; i += 1) {
      await session.clock.advance(1000);
      session.transmit(1);
    }
    session.sink.end();
    await session.clock.advance(999);
    expect(session.data).toHaveLength(1);
    await session.clock.advance(1);
    expect(session.data).toHaveLength(2);
    session.sink.close();
  });
});

test('what a refusal sends again is limited like all else', async () => {
  const limit = { ratePerSecond: 1000, burst: 50 };
  const session = new ScriptedSession({ rateLimit: limit });
  for (let i = 0; i < 10; i += 1) session.transmit(25);
  await session.start();
  await session.clock.advance(60);
  session.sender.refuse();
  await session.clock.advance(3000);
  expect(session.settledFrames).toEqual(Array.from({ length: 10 }, (_, i) => i));
  expectWithin(session, limit);
});

test('for any rate and Messages: never above, and 95 % of it under a backlog', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 500, max: 50_000 }),
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 150, maxLength: 200 }),
      async (ratePerSecond, sizes) => {
        // The default burst: a fiftieth of a second, yet a Message's worth.
        const limit = { ratePerSecond, burst: Math.max(Math.ceil(ratePerSecond / 50), 46) };
        const total = sizes.reduce((sum, records) => sum + records, 0);
        fc.pre(total > 4 * limit.burst);
        const session = await sendAll(limit, sizes);
        expectWithin(session, limit);
        // Whole Messages and whole milliseconds: the last of each is not the rate's fault.
        const slack = 30 + ratePerSecond / 1000;
        expect(steadyRate(session, limit.burst - slack)).toBeGreaterThan(0.95 * ratePerSecond);
      },
    ),
    { numRuns: 40 },
  );
});
