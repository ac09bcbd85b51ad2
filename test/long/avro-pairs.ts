// Random writer and reader schemas with a datum each: the value that Apache Avro's Java implementation
// resolves to, or both refuse.

import { Random } from '../../src/generator/random.ts';
import { avroJavaVersion, resolvedByJava, verdictOn } from '../support/oracles/avro-java.ts';
import { resolvedText } from '../support/oracles/avro-values.ts';
import { schemaPair } from '../support/arbitrary/schema-pairs.ts';
import type { LongCheck } from './check.ts';

const pairsCount = 10_000;

export const avroPairsCheck: LongCheck = {
  name: 'avro-pairs',
  about: `${pairsCount.toLocaleString('en')} pairs of schemas against Java's Avro`,
  async run({ seed, log }) {
    const random = new Random(seed);
    const pairs = Array.from({ length: pairsCount }, () => schemaPair(random));
    const startMs = performance.now();
    const java = await resolvedByJava(pairs);
    const javaSeconds = Math.round((performance.now() - startMs) / 100) / 10;
    log(`Java has answered in ${javaSeconds} s`);
    const verdicts = { same: 0, 'both refuse': 0, 'fault of Java': 0, differs: 0 };
    const faults: string[] = [];
    for (const [i, pair] of pairs.entries()) {
      const ours = resolvedText(pair.writer, pair.reader, pair.datum);
      const verdict = verdictOn(ours, java[i] ?? '');
      verdicts[verdict] += 1;
      if (verdict !== 'differs') continue;
      const datum = pair.datum.toString('hex');
      faults.push(`pair ${i}: ${pair.writer} ${pair.reader} ${datum}: ${ours}, Java ${java[i]}`);
    }
    const counts = {
      pairs: pairs.length,
      java: `avro ${avroJavaVersion}`,
      javaSeconds,
      ...verdicts,
    };
    return { counts, rounds: [], faults: faults.slice(0, 10) };
  },
};
