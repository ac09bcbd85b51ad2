// Every Avro type beside every kind of element with every option of a mapping, and many options together:
// each is obeyed or refused, and validate, both Painters and decode have one answer.

import { Random } from '../../src/generator/random.ts';
import {
  allPairs,
  ignoredOptions,
  mixedAnswer,
  options,
  usableOptions,
} from '../support/arbitrary/option-pairs.ts';
import type { LongCheck } from './check.ts';

const mixesEach = 40;

export const optionsCheck: LongCheck = {
  name: 'options',
  about: 'all options of a mapping for all pairs of types, alone and together',
  run({ seed, untilMs, log }) {
    const faults: string[] = [];
    const tried = (what: string, check: () => readonly string[]) => {
      try {
        faults.push(...check().map((found) => `${what}: ${found}`));
      } catch (error) {
        faults.push(`${what}: ${(error as Error).message}`);
      }
    };
    const pairs = [...allPairs()];
    const random = new Random(seed);
    let alone = 0;
    let together = 0;
    let painted = 0;
    Error.stackTraceLimit = 0;
    for (; alone < pairs.length && performance.now() < untilMs; alone += 1) {
      const pair = pairs[alone]!;
      tried(JSON.stringify(pair), () => ignoredOptions(pair));
      if (alone % 200 === 0) log(`${alone} of ${pairs.length} pairs`);
    }
    for (const pair of pairs) {
      if (performance.now() >= untilMs) break;
      const usable = usableOptions(pair);
      for (let i = 0; i < (usable.length === 0 ? 0 : mixesEach); i += 1) {
        together += 1;
        tried(JSON.stringify(pair), () => {
          if (!('faults' in mixedAnswer(pair, usable, random))) painted += 1;
          return [];
        });
      }
    }
    Error.stackTraceLimit = 10;
    const values = Object.values(options).reduce((sum, { length }) => sum + length, 0);
    return Promise.resolve({
      counts: { pairs: alone, valuesOfOptions: values, together, togetherPainted: painted },
      rounds: [],
      faults,
    });
  },
};
