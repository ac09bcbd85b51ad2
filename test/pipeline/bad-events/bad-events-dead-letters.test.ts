// Messages with events that cannot be exported, where they are to be kept: what is in their letters,
// and that nothing past them is committed before they are written.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TopicBindings } from '../../../src/pipeline/mapping/bindings.ts';
import type { Delivery, MessageMetadata, WriterSchema } from '../../../src/sources/delivery.ts';
import { exactType } from '../../support/oracles/exact-avro.ts';
import {
  deliveryOf,
  encode,
  flowEvent,
  flowEventSchema,
  originOf,
} from '../../support/events/flow-events.ts';
import { turn } from '../../support/fakes/manual-clock.ts';
import { ScriptedDeadLetters } from './scripted-dead-letters.ts';
import { commitIntervalMs, Stage } from '../../support/fakes/scripted-stage.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

const good = (flowId: number) => flowEvent({ flowId });
const bad = flowEvent({ sourcePort: 70_000 });
const problem = 'in sourcePort: sourceTransportPort: 70000 is not unsigned16 (2 octets)';

async function stageWithLetters(options: ConstructorParameters<typeof Stage>[0] = {}) {
  const deadLetters = new ScriptedDeadLetters();
  const stage = await new Stage({ onBadEvent: 'dead-letter', deadLetters, ...options }).start();
  return { stage, deadLetters };
}

/** Headers of each message, and the datums it holds where that is more than one. */
interface Beside {
  readonly headers?: Record<string, string>;
  readonly datums?: number;
}

/** Messages at offsets 10, 11, … */
function deliver(
  stage: Stage,
  datums: readonly Buffer[],
  messages: readonly Beside[],
  schema: WriterSchema = flowEventSchema,
): Delivery {
  const messageOf = messages.flatMap(({ datums: count = 1 }, at) =>
    new Array<number>(count).fill(at),
  );
  const headersOf = (i: number) => Object.entries(messages[messageOf[i]!]!.headers ?? {});
  const metadata: MessageMetadata = {
    timestampMs: (i) => 1_700_000_000_000 + messageOf[i]!,
    key: (i) => Buffer.from(`key ${messageOf[i]}`),
    header: (i, name) => {
      const found = headersOf(i).find(([key]) => key === name);
      return found ? Buffer.from(found[1]) : null;
    },
    headers: (i) => headersOf(i).map(([key, value]) => ({ key, value: Buffer.from(value) })),
    value: (i) => Buffer.from(`value ${messageOf[i]}`),
  };
  const delivery = {
    ...deliveryOf(datums, originOf(3)),
    offsets: Float64Array.from(messageOf, (message) => 10 + message),
    nextOffset: 10 + messages.length,
    schemas: [schema],
    metadata,
  };
  stage.worker.intake.track(delivery);
  stage.deliveries.next(delivery);
  return delivery;
}

const committable = (stage: Stage) => stage.worker.intake.committable().map(({ offset }) => offset);

/** All that is painted leaves and settles. */
async function settle(stage: Stage): Promise<void> {
  stage.worker.frames.sealAll();
  await stage.clock.advance(1_000);
}

