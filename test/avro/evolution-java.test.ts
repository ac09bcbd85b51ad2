// Pairs of schemas that Apache Avro's Java implementation resolved or refused: recorded by
// test/vectors/make-java-avro.ts, so that no Java is needed.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { verdictOn } from '../support/oracles/avro-java.ts';
import { resolvedText } from '../support/oracles/avro-values.ts';

const file = join(import.meta.dirname, '..', 'vectors', 'java-avro.jsonl.gz');
const vectors = gunzipSync(readFileSync(file))
  .toString()
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Record<'writer' | 'reader' | 'datum' | 'java', string>);

test('a reader schema makes the value of each datum that it makes in Java, or both refuse', () => {
  const counts = { same: 0, 'both refuse': 0, 'fault of Java': 0, differs: 0 };
  for (const { writer, reader, datum, java } of vectors) {
    const ours = resolvedText(writer, reader, Buffer.from(datum, 'base64'));
    const verdict = verdictOn(ours, java);
    counts[verdict] += 1;
    if (verdict === 'differs')
      expect({ writer, reader, datum, value: ours }).toMatchObject({ value: java });
  }
  expect(counts.same).toBeGreaterThan(300);
  expect(counts['both refuse']).toBeGreaterThan(50);
  expect(counts['fault of Java']).toBeLessThan(5);
});
