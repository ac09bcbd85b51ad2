// The compiled Painter against the by-value one: the same octets in the same Frames under the same
// claims, or the same fault, for whatever event comes.

import { describe, expect, test, vi } from 'vitest';
import { flowEventType } from '../../../src/generator/flow-event.ts';
import { FlowGenerator } from '../../../src/generator/flow-generator.ts';
import { compiledFields } from '../../../src/pipeline/painting/compiled/compiled-plan.ts';
import { paintBoth, type PaintersCounts } from '../../support/arbitrary/any-painting.ts';
import { flowEventMapping, writerSchema } from '../../support/events/flow-events.ts';
import { bindingFor } from '../../support/events/mapping.ts';
import { deliveryOfDatums, TwoPainters } from '../../support/events/two-painters.ts';

vi.setConfig({ testTimeout: 180_000 });

/** `npm run test:long` goes through a thousand. */
const schemas = 104;
const eventsEach = 1_000;

/** Seeds that have failed once are tried first, for ever. */
const failedOnce: readonly number[] = [];

test('80,000 events of random schemas, hostile ones among them, come out the same', () => {
  // Of a fault the message counts; where it was thrown takes most of the time to find out.
  Error.stackTraceLimit = 0;
  const sum: PaintersCounts = { events: 0, left: 0, refused: 0, records: 0, frames: 0 };
  const seeds = [...failedOnce, ...Array.from({ length: schemas }, (_, i) => 3_000_000 + i)];
  for (const seed of seeds) {
    const counts = paintBoth(seed, eventsEach);
    if (!counts) continue;
    for (const key of Object.keys(sum) as (keyof PaintersCounts)[]) sum[key] += counts[key];
  }
  Error.stackTraceLimit = 10;
  expect(sum.events).toBeGreaterThanOrEqual(80_000);
  expect(sum.records + sum.refused).toBe(sum.events);
  expect(sum.refused).toBeGreaterThan(8_000);
  // And it is the compiled code that painted, not the other in its place.
  expect(sum.events - sum.left).toBeGreaterThan(sum.events / 2);
});

describe('the default contract', () => {
  const binding = bindingFor(writerSchema, flowEventMapping);

  test('has every field compiled', () => {
    expect(compiledFields(binding)).toEqual(binding.mapping.fields.map(() => true));
  });

  test('leaves no event of the generator to the by-value Painter', () => {
    const generator = new FlowGenerator({ seed: 1 });
    const datums = Array.from({ length: 5_000 }, () => flowEventType.toBuffer(generator.next()));
    const two = TwoPainters.of(binding)!;
    const { said, frames } = two.paint([
      deliveryOfDatums(datums, { partition: 0, firstOffset: 0 }),
    ]);
    expect(said).toEqual([]);
    expect(frames.reduce((sum, { records }) => sum + records, 0)).toBe(5_000);
    expect(two.compiled.left).toBe(0);
  });
});
