// Which events of a message that comes back from the dead letters are exported.

import { expect, test } from 'vitest';
import { RequeuedEvents } from '../../../src/pipeline/bad-events/requeued-events.ts';
import { eventsHeader } from '../../../src/sources/dead-letter.ts';
import type { Delivery } from '../../../src/sources/delivery.ts';
import { deliveryOf, flowEvent, originOf } from '../../support/events/flow-events.ts';

/** Datums at these offsets; by offset what the header says. */
function delivered(
  offsets: readonly number[],
  said: Readonly<Record<number, string>> = {},
): Delivery {
  const plain = deliveryOf(
    offsets.map(() => flowEvent()),
    originOf(),
  );
  const nothing = () => null;
  return {
    ...plain,
    offsets: Float64Array.from(offsets),
    metadata: {
      ...{ timestampMs: () => undefined, key: nothing, value: nothing, headers: () => [] },
      header: (i, name) => {
        const text = said[offsets[i]!];
        return name === eventsHeader && text !== undefined ? Buffer.from(text) : null;
      },
    },
  };
}

function passedOver(delivery: Delivery): number[] {
  const requeued = new RequeuedEvents();
  requeued.begin(delivery);
  const all = Array.from({ length: delivery.count }, (_, i) => i);
  return all.filter((i) => requeued.passesOver(delivery, i));
}

test('of a message of several datums only those are exported that its header names', () => {
  expect(passedOver(delivered([7, 8, 8, 8, 8, 9], { 8: '1,3' }))).toEqual([1, 3]);
});

test('each message has its own header', () => {
  expect(passedOver(delivered([7, 7, 8, 8, 9, 9], { 7: '0', 9: '1' }))).toEqual([1, 4]);
});

test('a message without the header, or with one that is no list, is exported whole', () => {
  expect(passedOver(delivered([7, 7, 8, 8], { 8: 'all' }))).toEqual([]);
});

test('messages of one datum each are not looked into', () => {
  const delivery = delivered([7, 8, 9], { 8: '5' });
  const requeued = new RequeuedEvents();
  requeued.begin(delivery);
  expect(requeued.isGrouped).toBe(false);
  expect(passedOver(delivery)).toEqual([]);
});

test('a Delivery with several datums of a message does not make the next one grouped', () => {
  const requeued = new RequeuedEvents();
  requeued.begin(delivered([7, 7]));
  expect(requeued.isGrouped).toBe(true);
  requeued.begin(delivered([8, 9]));
  expect(requeued.isGrouped).toBe(false);
});

test('the header of a message with one datum names the events within that datum', () => {
  const delivery = delivered([7, 8, 8], { 7: '2-4', 8: '0' });
  const requeued = new RequeuedEvents();
  requeued.begin(delivery);
  expect(requeued.among(delivery, 0)).toEqual(new Set([2, 3, 4]));
  expect(requeued.among(delivery, 1)).toBeUndefined();
});

test('the header is read again for the same offset of another Delivery', () => {
  const requeued = new RequeuedEvents();
  const [first, second] = [delivered([7], { 7: '1' }), delivered([7], { 7: '2' })];
  expect(requeued.among(first, 0)).toEqual(new Set([1]));
  expect(requeued.among(second, 0)).toEqual(new Set([2]));
});

test('events of a file are never passed over', () => {
  const delivery = { ...delivered([7, 7], { 7: '5' }), metadata: undefined };
  expect(passedOver(delivery)).toEqual([]);
});
