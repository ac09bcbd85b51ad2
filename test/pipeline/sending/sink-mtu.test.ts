// A way that takes only shorter Messages than before: they are cut, and nothing gets lost.

import { describe, expect, test } from 'vitest';
import { turn } from '../../support/fakes/manual-clock.ts';
import { ScriptedSession } from '../../support/fakes/scripted-session.ts';

/** Of 8 octets each, so many records to a Message of `20 + 8 × n` octets. */
const roomFor = (records: number) => 20 + 8 * records;

describe('a Message that is too long for the way by now', () => {
  test('goes as several, numbered on, and so do those that wait behind it', async () => {
    const session = await new ScriptedSession().start();
    const lowered: number[] = [];
    session.sink.onLowered = (octetsMax) => lowered.push(octetsMax);
    session.sender.script.push('tooLong');
    session.sender.octetsMax = roomFor(10);
    for (const records of [25, 10, 11]) session.transmit(records);
    await session.clock.advance(200);
    const sent = session.data.map(({ sequenceNumber, records }) => [sequenceNumber, records]);
    expect(sent).toEqual([
      [0, 10],
      [10, 10],
      [20, 5],
      [25, 10],
      [35, 10],
      [45, 1],
    ]);
    expect(lowered).toEqual([roomFor(10)]);
    expect(session.settledFrames).toEqual([0, 1, 2]);
    expect(session.sink.counts).toMatchObject({ splitMessages: 2, records: 46, resentMessages: 0 });
  });

  test('on a router far away: the window goes again, cut, with the numbers its records had', async () => {
    const session = await new ScriptedSession().start();
    session.transmit(30);
    session.transmit(3);
    await session.clock.advance(20);
    session.sender.octetsMax = roomFor(20);
    session.sender.refuse('EMSGSIZE');
    session.transmit(25);
    await session.clock.advance(1000);
    const sent = session.data.map(({ sequenceNumber, records }) => [sequenceNumber, records]);
    expect(sent).toEqual([
      [0, 30],
      [30, 3],
      [0, 20],
      [20, 10],
      [30, 3],
      [33, 20],
      [53, 5],
    ]);
    expect(session.settledFrames).toEqual([0, 1, 2]);
  });

  test('of Templates is sent again in shorter ones', async () => {
    const session = new ScriptedSession({ templateRefreshIntervalMs: 1000 });
    for (let id = 400; id < 404; id += 1) session.templates.use({ ...metWith, id });
    await session.start();
    session.sender.script.push('tooLong');
    session.sender.octetsMax = 44;
    await session.clock.advance(1000);
    expect(session.messages.map(({ ids }) => ids)).toEqual([
      [256, 400, 401, 402, 403],
      [256, 400, 401, 402, 403],
      [256, 400, 401],
      [402, 403],
    ]);
    session.transmit(1);
    await session.clock.advance(200);
    expect(session.settledFrames).toEqual([0]);
  });

  test('by one record is reported to whoever decides, and the others are sent', async () => {
    const session = await new ScriptedSession().start();
    const unsendable: number[] = [];
    session.sink.onUnsendable = (_, records) => unsendable.push(records);
    session.sender.script.push('tooLong');
    session.sender.octetsMax = 24;
    session.transmit(2);
    await session.clock.advance(200);
    expect([session.data, unsendable, session.settledFrames]).toEqual([[], [2], [0]]);
  });
});

test('a way that says it takes this length, and does not, ends the session with a fix', async () => {
  const session = await new ScriptedSession().start();
  session.sender.script.push('tooLong');
  session.transmit(2);
  await turn();
  expect(session.error).toMatchObject({ code: 'SEND_FAILED' });
  expect(String(session.error)).toContain('lower PATH_MTU');
});

test('the room is that of the way from the start, where the Sender knows it', async () => {
  const session = new ScriptedSession();
  session.sender.octetsMax = roomFor(2);
  session.transmit(5);
  await session.start();
  expect(session.data.map(({ records }) => records)).toEqual([2, 2, 1]);
});

const metWith = { fields: [{ element: ScriptedSession.element, length: 8 }] };
