// `validate --event`: given events beside the Data Records they become, compared with what is expected. A
// unit test for a mapping: it connects to nothing, unless only a schema registry has the schema.

import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { datumFromJson, JsonDatumError, jsonText } from '../avro/json-datum.ts';
import { type AvroType, parseSchema } from '../avro/schema.ts';
import { jsonRecord } from '../collector/json-value.ts';
import { ConfigError, type Environment } from '../config/config.ts';
import {
  defaultSchemaFile,
  type Preparation,
  prepare,
  settingAt,
  type TopicPlan,
} from '../config/preparation.ts';
import { exitCode } from '../exit-code.ts';
import { TopicBindings, UnmappableSchemaError } from '../pipeline/mapping/bindings.ts';
import { readMappingFile } from '../pipeline/mapping/mapping-file.ts';
import type { Delivery, WriterSchema } from '../sources/delivery.ts';
import { openAvroFile } from '../sources/file/avro-file.ts';
import { AvroContainerError } from '../sources/file/octet-reader.ts';
import { registryOf } from '../stage/schema-sources.ts';
import { recordLines } from './decode.ts';
import { feedFromFile } from './event-feed.ts';
import { EventDecoder, type EventRecords } from './event-records.ts';
import { jsonValuesIn } from './json-file.ts';
import { readText, unreadable } from './text-file.ts';
import { standardOutput } from './output.ts';
import { UsageError } from './usage-error.ts';

export interface EventCheckOptions {
  readonly event: string;
  readonly topic?: string;
  readonly expect?: string;
  readonly json?: boolean;
}

/** What became of an event, as JSON has it: one of the three. */
interface Outcome {
  readonly records?: readonly Readonly<Record<string, unknown>>[];
  /** The reason of the rule that dropped it. */
  readonly dropped?: string;
  /** Why it cannot be exported; in an expectation, `true` stands for any reason. */
  readonly fault?: string | true;
}

/** Resolves to the exit code. Rejects with ConfigError and UsageError. */
export async function checkEvents(
  { event: path, topic, expect, json = false }: EventCheckOptions,
  env: Environment,
): Promise<number> {
  const isOfContainer = isContainer(path);
  const preparation = prepared(environmentFor(path, topic, env), path);
  const events = isOfContainer
    ? await eventsOfContainer(preparation, path)
    : await eventsOfJson(preparation, path);
  const outcomes = events.map(outcomeOf);
  const expected = expect === undefined ? undefined : expectedIn(expect);
  if (json) await standardOutput.write(`${jsonText(outcomes, indent)}\n`);
  if (expected === undefined) {
    if (!json) await standardOutput.write(events.map(eventText).join('\n'));
    return outcomes.some(({ fault }) => fault !== undefined) ? exitCode.badEvent : exitCode.ok;
  }
  const differences = differencesOf(outcomes, expected);
  if (!json) {
    const count = outcomes.length === 1 ? '1 event is' : `${outcomes.length} events are`;
    const fine = [`${count} as expected in ${expect}`];
    await standardOutput.write(`${(differences.length > 0 ? differences : fine).join('\n')}\n`);
  }
  return differences.length > 0 ? exitCode.badEvent : exitCode.ok;
}

const indent = 2;

/** Nothing of these is needed to map an event. */
const unused = {
  ...{ COLLECTORS: 'ipfix://127.0.0.1', KAFKA_GROUP_ID: 'none', KAFKA_BROKERS: 'none:1' },
};
const notForFiles = { WORKERS: undefined, DLQ_TOPIC: undefined, ON_BAD_EVENT: undefined };

/** The events are mapped as those of a file are, which has the section of one topic. */
function environmentFor(path: string, topic: string | undefined, env: Environment): Environment {
  const named = topic ?? env['KAFKA_TOPICS'];
  const sections = sectionsIn(env['MAPPING_FILE']);
  const topics = (named?.split(',') ?? sections.filter((section) => section !== '*')).filter(
    Boolean,
  );
  if (topics.length > 1) {
    throw new UsageError(
      `--event: there are the topics ${topics.join(', ')}; name one with --topic`,
    );
  }
  if (
    topic !== undefined &&
    sections.length > 0 &&
    !sections.some((one) => one === topic || one === '*')
  ) {
    throw new UsageError(
      `--topic: MAPPING_FILE has no section ${topic}; there ${sections.length === 1 ? 'is' : 'are'} ${sections.join(', ')}`,
    );
  }
  return { ...unused, ...env, ...notForFiles, KAFKA_TOPICS: topics[0], INPUT_FILE: path };
}

