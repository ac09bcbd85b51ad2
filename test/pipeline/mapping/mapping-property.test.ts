// 100,000 events of random schemas under random mappings: each becomes the octets worked out from its
// values alone, or is refused where they say so.

import { expect, test, vi } from 'vitest';
import { Random } from '../../../src/generator/random.ts';
import { BadEventError } from '../../../src/pipeline/bad-events/bad-event.ts';
import { readMappingFile, sectionFor } from '../../../src/pipeline/mapping/mapping-file.ts';
import { anyCase } from '../../support/arbitrary/any-event.ts';
import { exactType } from '../../support/oracles/exact-avro.ts';
import { mappingFromSchema } from '../../support/events/mapping.ts';
import { layoutOf, paintingOf } from '../../support/events/painting.ts';

vi.setConfig({ testTimeout: 180_000 });

const schemas = 2_000;
const eventsEach = 50;

/** Seeds that have failed once are tried first, for ever. */
const failedOnce: readonly number[] = [];

function paintSchema(seed: number): { painted: number; refused: number } {
  const random = new Random(seed);
  const { schema, fields, event } = anyCase(random);
  const { file, faults } = readMappingFile(JSON.stringify({ topics: { '*': { fields } } }));
  expect(faults).toEqual([]);
  const mapping = mappingFromSchema(schema, { section: sectionFor(file, 'any'), presets: [] });
  expect(mapping.faults).toEqual([]);
  const type = exactType(schema);
  const painting = paintingOf({ schema, mapping, messageOctetsMax: 1472 });
  const counts = { painted: 0, refused: 0 };
  for (let i = 0; i < eventsEach; i += 1) {
    const { value, record } = event();
    const bytes = type.toBuffer(value);
    let found: { layout: string; octets: string } | null = null;
    try {
      const frame = painting.paint(bytes, 0, bytes.length);
      const octets = record ? record.octets.length / 2 : 0;
      found = {
        layout: layoutOf(frame),
        octets: frame.octets.toString('hex', frame.length - octets),
      };
    } catch (error) {
      if (!(error instanceof BadEventError)) throw error;
    }
    expect(found, `seed ${seed}, event ${i}`).toEqual(record);
    counts[record ? 'painted' : 'refused'] += 1;
  }
  return counts;
}

test('come out as they must, one record each, or are refused', () => {
  let painted = 0;
  let refused = 0;
  const seeds = [...failedOnce, ...Array.from({ length: schemas }, (_, i) => 1_000_000 + i)];
  for (const seed of seeds) {
    const counts = paintSchema(seed);
    painted += counts.painted;
    refused += counts.refused;
  }
  expect(painted + refused).toBeGreaterThanOrEqual(100_000);
  expect(refused).toBeGreaterThan(1_000);
});
