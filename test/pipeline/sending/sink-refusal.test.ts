// What a refusal suspects, and how the Sink comes back from it.

import { describe, expect, test } from 'vitest';
import { turn } from '../../support/fakes/manual-clock.ts';
import { ScriptedSession } from '../../support/fakes/scripted-session.ts';

/** Three Messages: the first settled, the others in the window when they are refused. */
async function refusedAt150(): Promise<ScriptedSession> {
  const session = await new ScriptedSession().start();
  session.transmit(3);
  await session.clock.advance(120);
  session.transmit(5);
  session.transmit(1);
  await session.clock.advance(30);
  session.sender.refuse();
  await turn();
  return session;
}

describe('a refusal of what was sent before', () => {
  test('keeps all in the window from settling, and nothing else is sent yet', async () => {
    const session = await refusedAt150();
    session.transmit(2);
    await session.clock.advance(99);
    expect(session.settledFrames).toEqual([0]);
    expect(session.trace).toBe('T0 T0 0 1 2');
  });

  test('is over after two probes that were not refused; then all goes again, oldest first', async () => {
    const session = await refusedAt150();
    session.transmit(2);
    await session.clock.advance(2000);
    expect(session.trace).toBe('T0 T0 0 1 2 T3 T3 1 2 3');
    // Linux answers with one "port unreachable" a second: so far apart are the probes at least.
    expect(session.messages.slice(5).map(({ atMs }) => atMs)).toEqual([
      250, 1350, 1450, 1450, 1450,
    ]);
    expect(session.settledFrames).toEqual([0, 1, 2, 3]);
    for (const { atMs } of session.settled.slice(1)) expect(atMs).toBeGreaterThanOrEqual(1550);
  });

  test('by a queue of this host has the window go again at once, without a probe', async () => {
    const session = await new ScriptedSession().start();
    session.transmit(3);
    await session.clock.advance(120);
    session.transmit(5);
    session.transmit(1);
    await session.clock.advance(30);
    session.sender.refuse('ENOBUFS');
    session.transmit(2);
    await session.clock.advance(50);
    expect(session.trace).toBe('T0 T0 0 1 2 T3 1 2 3');
    expect(session.messages.at(-1)!.atMs).toBeLessThanOrEqual(160);
    await session.clock.advance(200);
    expect(session.settledFrames).toEqual([0, 1, 2, 3]);
    expect(session.data.map(({ sequenceNumber }) => sequenceNumber)).toEqual([0, 3, 8, 3, 8, 9]);
  });

  test('leaves Sequence Numbers as they were and writes a new Export Time', async () => {
    const session = await new ScriptedSession({ confirmWindowMs: 1000 }).start();
    session.transmit(5);
    session.transmit(1);
    await session.clock.advance(500);
    session.sender.refuse();
    session.transmit(7);
    session.transmit(2);
    await session.clock.advance(4000);
    const numbers = session.data.map((message) => [message.frame, message.sequenceNumber]);
    expect(numbers).toEqual([
      [0, 0],
      [1, 5],
      [0, 0],
      [1, 5],
      [2, 6],
      [3, 13],
    ]);
    const { epochS } = session.clock;
    expect(session.data.map(({ exportTimeS }) => exportTimeS - epochS)).toEqual([0, 0, 2, 2, 2, 2]);
    expect(session.sink.counts).toMatchObject({ refusals: 1, resentMessages: 2, records: 21 });
  });

  test("that comes between the window's end and the look behind it still counts", async () => {
    const session = await new ScriptedSession().start();
    session.transmit();
    session.clock.pollsHeld = true;
    await session.clock.advance(150);
    session.sender.refuse();
    session.clock.pollsHeld = false;
    await session.clock.poll();
    expect(session.settledFrames).toEqual([]);
    await session.clock.advance(1299);
    expect(session.trace).toBe('T0 T0 0 T0 T0');
    await session.clock.advance(101);
    expect([session.trace, session.settledFrames]).toEqual(['T0 T0 0 T0 T0 0', [0]]);
  });

  test('does not reach what was settled', async () => {
    const session = await new ScriptedSession().start();
    session.transmit();
    await session.clock.advance(100);
    session.sender.refuse();
    await session.clock.advance(10_000);
    expect([session.trace, session.settledFrames]).toEqual(['T0 T0 0 T1 T1', [0]]);
  });

  test("asks for the collector's address again", async () => {
    const session = await refusedAt150();
    expect(session.sender.connects).toBe(1);
    await session.clock.advance(100);
    expect(session.sender.connects).toBe(2);
  });

  test('goes on with the last address where the name does not resolve', async () => {
    const session = await refusedAt150();
    session.sender.connect = () => Promise.reject(new Error('EAI_AGAIN'));
    await session.clock.advance(2000);
    expect(session.settledFrames).toEqual([0, 1, 2]);
  });

  test('during the end is made good before it completes', async () => {
    const session = await refusedAt150();
    session.sink.end();
    await session.clock.advance(1399);
    expect(session.isCompleted).toBe(false);
    await session.clock.advance(1000);
    expect([session.settledFrames, session.isCompleted]).toEqual([[0, 1, 2], true]);
  });

  test('twice in one window is one recovery', async () => {
    const session = await refusedAt150();
    session.sender.refuse('EHOSTUNREACH');
    await session.clock.advance(2000);
    expect(session.trace).toBe('T0 T0 0 1 2 T3 T3 1 2');
  });
});

