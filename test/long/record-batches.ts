// The walk over record batches against kafkajs's own decoder, on 100,000 random batches, and over
// 400,000 damaged record sets: refused or right, never wrong.

import { Random } from '../../src/generator/random.ts';
import { compareWithKafkajs, damage } from '../support/kafka/record-batch-checks.ts';
import type { LongCheck } from './check.ts';

const rounds = 10;
const batchesEach = 10_000;
const damagedEach = 20_000;

export const recordBatchesCheck: LongCheck = {
  name: 'record-batches',
  about: `${(rounds * batchesEach).toLocaleString('en')} random batches, ${(2 * rounds * damagedEach).toLocaleString('en')} damaged record sets`,
  async run({ seed, untilMs, log }) {
    const each: { round: number; batches: number; damaged: number; refused: number }[] = [];
    const faults: string[] = [];
    for (let round = 1; round <= rounds && performance.now() < untilMs; round += 1) {
      const random = new Random(seed + round);
      const compared = await compareWithKafkajs(random, batchesEach);
      const { damaged, refused, wrong } = damage(random, damagedEach);
      const unchecked = damage(random, damagedEach, { checkCrcs: false });
      each.push({ round, batches: compared.batches, damaged: 2 * damaged, refused });
      log(`round ${round}: ${JSON.stringify(each.at(-1))}`);
      const told = [...compared.faults, ...wrong, ...unchecked.wrong];
      faults.push(...told.map((fault) => `seed ${seed + round}: ${fault}`));
    }
    const sum = (key: 'batches' | 'damaged' | 'refused') =>
      each.reduce((total, counts) => total + counts[key], 0);
    const counts = {
      batches: sum('batches'),
      damagedSets: sum('damaged'),
      refusedByCrc: sum('refused'),
    };
    return { counts, rounds: each, faults };
  },
};
