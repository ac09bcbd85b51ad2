// Apache Kafka's own jars from Maven Central, fetched once per user. A folder with the final name
// is always whole: Maven fills a temporary sibling, which is renamed when it has ended well.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { kafkaVersion } from './kafka-properties.ts';

const execute = promisify(execFile);
const javaVersionMin = 17;
const fetchTimeoutMs = 600_000;
const abandonedAfterMs = 2 * fetchTimeoutMs;

export class KafkaJarsError extends Error {
  readonly code = 'KAFKA_JARS_UNAVAILABLE';
  override readonly name = 'KafkaJarsError';
}

/** The folder that holds Kafka's jars, fetched first where it is missing. */
export function kafkaJars(
  cacheFolder: string,
  log: (line: string) => void = () => undefined,
): Promise<string> {
  return mavenJars(cacheFolder, kafka, log);
}

interface MavenArtifacts {
  /** Also the folder's. */
  readonly name: string;
  /** Each as group, artifact and version. */
  readonly artifacts: readonly (readonly [string, string, string])[];
}

/** The folder that holds the jars of these and of what they need, fetched first where it is missing. */
export async function mavenJars(
  cacheFolder: string,
  { name, artifacts }: MavenArtifacts,
  log: (line: string) => void = () => undefined,
): Promise<string> {
  await requireJava();
  const parent = join(cacheFolder, 'kafka2ipfix');
  const finished = join(parent, name);
  if (existsSync(finished)) return finished;
  await mkdir(parent, { recursive: true });
  await removeAbandoned(parent);
  const work = await mkdtemp(join(parent, 'fetch-'));
  try {
    log(`fetching ${name} with Maven, once, into ${finished}`);
    await fetchJars(work, artifacts);
    await takeOver(join(work, 'jars'), finished);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return finished;
}

async function requireJava(): Promise<void> {
  const { stderr } = await execute('java', ['-version']).catch((error: unknown) => {
    throw new KafkaJarsError('no java on the PATH', { cause: error });
  });
  const version = Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0);
  if (version < javaVersionMin) {
    throw new KafkaJarsError(`java on the PATH is older than version ${javaVersionMin}`);
  }
}

async function fetchJars(work: string, artifacts: MavenArtifacts['artifacts']): Promise<void> {
  const pom = join(work, 'pom.xml');
  await writeFile(pom, pomText(artifacts));
  // A local repository of its own: Maven doesn't promise that two of it may share one.
  const args = ['-q', '-B', '-f', pom, `-Dmaven.repo.local=${join(work, 'repository')}`];
  const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${join(work, 'jars')}`];
  await execute('mvn', [...args, ...goal], { timeout: fetchTimeoutMs }).catch((error: unknown) => {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (missing) throw new KafkaJarsError('no mvn on the PATH', { cause: error });
    throw new KafkaJarsError(`Maven could not fetch them: ${firstFault(error)}`, { cause: error });
  });
}

// Whoever comes second finds a full folder in the way, and is content with it.
async function takeOver(jars: string, finished: string): Promise<void> {
  try {
    await rename(jars, finished);
  } catch (error) {
    if (!existsSync(finished)) throw error;
  }
}

// What a fetch left that was killed: nobody else would ever remove it.
async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith('fetch-')) continue;
    const folder = join(parent, name);
    const { mtimeMs } = await stat(folder).catch(() => ({ mtimeMs: Infinity }));
    if (Date.now() - mtimeMs > abandonedAfterMs) await rm(folder, { recursive: true, force: true });
  }
}

function firstFault(error: unknown): string {
  const { stdout, stderr } = error as { stdout?: string; stderr?: string };
  const lines = `${stdout ?? ''}\n${stderr ?? ''}`.split('\n');
  return lines.find((line) => line.startsWith('[ERROR]')) ?? String(error);
}

// slf4j-simple only so that a broker that does not start can say why; the version is kafka's.
const kafka: MavenArtifacts = {
  name: `kafka-${kafkaVersion}`,
  artifacts: [
    ['org.apache.kafka', 'kafka_2.13', kafkaVersion],
    ['org.apache.kafka', 'kafka-tools', kafkaVersion],
    ['org.slf4j', 'slf4j-simple', '1.7.36'],
  ],
};

function pomText(artifacts: MavenArtifacts['artifacts']): string {
  const dependencies = artifacts.map(([group, artifact, version]) => {
    const coordinates = `<groupId>${group}</groupId><artifactId>${artifact}</artifactId>`;
    return `<dependency>${coordinates}<version>${version}</version></dependency>`;
  });
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>kafka2ipfix</groupId>
  <artifactId>throwaway-jars</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    ${dependencies.join('\n    ')}
  </dependencies>
</project>
`;
}