describe('a probe that is refused', () => {
  test('begins again, at once or later, and backs off', async () => {
    const session = await refusedAt150();
    // Probes at 250 (refused later), then after 200 (refused at once), then after 400.
    await session.clock.advance(150);
    session.sender.refuse();
    session.sender.script.push('refused');
    await session.clock.advance(5000);
    expect(session.trace).toBe('T0 T0 0 1 2 T3 T3 T3 1 2');
    const probes = session.sender.handed.slice(5).map(({ atMs, outcome }) => [outcome, atMs]);
    expect(probes.slice(0, 4)).toEqual([
      ['taken', 250],
      ['refused', 1550],
      ['taken', 3050],
      ['taken', 4150],
    ]);
  });

  test('backs off to five seconds at most, and never gives up', async () => {
    const session = await refusedAt150();
    session.sender.script.push(...Array.from({ length: 12 }, () => 'refused' as const));
    await session.clock.advance(70_000);
    const refused = session.sender.handed.filter(({ outcome }) => outcome === 'refused');
    const gaps = refused.slice(1).map(({ atMs }, i) => atMs - refused[i]!.atMs);
    expect(gaps).toEqual([1300, 1500, 1900, 2700, 4300, 6100, 6100, 6100, 6100, 6100, 6100]);
    expect(session.settledFrames).toEqual([0, 1, 2]);
  });

  test('in its second window, too', async () => {
    const session = await refusedAt150();
    await session.clock.advance(1250);
    session.sender.refuse();
    await session.clock.advance(5000);
    expect(session.trace).toBe('T0 T0 0 1 2 T3 T3 T3 T3 1 2');
  });
});

describe('a Message that is refused at once', () => {
  test('was not sent: it comes behind those in the window, with its first number', async () => {
    const session = await new ScriptedSession().start();
    session.sender.script.push('taken', 'refused');
    for (const records of [4, 2, 1]) session.transmit(records);
    await session.clock.advance(2000);
    expect(session.trace).toBe('T0 T0 0 T0 T0 0 1 2');
    expect(session.data.map(({ sequenceNumber }) => sequenceNumber)).toEqual([0, 0, 4, 6]);
    expect(session.settledFrames).toEqual([0, 1, 2]);
  });

  test('though it was the first of all, a Template', async () => {
    const session = new ScriptedSession();
    session.sender.script.push('refused');
    session.transmit();
    await session.start();
    await session.clock.advance(2000);
    expect(session.trace).toBe('T0 T0 0');
  });
});

test('a call that stalls while a refusal comes is suspect too, though it is taken', async () => {
  const session = await new ScriptedSession().start();
  session.sender.script.push('taken', 'stall');
  session.transmit(3);
  session.transmit(2);
  await session.clock.advance(20);
  session.sender.refuse();
  await session.clock.advance(500);
  expect(session.settledFrames).toEqual([]);
  session.sender.release();
  await session.clock.advance(2000);
  expect(session.trace).toBe('T0 T0 0 1 T0 T0 0 1');
  expect(session.settledFrames).toEqual([0, 1]);
});

test('what is sent again may be refused again', async () => {
  const session = await refusedAt150();
  await session.clock.advance(1320);
  session.sender.refuse();
  await session.clock.advance(2000);
  expect(session.trace).toBe('T0 T0 0 1 2 T3 T3 1 2 T3 T3 1 2');
  expect(session.settledFrames).toEqual([0, 1, 2]);
});
