// Writes java-avro.jsonl.gz, for test/avro/evolution-java.test.ts: pairs of schemas, datums, and what
// Apache Avro's Java implementation made of them. Needs java and mvn.
//   node test/vectors/make-java-avro.ts

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Random } from '../../src/generator/random.ts';
import { resolvedByJava } from '../support/oracles/avro-java.ts';
import { schemaPair } from '../support/arbitrary/schema-pairs.ts';

const random = new Random(15);
const pairs = Array.from({ length: 500 }, () => schemaPair(random));
const java = await resolvedByJava(pairs);
const lines = pairs.map(({ writer, reader, datum }, i) =>
  JSON.stringify({ writer, reader, datum: datum.toString('base64'), java: java[i] }),
);
const file = join(import.meta.dirname, 'java-avro.jsonl.gz');
writeFileSync(file, gzipSync(`${lines.join('\n')}\n`, { level: 9 }));
