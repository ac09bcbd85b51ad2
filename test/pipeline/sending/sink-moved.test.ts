// A collector whose name comes to stand for another address.

import { expect, test, vi } from 'vitest';
import { ScriptedSession } from '../../support/fakes/scripted-session.ts';

async function watched(hasMoved: () => Promise<boolean>): Promise<ScriptedSession> {
  const session = new ScriptedSession({ resolveIntervalMs: 10_000 });
  session.sender.hasMoved = hasMoved;
  return session.start();
}

test('while all is well: the window goes to the new one too, Templates first', async () => {
  let moved = false;
  const session = await watched(() => Promise.resolve(moved));
  session.transmit(3);
  await session.clock.advance(9_950);
  session.transmit(4);
  moved = true;
  await session.clock.advance(50);
  moved = false;
  await session.clock.advance(1_000);
  expect(session.trace).toBe('T0 T0 0 1 T3 T3 1');
  expect(session.sender.connects).toBe(2);
  expect(session.settledFrames).toEqual([0, 1]);
});

test('is asked for at each interval, and nothing happens as long as it stays', async () => {
  const hasMoved = vi.fn(() => Promise.resolve(false));
  const session = await watched(hasMoved);
  await session.clock.advance(35_000);
  expect(hasMoved).toHaveBeenCalledTimes(3);
  expect([session.trace, session.sender.connects]).toEqual(['T0 T0', 1]);
});

test('is not asked for any more behind the end', async () => {
  const hasMoved = vi.fn(() => Promise.resolve(false));
  const session = await watched(hasMoved);
  session.sink.end();
  await session.clock.advance(35_000);
  expect([hasMoved.mock.calls.length, session.clock.timers]).toEqual([0, 0]);
});

test('sending goes on while the name service takes its time', async () => {
  const session = await watched(() => new Promise(() => undefined));
  await session.clock.advance(20_000);
  session.transmit();
  await session.clock.advance(200);
  expect(session.settledFrames).toEqual([0]);
});