describe('a letter', () => {
  test('has all of the message, where it was, and what is wrong', async () => {
    const { stage, deadLetters } = await stageWithLetters();
    const headers = { site: 'north', 'kafka2ipfix.reason': 'of an earlier letter' };
    deliver(stage, [encode(good(1)), encode(bad)], [{}, { headers }]);
    expect(deadLetters.letters).toEqual([
      {
        ...{ topic: 'flows', partition: 3, offset: 11, timestampMs: 1_700_000_000_001 },
        key: Buffer.from('key 1'),
        value: Buffer.from('value 1'),
        headers: [{ key: 'site', value: Buffer.from('north') }],
        ...{ events: undefined, reason: 'BAD_EVENT', problem, path: 'sourcePort' },
        schema: 'flow-event.avsc',
      },
    ]);
  });

  test('keeps its octets though those of the Delivery are used again', async () => {
    const { stage, deadLetters } = await stageWithLetters();
    const value = Buffer.from('octets of the batch');
    const whole = deliveryOf([bad], originOf());
    const metadata: MessageMetadata = {
      ...{ timestampMs: () => undefined, key: () => value, value: () => value },
      ...{ header: () => null, headers: () => [{ key: 'h', value }] },
    };
    stage.worker.intake.track(whole);
    stage.deliveries.next({ ...whole, metadata });
    value.fill(0);
    const [letter] = deadLetters.letters;
    const kept = [letter!.key, letter!.value, letter!.headers[0]!.value];
    expect(kept.map(String)).toEqual(new Array(3).fill('octets of the batch'));
  });

  test.each([
    ['UNREADABLE', undefined],
    ['TOO_LONG', true],
  ])('of a value that is not looked into says %s, and names no schema', async (reason, unread) => {
    const { stage, deadLetters } = await stageWithLetters();
    const delivery = {
      ...deliveryOf([null], originOf()),
      unreadable: new Map([[0, { problem: 'no frame', unread }]]),
    };
    stage.worker.intake.track(delivery);
    stage.deliveries.next(delivery);
    expect(deadLetters.letters).toMatchObject([
      { reason, problem: 'no frame', path: '', schema: '' },
    ]);
  });

  test('of a schema that no mapping fits says so', async () => {
    const bindings = new TopicBindings({
      words: { section: { fields: { nothing: 'octetDeltaCount' } }, presets: [] },
    });
    const { stage, deadLetters } = await stageWithLetters({
      bindingsOf: () => bindings,
      known: [],
    });
    stage.deliver([good(1)], originOf());
    expect(deadLetters.letters).toMatchObject([
      { reason: 'UNMAPPABLE_SCHEMA', schema: 'flow-event.avsc' },
    ]);
  });
});

describe('a message of many events', () => {
  const list = {
    type: 'array',
    items: { type: 'record', name: 'Item', fields: [{ name: 'port', type: 'long' }] },
  };
  const ports = (...some: number[]) =>
    exactType(list).toBuffer(some.map((port) => ({ port: BigInt(port) })));
  const words = { section: { fields: { port: 'sourceTransportPort' } }, presets: [] };
  const bindings = new TopicBindings({ words });
  const options = { bindingsOf: () => bindings, known: [] };

  const deliverLists = (stage: Stage, lists: readonly Buffer[], messages: readonly Beside[]) =>
    deliver(stage, lists, messages, { name: 'list.avsc', json: list });

  test('goes once, with the numbers of its bad ones; the others leave', async () => {
    const { stage, deadLetters } = await stageWithLetters(options);
    deliverLists(stage, [ports(1, -1, 3, -4, -5), ports(-1)], [{}, {}]);
    expect(deadLetters.letters).toMatchObject([
      { offset: 10, events: '1,3-4', schema: 'list.avsc', path: 'port' },
      { offset: 11, events: undefined },
    ]);
    await deadLetters.acknowledge();
    await settle(stage);
    expect(stage.worker.ledger.account).toMatchObject({
      ...{ consumed: 6, exported: 2, deadLettered: 4, discarded: 0, inFlight: 0 },
    });
    stage.stop();
  });

  test('of several datums goes once, whatever lies between its bad ones', async () => {
    const { stage, deadLetters } = await stageWithLetters();
    const datums = [bad, good(1), bad, good(2), bad].map((event) => encode(event));
    deliver(stage, datums, [{ datums: 4 }, {}]);
    expect(deadLetters.letters).toMatchObject([
      { offset: 10, events: '0,2' },
      { offset: 11, events: undefined },
    ]);
    stage.stop();
  });

  test('that comes back has only those exported that it names', async () => {
    const { stage, deadLetters } = await stageWithLetters(options);
    const headers = { 'kafka2ipfix.events': '1,3' };
    deliverLists(stage, [ports(1, 2, 3, 4)], [{ headers }]);
    await settle(stage);
    expect(deadLetters.letters).toEqual([]);
    expect(stage.worker.ledger.account).toMatchObject({
      ...{ consumed: 4, exported: 2, discarded: 2, inFlight: 0 },
      discardedByReason: { 'exported before': 2 },
    });
    expect(stage.worker.figures.dropped.count).toBe(0);
    stage.stop();
  });

  test('that comes back in several datums has only those exported that it names', async () => {
    const { stage } = await stageWithLetters();
    const datums = [1, 2, 3, 4].map((id) => encode(good(id)));
    deliver(stage, datums, [{ datums: 3, headers: { 'kafka2ipfix.events': '0,2' } }, {}]);
    await settle(stage);
    expect([...stage.handedOverAt().keys()]).toEqual([1, 3, 4]);
    stage.stop();
  });

  test('that comes back and can still not be read is about the same events as before', async () => {
    const { stage, deadLetters } = await stageWithLetters(options);
    const headers = { 'kafka2ipfix.events': '1,3' };
    deliverLists(stage, [Buffer.from([5, 1])], [{ headers }]);
    expect(deadLetters.letters).toMatchObject([{ events: '1,3', headers: [] }]);
    stage.stop();
  });

  test('is exported whole where the header is no list of numbers', async () => {
    const { stage } = await stageWithLetters(options);
    deliverLists(stage, [ports(1, 2)], [{ headers: { 'kafka2ipfix.events': 'all' } }]);
    await settle(stage);
    expect(stage.worker.ledger.account).toMatchObject({ exported: 2, discarded: 0 });
    stage.stop();
  });
});