/** The faults name the section of the topic, not the file that is read as one. */
function prepared(env: Environment, path: string): Preparation {
  try {
    return prepare(env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const section = `topics.${env['KAFKA_TOPICS'] ?? '*'}.`;
    const faults = error.faults.map(({ where, problem }) => ({
      where: where.replace(`topics.${path}.`, section),
      problem,
    }));
    throw new ConfigError(faults);
  }
}

/** Errors in the file are reported by `prepare`. */
function sectionsIn(path: string | undefined): string[] {
  if (!path) return [];
  try {
    return Object.keys(readMappingFile(readFileSync(path, 'utf8')).file?.topics ?? {});
  } catch {
    return [];
  }
}

// Avro specification, "Object Container Files".
const magic = Buffer.from('Obj\u0001', 'latin1');

/** Only its first octets are read: it may be long. */
function isContainer(path: string): boolean {
  const octets = Buffer.alloc(magic.length);
  try {
    const fd = openSync(path, 'r');
    readSync(fd, octets);
    closeSync(fd);
  } catch (error) {
    throw unreadable('--event', path, error);
  }
  return octets.equals(magic);
}

async function eventsOfContainer(preparation: Preparation, path: string): Promise<EventRecords[]> {
  const plan = preparation.topics[0]!;
  const events: EventRecords[] = [];
  try {
    const file = await openAvroFile(path);
    file.close();
    checkBinding(new TopicBindings(plan), file.writerSchema, preparation);
    await feedFromFile(preparation, path, Infinity, { take: (event) => events.push(event) });
  } catch (error) {
    if (!(error instanceof AvroContainerError)) throw error;
    throw new UsageError(`--event: ${error.message}; name an intact Avro container file`);
  }
  return events;
}

async function eventsOfJson(preparation: Preparation, path: string): Promise<EventRecords[]> {
  const plan = preparation.topics[0]!;
  const schema = await schemaOfJson(preparation, plan);
  const { AVRO_READER_SCHEMA_FILE: reader } = preparation.config;
  const isResolved = plan.section.readerSchema !== undefined || reader !== undefined;
  const { words, readerSchema } = plan;
  const bindings = new TopicBindings({
    words,
    readerSchema: isResolved ? readerSchema : undefined,
  });
  checkBinding(bindings, schema, preparation);
  const root = parseSchema(schema.json);
  const values = jsonValuesIn(readText('--event', path), `--event: ${path}`);
  const decoder = new EventDecoder(() => bindings);
  try {
    const datums = datumValues(root, values);
    return [
      ...decoder.eventsOf(
        deliveryOf(
          path,
          schema,
          datums.map((value, i) => encoded(root, value, i, schema)),
        ),
      ),
    ];
  } finally {
    decoder.close();
  }
}

/** An array at the root of the schema is one datum, of which each item is an event. */
function datumValues(root: AvroType, values: readonly unknown[]): readonly unknown[] {
  return root.kind === 'array' && !values.every(Array.isArray) ? [values] : values;
}

function encoded(root: AvroType, value: unknown, i: number, { name }: WriterSchema): Buffer {
  try {
    return datumFromJson(root, value);
  } catch (error) {
    if (!(error instanceof JsonDatumError)) throw error;
    throw new UsageError(`--event: item ${i} does not fit ${name}: ${error.message}`);
  }
}

function deliveryOf(path: string, schema: WriterSchema, datums: readonly Buffer[]): Delivery {
  const ends = new Int32Array(datums.length);
  const starts = new Int32Array(datums.length);
  let at = 0;
  datums.forEach(({ length }, i) => {
    starts[i] = at;
    at += length;
    ends[i] = at;
  });
  return {
    origin: { topic: path, partition: 0, generation: 0 },
    bytes: Buffer.concat(datums),
    count: datums.length,
    starts,
    ends,
    offsets: Float64Array.from({ length: datums.length }, (_, i) => i),
    nextOffset: datums.length,
    schemas: [schema],
    schemaOf: undefined,
    unreadable: undefined,
    metadata: undefined,
  };
}

async function schemaOfJson(preparation: Preparation, plan: TopicPlan): Promise<WriterSchema> {
  const { config, files } = preparation;
  const [only, ...more] = files.schemaFiles;
  const path = plan.section.schema ?? only;
  if (path !== undefined) {
    if (plan.section.schema === undefined && more.length > 0) {
      throw new UsageError(
        '--event: AVRO_SCHEMA_FILE has several schemas; name the one of the events alone',
      );
    }
    return { name: path, json: files.schemas[path] };
  }
  const registry = registryOf(config, files);
  if (!registry) return { name: 'schemas/flow-event.avsc', json: files.schemas[defaultSchemaFile] };
  const subjects = config.SCHEMA_SUBJECT ?? {};
  const subject =
    plan.section.subject ?? subjects[config.KAFKA_TOPICS?.[0] ?? '*'] ?? subjects['*'];
  if (subject === undefined) {
    throw new UsageError(
      '--event: the schema of the events is not known; set AVRO_SCHEMA_FILE or SCHEMA_SUBJECT',
    );
  }
  try {
    return await registry.latest(subject);
  } finally {
    registry.close();
  }
}

/** Throws ConfigError with all faults of the mapping. */
function checkBinding(
  bindings: TopicBindings,
  schema: WriterSchema,
  { config, topics }: Preparation,
): void {
  const { section } = topics[0]!;
  const topic = config.KAFKA_TOPICS?.[0] ?? '*';
  try {
    bindings.of(schema);
  } catch (error) {
    if (!(error instanceof UnmappableSchemaError)) throw error;
    if (error.faults.length === 0) {
      throw new ConfigError([{ where: schema.name, problem: error.message }]);
    }
    throw new ConfigError(
      error.faults.map(({ path, problem }) => ({
        where: settingAt(path, topic, section) ?? `${schema.name} ${path}`,
        problem,
      })),
    );
  }
}

function outcomeOf({ records, dropped, fault }: EventRecords): Outcome {
  if (fault !== undefined) return { fault };
  if (dropped !== undefined) return { dropped };
  return { records: records.map(({ values }) => jsonRecord(values)) };
}

const eventText = (event: EventRecords, i: number): string =>
  `${[`event ${i}`, ...recordLines(event)].join('\n')}\n`;

function expectedIn(path: string): Outcome[] {
  const where = `--expect: ${path}`;
  const values = jsonValuesIn(readText('--expect', path), where);
  const wrong = values.findIndex((value) => !isOutcome(value));
  if (wrong < 0) return values as Outcome[];
  throw new UsageError(
    `${where}: item ${wrong} is not an object with "records", "dropped" or "fault"; ` +
      'write one for each event, as --json shows them',
  );
}

function isOutcome(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const [[name, said] = ['', undefined], ...others] = Object.entries(value);
  if (others.length > 0) return false;
  if (name === 'records') {
    return Array.isArray(said) && said.every((one) => typeof one === 'object' && one !== null);
  }
  return (
    (name === 'dropped' && typeof said === 'string') ||
    (name === 'fault' && (typeof said === 'string' || said === true))
  );
}

/** Lines to read; none where all is as expected. */
function differencesOf(outcomes: readonly Outcome[], expected: readonly Outcome[]): string[] {
  const lines: string[] = [];
  const [there, wanted] = [outcomes.length, expected.length];
  if (there !== wanted) lines.push(`expected ${countOf(wanted, 'event')}, but there are ${there}`);
  outcomes.slice(0, wanted).forEach((outcome, i) => {
    const found = differences(outcome, expected[i]!);
    if (found.length > 0) lines.push(`event ${i}`, ...found.map((line) => `  ${line}`));
  });
  return lines;
}

const countOf = (count: number, what: string): string =>
  `${count} ${what}${count === 1 ? '' : 's'}`;

function* recordDifferences(
  is: Readonly<Record<string, unknown>>,
  expected: Readonly<Record<string, unknown>>,
): Iterable<string> {
  for (const name of new Set([...Object.keys(expected), ...Object.keys(is)])) {
    const [value, wanted] = [is[name], expected[name]];
    if (isDeepStrictEqual(plain(value), plain(wanted))) continue;
    if (wanted === undefined) yield `${name}: not expected, but is ${jsonText(value, indent)}`;
    else if (value === undefined)
      yield `${name}: expected ${jsonText(wanted, indent)}, but is missing`;
    else yield `${name}: expected ${jsonText(wanted, indent)}, but is ${jsonText(value, indent)}`;
  }
}

/** Without prototypes, which are no difference. */
const plain = (value: unknown): unknown =>
  value === undefined ? undefined : JSON.parse(jsonText(value));

function differences(is: Outcome, expected: Outcome): string[] {
  if (is.records === undefined || expected.records === undefined) {
    const isSame = is.fault !== undefined && expected.fault === true;
    if (isSame || isDeepStrictEqual(is, expected)) return [];
    return [`expected: ${outcomeText(expected)}`, `found:    ${outcomeText(is)}`];
  }
  const [records, wanted] = [is.records, expected.records];
  if (records.length !== wanted.length) {
    return [`expected ${countOf(wanted.length, 'record')}, but there are ${records.length}`];
  }
  return records.flatMap((record, i) =>
    Array.from(recordDifferences(record, wanted[i]!), (line) =>
      records.length > 1 ? `record ${i}: ${line}` : line,
    ),
  );
}

function outcomeText({ records, dropped, fault }: Outcome): string {
  if (records !== undefined) return `it becomes ${countOf(records.length, 'record')}`;
  if (dropped !== undefined) return `it is dropped: ${dropped}`;
  return fault === true ? 'it cannot be exported' : `it cannot be exported: ${fault}`;
}
