// What the Sink sends and how it is numbered: Templates, Sequence Numbers, Export Time.

import { describe, expect, test } from 'vitest';
import { turn } from '../../support/fakes/manual-clock.ts';
import { metLater, ScriptedSession } from '../../support/fakes/scripted-session.ts';

describe('Templates', () => {
  test('go out twice before the first data, in Messages of their own', async () => {
    const session = await new ScriptedSession().start();
    session.transmit(3);
    await turn();
    expect(session.messages.map(({ kind, ids }) => [kind, ids])).toEqual([
      ['templates', [256]],
      ['templates', [256]],
      ['data', [256]],
    ]);
    expect(session.sink.counts).toMatchObject({ messages: 3, records: 3, templateMessages: 2 });
  });

  test('are sent again by time, while data flows and while it rests', async () => {
    const session = await new ScriptedSession({ templateRefreshIntervalMs: 1000 }).start();
    await session.clock.advance(2500);
    expect(session.messages.map(({ atMs }) => atMs)).toEqual([0, 0, 1000, 2000]);
    for (let i = 0; i < 4; i += 1) {
      session.transmit(1);
      await session.clock.advance(300);
    }
    expect(session.messages.slice(4).map(({ kind, atMs }) => [kind, atMs])).toEqual([
      ['data', 2500],
      ['data', 2800],
      ['templates', 3000],
      ['data', 3100],
      ['data', 3400],
    ]);
  });

  test('are sent again by count of Messages', async () => {
    const session = await new ScriptedSession({ templateRefreshMessages: 3 }).start();
    for (let i = 0; i < 7; i += 1) session.transmit(2);
    await turn();
    expect(session.trace).toBe('T0 T0 0 1 2 T6 3 4 5 T12 6');
  });

  test('met later are sent twice before their first record, the others not', async () => {
    const session = await new ScriptedSession().start();
    session.transmit(4);
    session.transmit(2, metLater);
    session.transmit(1);
    session.transmit(1, metLater);
    await turn();
    expect(session.trace).toBe('T0 T0 0 T4 T4 1 2 3');
    expect(session.messages.slice(3, 5).map(({ ids }) => ids)).toEqual([[300], [300]]);
  });

  test('that a refresh sent first are sent again before their first record', async () => {
    const session = await new ScriptedSession({ templateRefreshIntervalMs: 1000 }).start();
    session.templates.use(metLater);
    await session.clock.advance(1000);
    session.transmit(1, metLater);
    await turn();
    const [refresh, ...later] = session.messages.slice(2);
    expect(refresh).toMatchObject({ kind: 'templates', ids: [256, 300] });
    expect(later.length).toBeGreaterThanOrEqual(2);
    expect(later.pop()).toMatchObject({ kind: 'data', ids: [300] });
    for (const message of later) expect(message).toMatchObject({ kind: 'templates', ids: [300] });
  });

  test('that two refreshes sent are known: their first record follows at once', async () => {
    const session = await new ScriptedSession({ templateRefreshIntervalMs: 1000 }).start();
    session.templates.use(metLater);
    await session.clock.advance(2000);
    session.transmit(1, metLater);
    await turn();
    expect(session.trace).toBe('T0 T0 T0 T0 0');
  });

  test('are not kept waiting by others that are met', async () => {
    const session = await new ScriptedSession({ templateRefreshIntervalMs: 1000 }).start();
    for (let id = 400; id < 410; id += 1) {
      session.transmit(1, { ...metLater, id });
      await session.clock.advance(300);
    }
    const told = session.messages.filter(({ ids, kind }) => kind !== 'data' && ids.includes(256));
    expect(told.map(({ atMs }) => atMs)).toEqual([0, 0, 1000, 2000, 3000]);
  });

  test('that were replaced are sent again before what still waited with them', async () => {
    const session = new ScriptedSession();
    session.transmit(1, metLater);
    for (let id = 1000; id < 1064; id += 1) session.templates.use({ ...metLater, id });
    await session.start();
    const [first, , third, fourth, data] = session.messages;
    expect(first!.ids).not.toContain(300);
    expect([third!.ids, fourth!.ids]).toEqual([[300], [300]]);
    expect(data).toMatchObject({ kind: 'data', ids: [300] });
  });

  test('of many octets go out as several Messages, all of them twice', async () => {
    const session = new ScriptedSession({ messageOctetsMax: 44 });
    for (let id = 400; id < 404; id += 1) session.templates.use({ ...metLater, id });
    await session.start();
    const once = [
      [256, 400, 401],
      [402, 403],
    ];
    expect(session.messages.map(({ ids }) => ids)).toEqual([...once, ...once]);
  });
});

