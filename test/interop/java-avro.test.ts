// Avro's schema resolution beside Apache Avro's Java implementation, live.

import { expect, test } from 'vitest';
import { Random } from '../../src/generator/random.ts';
import { resolvedByJava, verdictOn } from '../support/oracles/avro-java.ts';
import { resolvedText } from '../support/oracles/avro-values.ts';
import { schemaPair } from '../support/arbitrary/schema-pairs.ts';
import { describeWithPrograms } from '../support/processes/tools.ts';

describeWithPrograms("Java's Avro", ['java', 'mvn'], () => {
  test('makes the same of 1,000 random pairs of schemas, or refuses them too', async () => {
    const random = new Random(8);
    const pairs = Array.from({ length: 1_000 }, () => schemaPair(random));
    const java = await resolvedByJava(pairs);
    expect(java).toHaveLength(pairs.length);
    const differing = pairs.filter(({ writer, reader, datum }, i) => {
      return verdictOn(resolvedText(writer, reader, datum), java[i]!) === 'differs';
    });
    expect(differing).toEqual([]);
    expect(java.filter((text) => !text.startsWith('refuses')).length).toBeGreaterThan(500);
  });
});
