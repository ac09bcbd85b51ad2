// The walk over record sets against kafkajs's decoder on random batches, and over damaged ones. Each
// fault is told with the number of its case; the seed is the caller's.

import type { Random } from '../../../src/generator/random.ts';
import { CorruptRecordSetError } from '../../../src/sources/records/corrupt-batch.ts';
import {
  anyBatch,
  type AnyRecord,
  batchByHand,
  batchByKafkajs,
  readByKafkajs,
  readByWalk,
  type WalkOptions,
} from './any-record-batch.ts';

/** Record sets of one to four batches each. */
export async function compareWithKafkajs(
  random: Random,
  batchesMin: number,
): Promise<{ batches: number; faults: string[] }> {
  const faults: string[] = [];
  let batches = 0;
  while (batches < batchesMin && faults.length < 10) {
    const set: Buffer[] = [];
    let offset = random.integer(0, 2 ** 31);
    const first = offset;
    const count = Math.min(random.integer(1, 4), batchesMin - batches);
    for (let i = 0; i < count; i += 1) {
      const batch = anyBatch(random, offset);
      const byKafkajs = random.integer(0, 1) === 0 && batch.logAppendTime === undefined;
      set.push(byKafkajs ? await batchByKafkajs({ ...batch, codec: 0 }) : batchByHand(batch));
      offset = batch.lastOffset + 1 + random.integer(0, 3);
    }
    batches += count;
    const octets = Buffer.concat(set);
    const fetchOffset = first + random.integer(0, 20);
    const expected = (await readByKafkajs(octets)).filter((one) => one.offset >= fetchOffset);
    const datumsMax = random.integer(1, 50);
    const found = readByWalk(octets, { fetchOffset, datumsMax });
    const got = JSON.stringify(found.records.map(grouped));
    if (got !== JSON.stringify(expected) || found.faults.length > 0) {
      faults.push(`batch ${batches}: ${found.faults.join()} ${got.slice(0, 300)}`);
    }
  }
  return { batches, faults };
}

/** As kafkajs has headers: those of one name together. */
function grouped(record: AnyRecord): AnyRecord {
  const headers = Array.from(Map.groupBy(record.headers, ([name]) => name).values()).flat();
  const { offset, timestampMs, key, value } = record;
  return { ...{ offset, timestampMs, key, value }, headers };
}

/**
 * Damages record sets: octets changed, cut out, put in or cut off. With CRCs whatever is delivered is
 * right; without, the walk ends all the same, and in one of its own errors at most.
 */
export function damage(random: Random, cases: number, options: WalkOptions = {}) {
  const wrong: string[] = [];
  let refused = 0;
  let damaged = 0;
  while (damaged < cases) {
    const whole = [anyBatch(random, 100), anyBatch(random, 100_000)];
    const octets = Buffer.concat(whole.map(batchByHand));
    const right = new Map(whole.flatMap(({ records }) => records).map((one) => [one.offset, one]));
    for (let i = 0; i < 50 && damaged < cases; i += 1, damaged += 1) {
      const broken = damagedOnce(random, octets);
      try {
        const { records, faults } = readByWalk(broken, { datumsMax: 7, ...options });
        if (faults.length > 0) refused += 1;
        if (options.checkCrcs === false) continue;
        // The leader epoch means nothing here; offsets before the CRC are not covered by it.
        const differs = records.some((one) => !isRight(one, right));
        if (differs) wrong.push(`case ${damaged}`);
      } catch (error) {
        refused += 1;
        if (!(error instanceof CorruptRecordSetError)) {
          wrong.push(`case ${damaged}: ${(error as Error).stack}`);
        }
      }
    }
  }
  return { damaged, refused, wrong };
}

/** The base offset is the broker's and outside of the CRC: a record may be right elsewhere. */
function isRight(record: AnyRecord, right: ReadonlyMap<number, AnyRecord>): boolean {
  const rest = ({ timestampMs, key, value, headers }: AnyRecord) =>
    JSON.stringify([timestampMs, key, value, headers]);
  const same = right.get(record.offset);
  if (same && rest(same) === rest(record)) return true;
  return [...right.values()].some((one) => rest(one) === rest(record));
}

function damagedOnce(random: Random, octets: Buffer): Buffer {
  const at = random.integer(0, octets.length - 1);
  switch (random.integer(0, 3)) {
    case 0:
      return octets.subarray(0, at);
    case 1: {
      const length = random.integer(1, 5);
      return Buffer.concat([octets.subarray(0, at), octets.subarray(at + length)]);
    }
    case 2:
      return Buffer.concat([octets.subarray(0, at), Buffer.of(255, 255), octets.subarray(at)]);
    default: {
      const changed = Buffer.from(octets);
      for (let i = 0; i < 3; i += 1) {
        const place = Math.min(octets.length - 1, at + i);
        changed[place] = changed[place]! ^ (1 << random.integer(0, 7));
      }
      return changed;
    }
  }
}