describe('the Sequence Number', () => {
  test('is the count of Data Records sent before, also across Template Messages', async () => {
    const session = await new ScriptedSession({ templateRefreshMessages: 2 }).start();
    for (const records of [3, 5, 1, 7]) session.transmit(records);
    await turn();
    expect(session.messages.map(({ kind, sequenceNumber }) => [kind, sequenceNumber])).toEqual([
      ['templates', 0],
      ['templates', 0],
      ['data', 0],
      ['data', 3],
      ['templates', 8],
      ['data', 8],
      ['data', 9],
      ['templates', 16],
    ]);
  });

  test('begins again at 0 behind 2^32 - 1', async () => {
    const session = await new ScriptedSession({ templateRefreshMessages: 3 }).start();
    session.transmit(1).records = 2 ** 32 - 2;
    for (const records of [3, 2, 1]) session.transmit(records);
    await turn();
    const numbers = session.messages.slice(2).map(({ sequenceNumber }) => sequenceNumber);
    expect(numbers).toEqual([0, 2 ** 32 - 2, 1, 3, 3]);
  });
});

describe('the header', () => {
  test('is written when the Message leaves: Export Time of then, and the domain', async () => {
    const session = await new ScriptedSession().start();
    await session.clock.advance(2999);
    session.transmit();
    await session.clock.advance(2);
    session.transmit();
    await turn();
    const { epochS } = session.clock;
    expect(session.messages.map(({ exportTimeS }) => exportTimeS - epochS)).toEqual([0, 0, 2, 3]);
    for (const { observationDomainId } of session.messages) expect(observationDomainId).toBe(257);
  });

  test('has a new Export Time where the kernel took the Message only later', async () => {
    const session = await new ScriptedSession().start();
    session.sender.script.push(...Array.from({ length: 12 }, () => 'later' as const));
    session.transmit();
    await session.clock.advance(10_000);
    const [message] = session.data;
    expect(message!.atMs).toBeGreaterThan(2000);
    expect(message!.exportTimeS).toBe(session.clock.epochS + Math.floor(message!.atMs / 1000));
  });
});

describe('a Message that the kernel does not take now', () => {
  test('is tried again, and nothing overtakes it', async () => {
    const session = await new ScriptedSession().start();
    session.sender.script.push('later', 'later', 'later');
    session.transmit(2);
    session.transmit(3);
    await session.clock.advance(6);
    expect(session.data).toEqual([]);
    await session.clock.advance(1);
    expect(session.trace).toBe('T0 T0 0 1');
    expect(session.data.map(({ sequenceNumber }) => sequenceNumber)).toEqual([0, 2]);
    expect(session.sink.counts).toMatchObject({ messages: 4, records: 5, resentMessages: 0 });
  });

  test('is tried after 1, 2, 4 … milliseconds, and at least each 1024', async () => {
    const session = await new ScriptedSession().start();
    session.sender.script.push(...Array.from({ length: 13 }, () => 'later' as const));
    session.transmit();
    await session.clock.advance(10_000);
    const tries = session.sender.handed.slice(2).map(({ atMs }) => atMs);
    const waits = tries.slice(1).map((atMs, i) => atMs - tries[i]!);
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1024, 1024]);
  });

  test('holds Templates back just so', async () => {
    const session = new ScriptedSession();
    session.sender.script.push('taken', 'later');
    session.transmit();
    await session.start();
    expect(session.trace).toBe('T0');
    await session.clock.advance(1);
    expect(session.trace).toBe('T0 T0 0');
  });
});
