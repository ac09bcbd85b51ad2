// The bad events that were met last, and how many of each topic and reason were not exported.

import pino from 'pino';
import { describe, expect, test } from 'vitest';
import {
  type BadEventSeen,
  badEventKindsMax,
  RecentBadEvents,
} from '../../../src/pipeline/bad-events/recent-bad-events.ts';
import { TopicBindings } from '../../../src/pipeline/mapping/bindings.ts';
import { deliveryOf, encode, flowEvent, originOf } from '../../support/events/flow-events.ts';
import { Stage } from '../../support/fakes/scripted-stage.ts';
import { ScriptedDeadLetters } from './scripted-dead-letters.ts';

const bad = flowEvent({ sourcePort: 70_000 });
const problem = 'in sourcePort: sourceTransportPort: 70000 is not unsigned16 (2 octets)';

const seen = (told: Partial<Omit<BadEventSeen, 'count'>> = {}): Omit<BadEventSeen, 'count'> => ({
  ...{ atMs: 5, topic: 'flows', partition: 3, offset: 9, event: undefined },
  ...{ reason: 'BAD_EVENT', path: 'port', problem: 'too large', done: 'discarded' },
  ...told,
});

describe('the list of bad events', () => {
  test('has one entry of each kind, the newest, with how many there were', () => {
    const recent = new RecentBadEvents();
    recent.note(seen());
    recent.note(seen({ path: 'octets' }));
    recent.note(seen({ atMs: 7, offset: 12, problem: 'another value' }));
    expect(recent.list).toEqual([
      { ...seen({ path: 'octets' }), count: 1 },
      { ...seen({ atMs: 7, offset: 12, problem: 'another value' }), count: 2 },
    ]);
  });

  test('has at most 300 characters of a problem', () => {
    const recent = new RecentBadEvents();
    recent.note(seen({ problem: 'x'.repeat(5_000) }));
    expect(recent.list[0]?.problem).toBe('x'.repeat(300));
  });

  test('is short: the kind that was met least recently goes', () => {
    const recent = new RecentBadEvents();
    for (let i = 0; i < badEventKindsMax + 2; i += 1) recent.note(seen({ path: `field ${i}` }));
    recent.note(seen({ path: 'field 2' }));
    expect(recent.list).toHaveLength(badEventKindsMax);
    expect(recent.list[0]?.path).toBe('field 3');
    expect(recent.list.at(-1)).toMatchObject({ path: 'field 2', count: 2 });
  });
});

describe('a Worker reports', () => {
  test('a discarded event with its place and reason, under its topic', async () => {
    const stage = await new Stage({ onBadEvent: 'discard' }).start();
    stage.deliver([flowEvent(), bad, null], originOf(3));
    const { badEvents, losses } = stage.worker.snapshot;
    expect(badEvents).toEqual([
      {
        ...{ atMs: stage.clock.wallMs(), topic: 'flows', partition: 3, offset: 101 },
        ...{ event: undefined, reason: 'BAD_EVENT', path: 'sourcePort', problem },
        ...{ done: 'discarded', count: 1 },
      },
    ]);
    expect(losses).toEqual([
      { topic: 'flows', deadLettered: {}, discarded: { 'bad event': 1, tombstone: 1 } },
    ]);
    stage.stop();
  });

  test('a dead letter with its topic, and counts it once it is written', async () => {
    const deadLetters = new ScriptedDeadLetters();
    const stage = await new Stage({ onBadEvent: 'dead-letter', deadLetters }).start();
    stage.deliver([bad], originOf());
    expect(stage.worker.snapshot.badEvents).toMatchObject([{ done: 'dead-lettered to letters' }]);
    expect(stage.worker.snapshot.losses).toEqual([]);
    await deadLetters.acknowledge();
    expect(stage.worker.snapshot.losses).toEqual([
      { topic: 'flows', deadLettered: { BAD_EVENT: 1 }, discarded: {} },
    ]);
    stage.stop();
  });

  test('in its log what was done with the event', async () => {
    const lines: unknown[] = [];
    const log = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) });
    const stage = await new Stage({ onBadEvent: 'discard', log }).start();
    stage.deliver([bad], originOf(3));
    expect(lines).toContainEqual(
      expect.objectContaining({
        ...{ code: 'BAD_EVENT', msg: 'an event cannot be exported', done: 'discarded' },
        ...{ topic: 'flows', partition: 3, offset: 100, reason: problem },
      }),
    );
    stage.stop();
  });

  test.each([
    ['UNREADABLE', undefined, 'unreadable'],
    ['TOO_LONG', true, 'too long'],
  ])('a value that cannot be read as %s', async (reason, unread, discarded) => {
    const stage = await new Stage({ onBadEvent: 'discard' }).start();
    const delivery = {
      ...deliveryOf([null], originOf()),
      unreadable: new Map([[0, { problem: 'no frame', unread }]]),
    };
    stage.worker.intake.track(delivery);
    stage.deliveries.next(delivery);
    const { badEvents, account } = stage.worker.snapshot;
    expect(badEvents).toMatchObject([{ reason, path: '', problem: 'no frame' }]);
    expect(account.discardedByReason).toEqual({ [discarded]: 1 });
    stage.stop();
  });

  test('a schema that no mapping fits', async () => {
    const section = { fields: { nothing: 'octetDeltaCount' } };
    const bindings = new TopicBindings({ words: { section, presets: [] } });
    const options = { bindingsOf: () => bindings, known: [], onBadEvent: 'discard' as const };
    const stage = await new Stage(options).start();
    stage.deliver([encode(flowEvent())], originOf());
    const { badEvents, account } = stage.worker.snapshot;
    expect(badEvents).toMatchObject([{ reason: 'UNMAPPABLE_SCHEMA', path: '' }]);
    expect(account.discardedByReason).toEqual({ 'unmappable schema': 1 });
    stage.stop();
  });
});
