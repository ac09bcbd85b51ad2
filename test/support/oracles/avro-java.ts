// Apache Avro's Java implementation, by Maven and one JVM for all cases.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { mavenJars } from '../../../demo/broker/kafka-jars.ts';
import type { SchemaPair } from '../arbitrary/schema-pairs.ts';

const execute = promisify(execFile);
/** The newest that Java 17 runs. */
export const avroJavaVersion = '1.12.2';
const program = join(import.meta.dirname, '..', '..', 'vectors', 'AvroResolution.java');

/** The folder with its jars. */
export const fetchAvroJava = (): Promise<string> =>
  mavenJars(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), {
    name: `avro-${avroJavaVersion}`,
    artifacts: [['org.apache.avro', 'avro', avroJavaVersion]],
  });

/** For each pair the value that Java resolves to, as text, or "refuses" and why. */
export async function resolvedByJava(pairs: readonly SchemaPair[]): Promise<string[]> {
  const jars = await fetchAvroJava();
  const folder = await mkdtemp(join(tmpdir(), 'avro-java-'));
  try {
    const cases = join(folder, 'cases.jsonl');
    await writeFile(cases, pairs.map((pair) => `${JSON.stringify(caseOf(pair))}\n`).join(''));
    const { stdout } = await execute('java', ['-cp', join(jars, '*'), program, cases], {
      maxBuffer: 2 ** 30,
    });
    return stdout.trimEnd().split('\n');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const caseOf = ({ writer, reader, datum }: SchemaPair) => ({
  ...{ writer, reader, datum: datum.toString('base64') },
});

export type Verdict = 'same' | 'both refuse' | 'fault of Java' | 'differs';

/** How our answer stands to Java's. */
export function verdictOn(ours: string, java: string): Verdict {
  if (ours === java) return 'same';
  const isRefused = java.startsWith('refuses');
  if (isRefused && ours.startsWith('refuses')) return 'both refuse';
  // It compares the octets that are left with what items take by the reader's schema, not the writer's.
  return isRefused && java.includes('Collection claims') ? 'fault of Java' : 'differs';
}