describe('until its letter is written', () => {
  test('nothing from the bad event on is committed, though all above it has left', async () => {
    const { stage, deadLetters } = await stageWithLetters();
    stage.deliver([good(1), bad, good(2), bad, good(3)], originOf());
    await settle(stage);
    expect(committable(stage)).toEqual([101]);
    expect(stage.worker.ledger.account).toMatchObject({
      exported: 3,
      deadLettered: 0,
      inFlight: 2,
    });
    await deadLetters.acknowledge(1);
    expect(committable(stage)).toEqual([103]);
    await deadLetters.acknowledge();
    expect(committable(stage)).toEqual([105]);
    expect(stage.worker.ledger.account).toMatchObject({ deadLettered: 2, inFlight: 0 });
    stage.stop();
  });

  test('the end waits, with commits going on, and is the last commit', async () => {
    const { stage, deadLetters } = await stageWithLetters();
    stage.deliver([good(1), bad], originOf());
    stage.deliveries.complete();
    await stage.clock.advance(1_000);
    await vi.advanceTimersByTimeAsync(commitIntervalMs);
    await turn();
    expect(stage.isCompleted).toBe(false);
    expect(stage.commits.at(-1)).toMatchObject({ last: false, offsets: [{ offset: 101 }] });
    await deadLetters.acknowledge();
    await turn();
    expect(stage.isCompleted).toBe(true);
    expect(stage.commits.at(-1)).toMatchObject({ last: true, offsets: [{ offset: 102 }] });
  });

  test('a drain waits', async () => {
    const { stage, deadLetters } = await stageWithLetters();
    stage.deliver([bad], originOf());
    let drained = false;
    void stage.worker.intake.drain().then(() => (drained = true));
    await stage.clock.advance(1_000);
    expect(drained).toBe(false);
    await deadLetters.acknowledge();
    expect(drained).toBe(true);
    stage.stop();
  });

  test('reading waits once letters hold as many octets as Messages may', async () => {
    const { stage, deadLetters } = await stageWithLetters({ inFlightBytes: 8 * 484 });
    stage.deliver([bad, bad, bad], originOf());
    expect(stage.worker.intake.room()).toBeUndefined();
    stage.deliver([bad], originOf());
    let hasRoom = false;
    void stage.worker.intake.room()!.then(() => (hasRoom = true));
    await settle(stage);
    expect(hasRoom).toBe(false);
    await deadLetters.acknowledge(1);
    expect(hasRoom).toBe(true);
    stage.stop();
  });

  test('its partition may be taken away: it is returned, not wanted, and never counted again', async () => {
    const { stage, deadLetters } = await stageWithLetters();
    const origin = originOf();
    stage.deliver([bad, good(1)], origin);
    const [{ isWanted }] = deadLetters.sent as [(typeof deadLetters.sent)[0]];
    expect(isWanted()).toBe(true);
    stage.worker.intake.drop(origin);
    expect(isWanted()).toBe(false);
    await settle(stage);
    await stage.worker.intake.drain();
    await deadLetters.acknowledge();
    expect(stage.worker.ledger.account).toMatchObject({
      ...{ consumed: 2, exported: 0, deadLettered: 0, returned: 2, inFlight: 0 },
    });
    stage.stop();
  });
});
