// When a Message is settled, and how a session ends.

import { describe, expect, test } from 'vitest';
import { originOf } from '../../support/events/flow-events.ts';
import { turn } from '../../support/fakes/manual-clock.ts';
import { ScriptedSession } from '../../support/fakes/scripted-session.ts';

describe('a Message is settled', () => {
  test('when the window has passed since it was taken, and not before', async () => {
    const session = await new ScriptedSession().start();
    await session.clock.advance(30);
    session.transmit();
    await session.clock.advance(99);
    expect(session.settledFrames).toEqual([]);
    await session.clock.advance(1);
    expect(session.settled).toEqual([{ frame: 0, atMs: 130 }]);
  });

  test('only when the sockets were looked at once more behind the window', async () => {
    const session = await new ScriptedSession().start();
    session.transmit();
    await session.clock.advance(50);
    session.clock.pollsHeld = true;
    await session.clock.advance(1000);
    expect(session.settledFrames).toEqual([]);
    await session.clock.poll();
    expect(session.settledFrames).toEqual([0]);
  });

  test('not by a look that began before its own window had passed', async () => {
    const session = await new ScriptedSession().start();
    session.transmit();
    await session.clock.advance(60);
    session.transmit();
    session.clock.pollsHeld = true;
    await session.clock.advance(500);
    await session.clock.poll();
    expect(session.settledFrames).toEqual([0]);
    await session.clock.advance(100);
    await session.clock.poll();
    expect(session.settledFrames).toEqual([0, 1]);
  });

  test('counting from when the kernel took it, not from when it was tried', async () => {
    const session = await new ScriptedSession().start();
    session.sender.script.push('stall');
    session.transmit();
    await session.clock.advance(500);
    session.sender.release();
    await session.clock.advance(99);
    expect(session.settledFrames).toEqual([]);
    await session.clock.advance(1);
    expect(session.settledFrames).toEqual([0]);
  });

  test('in the order of sending, within a tenth of the window of its time', async () => {
    const session = await new ScriptedSession().start();
    for (let i = 0; i < 50; i += 1) {
      session.transmit();
      await session.clock.advance(7);
    }
    await session.clock.advance(200);
    expect(session.settledFrames).toEqual(Array.from({ length: 50 }, (_, i) => i));
    for (const { frame, atMs } of session.settled) {
      expect(atMs - frame * 7).toBeGreaterThanOrEqual(100);
      expect(atMs - frame * 7).toBeLessThanOrEqual(110);
    }
  });
});

describe('the end', () => {
  test('completes when all that was transmitted is settled', async () => {
    const session = await new ScriptedSession().start();
    session.transmit();
    await session.clock.advance(40);
    session.sender.script.push('later');
    session.transmit();
    session.sink.end();
    await session.clock.advance(100);
    expect([session.settledFrames, session.isCompleted]).toEqual([[0], false]);
    await session.clock.advance(10);
    expect([session.settledFrames, session.isCompleted]).toEqual([[0, 1], true]);
  });

  test('comes at once where nothing is in flight', async () => {
    const session = await new ScriptedSession().start();
    session.sink.end();
    await turn();
    expect(session.isCompleted).toBe(true);
    expect(session.trace).toBe('T0 T0');
  });

  test('does not come while a call stalls', async () => {
    const session = await new ScriptedSession().start();
    session.sender.script.push('stall');
    session.transmit();
    session.sink.end();
    await session.clock.advance(60_000);
    expect(session.isCompleted).toBe(false);
    session.sender.release();
    await session.clock.advance(100);
    expect([session.settledFrames, session.isCompleted]).toEqual([[0], true]);
  });
});

describe('a session that cannot go on', () => {
  test.each(['Templates', 'data'])('errors, and settles nothing more: %s', async (what) => {
    const session = new ScriptedSession();
    if (what === 'Templates') session.sender.script.push('failed');
    else session.sender.script.push('taken', 'taken', 'taken', 'failed');
    session.transmit();
    session.transmit();
    await session.start();
    expect(session.error).toMatchObject({
      code: 'SEND_FAILED',
      message: expect.stringMatching(
        /^\d+ octets cannot be sent to collector\.test:4739: EMSGSIZE/,
      ) as string,
      cause: new Error('EMSGSIZE'),
    });
    await session.clock.advance(10_000);
    expect(session.settledFrames).toEqual([]);
    expect(session.isCompleted).toBe(false);
  });

  test('does not begin where the name does not resolve', async () => {
    const session = new ScriptedSession();
    session.sender.connect = () => Promise.reject(new Error('ENOTFOUND'));
    await expect(session.sink.start()).rejects.toThrow('ENOTFOUND');
    expect(session.trace).toBe('');
  });
});

test('closed, it neither sends nor settles nor completes', async () => {
  const session = await new ScriptedSession().start();
  session.transmit();
  await session.clock.advance(50);
  session.sink.close();
  session.transmit();
  session.sink.end();
  await session.clock.advance(100_000);
  expect(session.trace).toBe('T0 T0 0');
  expect([session.settledFrames, session.isCompleted]).toEqual([[], false]);
  expect(session.sender.closed).toBe(true);
});

test('a Frame whose partitions were taken away before it was sent is not sent', async () => {
  const session = new ScriptedSession();
  const [gone, kept] = [session.transmit(), session.transmit()];
  const progressOf = (dropped: boolean) => ({
    ...{ origin: originOf(), nextOffset: 1, inFlight: 1, dropped },
  });
  gone.claim(progressOf(true), 0, 1);
  kept.claim(progressOf(true), 0, 1);
  kept.claim(progressOf(false), 0, 1);
  await session.start();
  await session.clock.advance(1_000);
  expect(session.data.map(({ frame }) => frame)).toEqual([1]);
  expect(session.data.map(({ sequenceNumber }) => sequenceNumber)).toEqual([0]);
  expect(session.settledFrames).toEqual([0, 1]);
});
