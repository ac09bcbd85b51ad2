// FLUSH_INTERVAL: the age of its first record seals a Frame.

import { describe, expect, test } from 'vitest';
import type { FlowEvent } from '../../../src/generator/flow-event.ts';
import { BadEventError } from '../../../src/pipeline/bad-events/bad-event.ts';
import { encode, flowEvent, ipv6 } from '../../support/events/flow-events.ts';
import { naiveRecord } from '../../support/oracles/naive-message.ts';
import { type Painting, paintingOf } from '../../support/events/painting.ts';

const ipv4Flow = flowEvent();
const ipv6Flow = flowEvent({ sourceAddress: ipv6(1), destinationAddress: ipv6(2) });
const icmpFlow = flowEvent({ icmpTypeCode: 0x0800 });
const recordOctets = naiveRecord(ipv4Flow).octets.length;

function paint(painting: Painting, ...events: readonly FlowEvent[]): void {
  for (const event of events) {
    const bytes = encode(event);
    painting.paint(bytes, 0, bytes.length);
  }
}

const records = ({ sealed }: Painting) => sealed.map((frame) => frame.records);

describe('FLUSH_INTERVAL', () => {
  test('seals a lone record so long after it was painted, and not before', async () => {
    const painting = paintingOf({ flushIntervalMs: 500 });
    await painting.clock.advance(123);
    paint(painting, ipv4Flow);
    await painting.clock.advance(499);
    expect(records(painting)).toEqual([]);
    await painting.clock.advance(1);
    expect(records(painting)).toEqual([1]);
  });

  test('counts from the first record; later ones do not put it off', async () => {
    const painting = paintingOf({ flushIntervalMs: 500 });
    for (let i = 0; i < 6; i += 1) {
      paint(painting, ipv4Flow);
      await painting.clock.advance(90);
    }
    expect(records(painting)).toEqual([6]);
  });

  test('counts from the first record, not from events before it that were refused', async () => {
    const painting = paintingOf({ flushIntervalMs: 500 });
    for (let i = 0; i < 2; i += 1) {
      expect(() => paint(painting, flowEvent({ sourcePort: 70_000 }))).toThrow(BadEventError);
      await painting.clock.advance(200);
    }
    paint(painting, ipv4Flow);
    await painting.clock.advance(499);
    expect(records(painting)).toEqual([]);
    await painting.clock.advance(1);
    expect(records(painting)).toEqual([1]);
  });

  test('seals the oldest first, and a refused event made no Frame older', async () => {
    const painting = paintingOf({ flushIntervalMs: 500 });
    expect(() => paint(painting, flowEvent({ sourcePort: 70_000 }))).toThrow(BadEventError);
    for (const event of [ipv6Flow, ipv4Flow]) {
      await painting.clock.advance(100);
      paint(painting, event);
    }
    await painting.clock.advance(400);
    expect(painting.sealed.map(({ openedAtMs }) => openedAtMs)).toEqual([100]);
    await painting.clock.advance(100);
    expect(painting.sealed.map(({ openedAtMs }) => openedAtMs)).toEqual([100, 200]);
  });

  test('seals the oldest first, each at its own age', async () => {
    const painting = paintingOf({ flushIntervalMs: 500 });
    for (const event of [ipv6Flow, ipv4Flow, icmpFlow]) {
      paint(painting, event);
      await painting.clock.advance(100);
    }
    await painting.clock.advance(200);
    expect(painting.sealed.map(({ openedAtMs }) => openedAtMs)).toEqual([0]);
    await painting.clock.advance(100);
    expect(painting.sealed.map(({ openedAtMs }) => openedAtMs)).toEqual([0, 100]);
    await painting.clock.advance(100);
    expect(painting.sealed.map(({ openedAtMs }) => openedAtMs)).toEqual([0, 100, 200]);
  });

  test('does not take a younger Frame along, though it is due a millisecond later', async () => {
    const painting = paintingOf({ flushIntervalMs: 500 });
    paint(painting, ipv4Flow);
    await painting.clock.advance(1);
    paint(painting, ipv6Flow);
    await painting.clock.advance(499);
    expect(painting.sealed.map(({ openedAtMs }) => openedAtMs)).toEqual([0]);
    await painting.clock.advance(1);
    expect(painting.sealed.map(({ openedAtMs }) => openedAtMs)).toEqual([0, 1]);
  });

  test('counts from 0 for the Frame after one that was full', async () => {
    const messageOctetsMax = 20 + 2 * recordOctets;
    const painting = paintingOf({ flushIntervalMs: 500, messageOctetsMax });
    paint(painting, ipv4Flow, ipv4Flow);
    await painting.clock.advance(400);
    paint(painting, ipv4Flow);
    await painting.clock.advance(499);
    expect(records(painting)).toEqual([2]);
    await painting.clock.advance(1);
    expect(records(painting)).toEqual([2, 1]);
  });

  test('rests while nothing is open', async () => {
    const painting = paintingOf();
    expect(painting.clock.timers).toBe(0);
    paint(painting, ipv4Flow);
    await painting.clock.advance(10_000);
    expect(painting.clock.timers).toBe(0);
    paint(painting, ipv4Flow);
    await painting.clock.advance(500);
    expect(records(painting)).toEqual([1, 1]);
  });
});
