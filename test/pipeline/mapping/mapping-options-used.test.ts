// Every option of a mapping is obeyed or refused, for every pair of an Avro type and an element; and
// `validate`, both Painters and `decode` have one answer, whatever is said. `npm run test:long` goes
// through all pairs, this through a fixed sample.

import fc from 'fast-check';
import { beforeAll, expect, test, vi } from 'vitest';
import { Random } from '../../../src/generator/random.ts';
import {
  allPairs,
  ignoredOptions,
  mixedAnswer,
  usableOptions,
} from '../../support/arbitrary/option-pairs.ts';

vi.setConfig({ testTimeout: 180_000 });

const pairs = [...allPairs()];
const seed = 20_260_701;

// Of a fault the message counts; where it was thrown takes most of the time to find out.
beforeAll(() => {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  return () => (Error.stackTraceLimit = before);
});

test('an option is obeyed or refused by its name, whichever types it is said of', () => {
  fc.assert(
    fc.property(fc.constantFrom(...pairs), (pair) => {
      expect(ignoredOptions(pair)).toEqual([]);
    }),
    { seed, numRuns: 20 },
  );
});

test('validate, both Painters and decode agree on any options together', () => {
  let painted = 0;
  fc.assert(
    fc.property(fc.constantFrom(...pairs), fc.nat(), (pair, start) => {
      const random = new Random(start);
      const usable = usableOptions(pair);
      for (let i = 0; i < (usable.length === 0 ? 0 : 8); i += 1) {
        // It throws where they differ.
        if (!('faults' in mixedAnswer(pair, usable, random))) painted += 1;
      }
    }),
    { seed, numRuns: 20 },
  );
  expect(painted).toBeGreaterThan(20);
});
