// When a Frame is sealed: by room, by age, by pressure; and what is never sent.

import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { writeMessageHeader } from '../../../src/ipfix/message.ts';
import { Decoder } from '../../../src/ipfix/decoder.ts';
import type { Frame } from '../../../src/pipeline/frames/frame.ts';
import { BadEventError } from '../../../src/pipeline/bad-events/bad-event.ts';
import type { FlowEvent } from '../../../src/generator/flow-event.ts';
import { anyFlowEvent, encode, flowEvent, ipv6 } from '../../support/events/flow-events.ts';
import { naiveRecord } from '../../support/oracles/naive-message.ts';
import { type Painting, paintingOf } from '../../support/events/painting.ts';

// Properties take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const ipv4Flow = flowEvent();
const ipv6Flow = flowEvent({ sourceAddress: ipv6(1), destinationAddress: ipv6(2) });
const icmpFlow = flowEvent({ icmpTypeCode: 0x0800 });
const recordOctets = naiveRecord(ipv4Flow).octets.length;

function paint(painting: Painting, ...events: readonly FlowEvent[]): Frame[] {
  return events.map((event) => {
    const bytes = encode(event);
    return painting.paint(bytes, 0, bytes.length);
  });
}

const times = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);
const records = ({ sealed }: Painting) => sealed.map((frame) => frame.records);

describe('the MTU', () => {
  test('seals the Message when the next Data Record would pass it', () => {
    const painting = paintingOf({ messageOctetsMax: 20 + 3 * recordOctets });
    paint(painting, ipv4Flow, ipv4Flow, ipv4Flow);
    expect(records(painting)).toEqual([]);
    paint(painting, ipv4Flow);
    expect(records(painting)).toEqual([3]);
    expect(painting.sealed[0]).toMatchObject({ length: 20 + 3 * recordOctets, sealed: true });
  });

  test("does not seal another Template's Message", () => {
    const painting = paintingOf({ messageOctetsMax: 20 + 2 * recordOctets + 60 });
    paint(painting, ipv4Flow, ipv6Flow, ipv4Flow, ipv6Flow, ipv4Flow, ipv4Flow);
    expect(records(painting)).toEqual([2]);
    expect(painting.sealed[0]!.octets.readUInt16BE(16)).toBe(painting.sealed[0]!.template.id);
  });
});

describe('pressure', () => {
  const messageOctetsMax = 20 + 4 * recordOctets;

  test('at half the limit seals the oldest open Frame, however rare its Template', () => {
    const painting = paintingOf({ framesMax: 8, messageOctetsMax });
    paint(painting, ipv6Flow, ...times(8, ipv4Flow));
    painting.frames.relieve();
    expect(records(painting)).toEqual([4]);
    paint(painting, ...times(4, ipv4Flow));
    painting.frames.relieve();
    expect(records(painting)).toEqual([4, 4, 1]);
  });

  test('leaves the common Frames to fill while older ones wait to be settled', () => {
    const painting = paintingOf({ framesMax: 8, messageOctetsMax });
    for (let i = 0; i < 40; i += 1) {
      paint(painting, ipv4Flow);
      painting.frames.relieve();
    }
    expect(records(painting)).toEqual(times(9, 4));
  });

  test('seals nothing below half the limit', () => {
    const painting = paintingOf({ framesMax: 8, messageOctetsMax });
    paint(painting, ipv6Flow, ipv4Flow, icmpFlow);
    painting.frames.relieve();
    expect(records(painting)).toEqual([]);
  });

  test('seals until open Frames take less than half, though the oldest of all is not open', () => {
    const painting = paintingOf({ framesMax: 6, messageOctetsMax });
    paint(painting, ...times(5, ipv4Flow));
    paint(painting, ipv6Flow, icmpFlow);
    painting.frames.relieve();
    expect(records(painting)).toEqual([4, 1]);
    expect(painting.ledger.oldestUnderPressure).toBe(painting.sealed[0]);
  });

  test('leaves less than half of the room to open Frames, whatever is painted and settled', () => {
    const step = fc.record({
      events: fc.array(anyFlowEvent, { maxLength: 12 }),
      settling: fc.nat({ max: 9 }),
    });
    const steps = fc.array(step, { maxLength: 12 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 12 }), (given, framesMax) => {
        const painting = paintingOf({ framesMax });
        const painted = new Set<Frame>();
        let settled = 0;
        for (const { events, settling } of given) {
          for (const frame of paint(painting, ...events)) painted.add(frame);
          painting.frames.relieve();
          const open = [...painted].filter((frame) => !frame.sealed);
          expect(open.length * 2).toBeLessThan(framesMax);
          for (const frame of painting.sealed.slice(settled, settled + settling)) {
            painting.ledger.settle(frame);
            settled += 1;
          }
        }
      }),
    );
  });
});

