// Every Avro type beside every kind of element with every option of a mapping, and many options together:
// each is obeyed or refused, and validate, both Painters and decode have one answer.

import { Random } from '../../src/generator/random.ts';
import { allPairs, answerOf, ignoredOptions, options } from '../support/option-pairs.ts';
import type { LongCheck } from './check.ts';

const mixed = 20_000;
const togetherMax = 4;

export const optionsCheck: LongCheck = {
  name: 'options',
  about: `all options of a mapping for all pairs of types, and ${mixed} of them together`,
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
    const pick = <T>(items: readonly T[]): T => items[random.integer(0, items.length - 1)]!;
    let alone = 0;
    let together = 0;
    let painted = 0;
    Error.stackTraceLimit = 0;
    for (; alone < pairs.length && performance.now() < untilMs; alone += 1) {
      const pair = pairs[alone]!;
      tried(JSON.stringify(pair), () => ignoredOptions(pair));
      if (alone % 200 === 0) log(`${alone} of ${pairs.length} pairs`);
    }
    for (; together < mixed && performance.now() < untilMs; together += 1) {
      const pair = pick(pairs);
      const said = Array.from({ length: random.integer(1, togetherMax) }, () => {
        const option = pick(Object.keys(options));
        return [option, pick(options[option]!)] as const;
      });
      const spec = Object.fromEntries(said) as Record<string, unknown>;
      tried(JSON.stringify({ pair, spec }), () => {
        if (!('faults' in answerOf(pair, spec))) painted += 1;
        return [];
      });
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
