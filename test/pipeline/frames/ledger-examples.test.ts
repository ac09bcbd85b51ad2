// The Ledger by example: what may be committed, and who has to wait.

import { describe, expect, test } from 'vitest';
import { elementByName } from '../../../src/ipfix/information-element.ts';
import { Frame } from '../../../src/pipeline/frames/frame.ts';
import { roomAlone } from '../../../src/pipeline/frames/frame-room.ts';
import { Ledger } from '../../../src/pipeline/frames/ledger.ts';
import type { Origin } from '../../../src/sources/delivery.ts';
import { deliveryOf, originOf } from '../../support/events/flow-events.ts';
import { turn } from '../../support/fakes/manual-clock.ts';

const template = { id: 256, fields: [{ element: elementByName('flowId')!, length: 8 }] };

function opened(ledger: Ledger): Frame {
  const frame = new Frame(roomAlone(64), template);
  frame.open(template, 0);
  ledger.opened(frame);
  return frame;
}

/** Tracks a Delivery of one event for each Frame, and paints it there. */
function deliver(ledger: Ledger, origin: Origin, firstOffset: number, ...frames: Frame[]): void {
  const delivery = deliveryOf(
    frames.map(() => null),
    origin,
    firstOffset,
  );
  ledger.track(delivery);
  const progress = ledger.progressOf(origin);
  frames.forEach((frame, i) => frame.claim(progress, delivery.offsets[i]!, 1));
  ledger.painted(progress, delivery.nextOffset);
}

const committed = (ledger: Ledger) => ledger.committable().map(({ offset }) => offset);

describe('what may be committed', () => {
  test('stays at the lowest unsettled offset, however much above it is settled', () => {
    const ledger = new Ledger({ framesMax: 9 });
    const [rare, common] = [opened(ledger), opened(ledger)];
    deliver(ledger, originOf(), 10, common, rare, common, common);
    expect(committed(ledger)).toEqual([10]);
    ledger.settle(common);
    expect(committed(ledger)).toEqual([11]);
    ledger.settle(rare);
    expect(committed(ledger)).toEqual([14]);
  });

  test('is given for each partition separately, though they share Frames', () => {
    const ledger = new Ledger({ framesMax: 9 });
    const [first, second] = [opened(ledger), opened(ledger)];
    deliver(ledger, originOf(0), 100, first, first, second);
    deliver(ledger, originOf(1), 500, second);
    ledger.settle(first);
    expect(committed(ledger)).toEqual([102, 500]);
  });

  test('does not pass a Delivery that was tracked and not painted', () => {
    const ledger = new Ledger({ framesMax: 9 });
    ledger.track(deliveryOf([null, null], originOf(), 7));
    expect(committed(ledger)).toEqual([7]);
    expect(ledger.account.inFlight).toBe(2);
  });

  test('passes events that were discarded', () => {
    const ledger = new Ledger({ framesMax: 9 });
    const origin = originOf();
    const delivery = deliveryOf([null, null], origin, 7);
    ledger.track(delivery);
    ledger.discard(ledger.progressOf(origin), 'tombstone');
    ledger.discard(ledger.progressOf(origin), 'bad event');
    ledger.painted(ledger.progressOf(origin), delivery.nextOffset);
    expect(committed(ledger)).toEqual([9]);
    expect(ledger.account.discardedByReason).toEqual({ tombstone: 1, 'bad event': 1 });
  });

  test('knows nothing of a partition that was taken away, though its Frames settle later', () => {
    const ledger = new Ledger({ framesMax: 9 });
    const frame = opened(ledger);
    const [lost, kept, again] = [originOf(0), originOf(1), originOf(0, 2)];
    deliver(ledger, lost, 0, frame, frame);
    deliver(ledger, kept, 50, frame);
    ledger.drop(lost);
    ledger.drop(lost);
    deliver(ledger, again, 0, opened(ledger));
    ledger.settle(frame);
    expect(ledger.committable()).toEqual([
      { origin: kept, offset: 51 },
      { origin: again, offset: 0 },
    ]);
    expect(ledger.account).toMatchObject({ consumed: 4, exported: 1, returned: 2, inFlight: 1 });
    expect(ledger.nextOffset(lost)).toBeUndefined();
  });

  test('painting what was never tracked is our own mistake', () => {
    const ledger = new Ledger({ framesMax: 9 });
    expect(() => ledger.progressOf(originOf(3))).toThrow('flows[3] was painted before it was');
  });
});

describe('room and emptiness', () => {
  test('room ends at the limit and comes back with the first Frame that settles', async () => {
    const ledger = new Ledger({ framesMax: 2 });
    const [first, second, third] = [opened(ledger), opened(ledger), opened(ledger)];
    let woken = 0;
    for (let i = 0; i < 2; i += 1) void ledger.room()!.then(() => (woken += 1));
    ledger.settle(second);
    await turn();
    expect(woken).toBe(0);
    ledger.settle(first);
    await turn();
    expect(woken).toBe(2);
    expect(ledger.room()).toBeUndefined();
    ledger.settle(third);
  });

  test('room ends at the limit of events too, and comes back as they settle', async () => {
    const ledger = new Ledger({ framesMax: 9, eventsMax: 3 });
    const [first, second] = [opened(ledger), opened(ledger)];
    deliver(ledger, originOf(), 0, first);
    expect([ledger.room(), ledger.oldestUnderPressure]).toEqual([undefined, undefined]);
    deliver(ledger, originOf(1), 0, first, second, second);
    let isWoken = false;
    void ledger.room()!.then(() => (isWoken = true));
    expect(ledger.oldestUnderPressure).toBe(first);
    ledger.settle(first);
    await turn();
    expect(isWoken).toBe(true);
  });

  test('room comes back with a partition that is taken away', async () => {
    const ledger = new Ledger({ framesMax: 9, eventsMax: 1 });
    const origin = originOf();
    deliver(ledger, origin, 0, opened(ledger));
    let isWoken = false;
    void ledger.room()!.then(() => (isWoken = true));
    ledger.drop(origin);
    await turn();
    expect(isWoken).toBe(true);
  });

  test('empty comes with the last Frame, at once where there is none', async () => {
    const ledger = new Ledger({ framesMax: 9 });
    await ledger.empty();
    const [first, second] = [opened(ledger), opened(ledger)];
    let isEmpty = false;
    void ledger.empty().then(() => (isEmpty = true));
    ledger.settle(second);
    await turn();
    expect(isEmpty).toBe(false);
    ledger.settle(first);
    await turn();
    expect(isEmpty).toBe(true);
  });

  test('pressure begins at half the limit and names the oldest Frame', () => {
    const ledger = new Ledger({ framesMax: 4 });
    const first = opened(ledger);
    expect(ledger.oldestUnderPressure).toBeUndefined();
    const second = opened(ledger);
    expect(ledger.oldestUnderPressure).toBe(first);
    opened(ledger);
    ledger.settle(first);
    expect(ledger.oldestUnderPressure).toBe(second);
  });
});