describe('an empty Frame, opened for an event that was refused,', () => {
  const badPort = flowEvent({ sourcePort: 70_000 });

  test.each([
    ['by age', async ({ clock }: Painting) => clock.advance(1000)],
    [
      'by a drain',
      async ({ frames, clock }: Painting) => {
        frames.sealAll();
        await clock.advance(0);
      },
    ],
    [
      'by the end',
      async ({ frames, clock }: Painting) => {
        frames.end();
        await clock.advance(0);
      },
    ],
    [
      'by pressure',
      async ({ frames, clock }: Painting) => {
        frames.relieve();
        await clock.advance(0);
      },
    ],
  ])('is never sent, and holds nothing up: %s', async (how, seal) => {
    const painting = paintingOf({ framesMax: 1 });
    expect(() => paint(painting, badPort)).toThrow(BadEventError);
    await seal(painting);
    expect(painting.sealed).toEqual([]);
    expect(painting.ledger.room()).toBeUndefined();
    expect(painting.isEnded()).toBe(how === 'by the end');
  });
});

test('a Template that is retired takes its open Frame with it', () => {
  const painting = paintingOf({ templatesMax: 1 });
  paint(painting, ipv4Flow, ipv6Flow, ipv6Flow, ipv4Flow);
  expect(records(painting)).toEqual([1, 2]);
});

test('at the end all that is open leaves in the order it was opened, and no timer is left', () => {
  const painting = paintingOf();
  paint(painting, icmpFlow, ipv4Flow, ipv6Flow, ipv4Flow);
  painting.frames.end();
  expect(records(painting)).toEqual([1, 2, 1]);
  expect(painting.isEnded()).toBe(true);
  expect(painting.clock.timers).toBe(0);
});

test('for any events and room no Message is too long, and its lengths are right', async () => {
  const step = fc.oneof(anyFlowEvent, fc.integer({ min: 1, max: 700 }));
  const steps = fc.array(step, { maxLength: 60, size: 'max' });
  const room = fc.integer({ min: 484, max: 1472 });
  await fc.assert(
    fc.asyncProperty(steps, room, async (given, messageOctetsMax) => {
      const painting = paintingOf({ messageOctetsMax, framesMax: 20, templatesMax: 8 });
      for (const one of given) {
        if (typeof one === 'number') await painting.clock.advance(one);
        else paint(painting, one);
      }
      painting.frames.end();
      for (const { octets, length, template } of painting.sealed) {
        expect(length).toBeLessThanOrEqual(messageOctetsMax);
        writeMessageHeader(octets, length, 0, 0, 1);
        const [set] = new Decoder().decode(octets).unknownSets;
        expect(set).toMatchObject({ setId: template.id });
        expect(set!.octets).toHaveLength(length - 20);
      }
      const total = records(painting).reduce((sum, count) => sum + count, 0);
      expect(total).toBe(given.filter((one) => typeof one !== 'number').length);
    }),
  );
});
