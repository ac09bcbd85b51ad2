// Which Messages go to the kernel in one call, and in which order they are sent for it.

import { expect, test } from 'vitest';
import { turn } from '../../support/fakes/manual-clock.ts';
import { known, metLater, ScriptedSession } from '../../support/fakes/scripted-session.ts';

async function inRuns(options = {}): Promise<ScriptedSession> {
  const session = new ScriptedSession(options);
  Object.assign(session.sender, { runMax: 64, isDirect: true });
  return session.start();
}

/** Without the two tellings of the Templates at the start. */
const runsOf = ({ sender }: ScriptedSession) => sender.runs.slice(2);

test('equally long Messages go together, and a shorter one ends the run', async () => {
  const session = await inRuns();
  for (const records of [5, 5, 5, 3, 5, 5, 7]) session.transmit(records);
  await turn();
  expect(runsOf(session)).toEqual([4, 2, 1]);
  expect(session.data.map(({ frame }) => frame)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(session.data.map(({ sequenceNumber }) => sequenceNumber)).toEqual([
    0, 5, 10, 15, 18, 23, 28,
  ]);
});

test('what waits is brought together by Template; within one nothing is overtaken', async () => {
  const session = await inRuns();
  session.transmit(9, known);
  session.transmit(4, metLater);
  await turn();
  session.sender.script.push('later');
  session.transmit(9, known);
  await turn();
  for (let i = 0; i < 3; i += 1) {
    session.transmit(9, known);
    session.transmit(4, metLater);
  }
  session.transmit(2, known);
  session.transmit(9, known);
  await session.clock.advance(100);
  const order = session.data.map(({ frame }) => frame);
  expect(order).toEqual([0, 1, 2, 3, 5, 7, 9, 10, 4, 6, 8]);
});

test('what comes turn by turn is brought together as well, until a turn brings nothing', async () => {
  const session = await inRuns();
  const transmitBoth = () => {
    session.transmit(9, known);
    session.transmit(4, metLater);
  };
  transmitBoth();
  await turn();
  session.clock.pollsHeld = true;
  transmitBoth();
  await turn();
  for (let i = 0; i < 2; i += 1) {
    transmitBoth();
    session.clock.poll();
    await turn();
  }
  expect(session.data).toHaveLength(2);
  session.clock.poll();
  await turn();
  expect(session.data.map(({ frame }) => frame)).toEqual([0, 1, 2, 4, 6, 3, 5, 7]);
});

test('of a long backlog no Message is overtaken by more than a few runs', async () => {
  const session = await inRuns();
  session.transmit(4, metLater);
  session.sender.script.push('later');
  session.transmit(9, known);
  await turn();
  for (let i = 0; i < 2_000; i += 1) {
    session.transmit(9, known);
    session.transmit(4, metLater);
  }
  await session.clock.advance(100);
  const order = session.data.map(({ frame }) => frame);
  expect(order).toHaveLength(4_002);
  const latest = Math.max(...order.map((frame, place) => place - frame));
  expect(latest).toBeGreaterThan(64);
  expect(latest).toBeLessThanOrEqual(512);
});

test('a run has as many Messages and octets as one call can carry', async () => {
  const session = await inRuns();
  for (let i = 0; i < 100; i += 1) session.transmit(1);
  await turn();
  expect(runsOf(session)).toEqual([64, 36]);
  for (let i = 0; i < 60; i += 1) session.transmit(181);
  await turn();
  expect(runsOf(session).slice(2)).toEqual([44, 16]);
});

test('a run of which the kernel takes a part goes on where that ended', async () => {
  const session = await inRuns();
  session.sender.script.push(2, 'later');
  for (let i = 0; i < 5; i += 1) session.transmit(3);
  await session.clock.advance(10);
  expect(session.data.map(({ frame }) => frame)).toEqual([0, 1, 2, 3, 4]);
  expect(session.data.map(({ sequenceNumber }) => sequenceNumber)).toEqual([0, 3, 6, 9, 12]);
});

test('a Template met later is sent before the run that needs it', async () => {
  const session = await inRuns();
  session.transmit(3, known);
  session.transmit(3, metLater);
  await turn();
  expect(session.trace).toBe('T0 T0 0 T3 T3 1');
});

test.each([1, 2, 3, 7, 50, 64, 100])(
  'Templates are sent again after %i Messages, whatever the runs',
  async (templateRefreshMessages) => {
    const session = await inRuns({ templateRefreshMessages });
    for (let i = 0; i < 200; i += 1) session.transmit(3);
    await session.clock.advance(100);
    expect(session.data.map(({ frame }) => frame)).toEqual(
      Array.from({ length: 200 }, (_, i) => i),
    );
    const between = session.trace.split(/T\d+/).map((frames) => frames.trim().split(' '));
    const counts = between.flatMap((frames) => (frames[0] === '' ? [] : [frames.length]));
    expect(Math.max(...counts)).toBe(Math.min(templateRefreshMessages, 200));
    expect(new Set(counts.slice(0, -1))).toEqual(
      new Set(templateRefreshMessages < 200 ? [templateRefreshMessages] : []),
    );
  },
);

test('Templates met later count among the Messages after which all are sent again', async () => {
  const session = await inRuns({ templateRefreshMessages: 2 });
  session.transmit(3, metLater);
  for (let i = 0; i < 5; i += 1) session.transmit(3, i % 2 === 0 ? known : metLater);
  await session.clock.advance(100);
  const between = session.trace.split(/T\d+/).map((frames) => frames.trim().split(' '));
  expect(Math.max(...between.map((frames) => frames.length))).toBe(2);
  expect(session.data).toHaveLength(6);
});

test('a rate limit ends a run where it would be passed', async () => {
  const session = await inRuns({ rateLimit: { ratePerSecond: 1000, burst: 10 } });
  for (let i = 0; i < 6; i += 1) session.transmit(5);
  await session.clock.advance(100);
  expect(session.data.map(({ atMs }) => atMs)).toEqual([0, 0, 5, 10, 15, 20]);
});
