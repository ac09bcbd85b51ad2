// Everything that can be known before anything is connected to: the configuration, the schemas, the
// mapping of each topic and the Templates that come of them. All faults of all of them at once.

import { accessSync, constants, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { checkDefaults } from '../avro/default-value.ts';
import { AvroSchemaError, parseSchema } from '../avro/schema.ts';
import {
  type Config,
  ConfigError,
  defaultFraming,
  type Environment,
  readConfig,
} from './config.ts';
import { suggestion } from '../did-you-mean.ts';
import type { Fault } from '../fault.ts';
import { type KafkaPems, readKafkaPems } from './kafka-tls.ts';
import { TopicBindings } from '../pipeline/mapping/bindings.ts';
import type { Binding } from '../pipeline/mapping/bindings.ts';
import { collectorProfile } from '../pipeline/mapping/collector-profile.ts';
import { type Mapping, mappingOf, type TopicWords } from '../pipeline/mapping/mapping.ts';
import {
  type MappingFile,
  otherTopics,
  readMappingFile,
  sectionFor,
} from '../pipeline/mapping/mapping-file.ts';
import type { TopicMapping } from '../pipeline/mapping/mapping-spec.ts';
import { presetsNamed } from '../pipeline/mapping/presets/presets.ts';
import type { SettingValues } from './settings.ts';
import type { WriterSchema } from '../sources/delivery.ts';
import { type Framing, framingFromText } from '../framing.ts';

/** What was read from files: a Worker's thread receives it, so that all have read the same. */
export interface FilesRead {
  readonly mapping: MappingFile | undefined;
  /** The parsed JSON of each Avro schema, by path. */
  readonly schemas: Readonly<Record<string, unknown>>;
  /** Those of AVRO_SCHEMA_FILE, folders opened. */
  readonly schemaFiles: readonly string[];
  /** PEM texts for the schema registry. */
  readonly registryTls: Readonly<Record<'ca' | 'cert' | 'key', string | undefined>>;
  /** PEM texts for the brokers. */
  readonly kafkaTls: KafkaPems;
}

/** One topic, with all that is known of its events. */
export interface TopicPlan {
  readonly topic: string;
  readonly section: TopicMapping;
  readonly words: TopicWords;
  readonly framing: Framing;
  /** The writer schema of bare datums. */
  readonly schema: WriterSchema | undefined;
  readonly readerSchema: WriterSchema | undefined;
  /** What the mapping comes to, where a schema is known before any event. */
  readonly known: Binding | undefined;
}

export interface Preparation {
  readonly config: Config;
  readonly warnings: readonly Fault[];
  readonly files: FilesRead;
  readonly topics: readonly TopicPlan[];
}

/** The contract this project ships; from src/ and from dist/ alike. */
export const defaultSchemaFile = join(
  import.meta.dirname,
  '..',
  '..',
  'schemas',
  'flow-event.avsc',
);
const defaultSchemaName = 'schemas/flow-event.avsc';

/** Throws ConfigError with all faults. Opens files, connects to nothing. */
export function prepare(env: Environment): Preparation {
  const { config, partial, faults, warnings } = readConfig(env);
  const reading = new Reading(partial);
  const files = reading.files();
  reading.sections(files);
  const topics = planTopics(partial, files, reading);
  reading.input();
  reading.output();
  const all = [...faults, ...reading.faults];
  if (!config || all.length > 0) throw new ConfigError(all, warnings);
  return { config, warnings, files, topics };
}

/** The topics' plans again, from what was read before: for a Worker's thread. */
export function topicsOf(config: Config, files: FilesRead): readonly TopicPlan[] {
  return planTopics(config, files, new Reading(config));
}

/** A file is read as one topic. Without any topic the mapping's faults are looked for no less. */
function topicsIn(config: Partial<SettingValues>, { mapping }: FilesRead): readonly string[] {
  if (config.INPUT_FILE !== undefined) return [config.INPUT_FILE];
  const sections = Object.keys(mapping?.topics ?? {});
  return config.KAFKA_TOPICS ?? (sections.length === 0 ? ['*'] : sections);
}

const fixes: Readonly<Record<string, string>> = {
  ENOENT: 'create it',
  ENOTDIR: 'name a file in a folder',
  EROFS: 'it is mounted read-only',
};

class Reading {
  readonly faults: Fault[] = [];
  readonly #config: Partial<SettingValues>;
  readonly #schemas = new Map<string, unknown>();

  constructor(config: Partial<SettingValues>) {
    this.#config = config;
  }

  fault(where: string, problem: string): void {
    this.faults.push({ where, problem });
  }

  files(): FilesRead {
    const { MAPPING_FILE, AVRO_SCHEMA_FILE = [], AVRO_READER_SCHEMA_FILE: reader } = this.#config;
    const mapping = MAPPING_FILE === undefined ? undefined : this.#mapping(MAPPING_FILE);
    const schemaFiles = AVRO_SCHEMA_FILE.flatMap((path) => this.#schemaFiles(path));
    for (const path of schemaFiles) this.#schema(path, `AVRO_SCHEMA_FILE (${path})`);
    if (reader !== undefined) this.#schema(reader, `AVRO_READER_SCHEMA_FILE (${reader})`);
    for (const [topic, { schema, readerSchema }] of Object.entries(mapping?.topics ?? {})) {
      const where = `MAPPING_FILE topics.${topic}`;
      if (schema !== undefined) this.#schema(schema, `${where}.schema (${schema})`);
      if (readerSchema !== undefined) {
        this.#schema(readerSchema, `${where}.readerSchema (${readerSchema})`);
      }
    }
    const needsDefault = schemaFiles.length === 0 && this.#config.SCHEMA_REGISTRY_URL === undefined;
    if (needsDefault) this.#schema(defaultSchemaFile, defaultSchemaName);
    const registryTls = {
      ca: this.#pem('SCHEMA_REGISTRY_TLS_CA_FILE'),
      cert: this.#pem('SCHEMA_REGISTRY_TLS_CERT_FILE'),
      key: this.#pem('SCHEMA_REGISTRY_TLS_KEY_FILE'),
    };
    const { pems: kafkaTls, faults } = readKafkaPems(this.#config);
    this.faults.push(...faults);
    const schemas = Object.fromEntries(this.#schemas);
    return { mapping, schemas, schemaFiles, registryTls, kafkaTls };
  }

  /** A section for a topic that is not read is a misspelt one as a rule. */
  sections({ mapping }: FilesRead): void {
    const { KAFKA_TOPICS: topics, INPUT_FILE: input } = this.#config;
    // A file is mapped by one section, and often with the mapping of a stage that reads several topics.
    if (topics === undefined || input !== undefined) return;
    for (const section of Object.keys(mapping?.topics ?? {})) {
      if (section === otherTopics || topics.includes(section)) continue;
      const fix = suggestion(section, topics, 'add it there, or remove the section');
      this.fault(
        `MAPPING_FILE topics.${section}`,
        `is not one of KAFKA_TOPICS (${topics.join(', ')}); ${fix}`,
      );
    }
  }

  /** That INPUT_FILE can be read. It is not opened: whoever writes into a pipe would notice. */
  input(): void {
    const { INPUT_FILE: path } = this.#config;
    if (path === undefined || path === '-') return;
    const fix = 'name a readable Avro container file';
    try {
      if (statSync(path).isDirectory()) {
        this.fault('INPUT_FILE', `${path} is a folder; name a file in it`);
        return;
      }
      accessSync(path, constants.R_OK);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      this.fault('INPUT_FILE', `${path} cannot be read (${code}); ${fix}`);
    }
  }

  /** That the folder of COLLECTORS=file:path is there and can be written to. */
  output(): void {
    const { COLLECTORS } = this.#config;
    if (!COLLECTORS || !('file' in COLLECTORS)) return;
    const { file } = COLLECTORS;
    const folder = dirname(file);
    try {
      if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) {
        this.fault('COLLECTORS', `${file} is a folder; name a file in it, as ${file}/flows.ipfix`);
        return;
      }
      accessSync(`${folder}/.`, constants.W_OK | constants.X_OK);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const fix = fixes[code ?? ''] ?? 'grant this user write access';
      this.fault('COLLECTORS', `the folder ${folder} cannot be written to (${code}); ${fix}`);
    }
  }

  #pem(where: 'SCHEMA_REGISTRY_TLS_CA_FILE' | `SCHEMA_REGISTRY_TLS_${'CERT' | 'KEY'}_FILE`) {
    const path = this.#config[where];
    return path === undefined ? undefined : this.#text(path, `${where} (${path})`);
  }

  #text(path: string, where: string): string | undefined {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      this.fault(where, `cannot be read (${code}); name a readable file`);
      return undefined;
    }
  }

  #mapping(path: string): MappingFile | undefined {
    const text = this.#text(path, `MAPPING_FILE (${path})`);
    if (text === undefined) return undefined;
    const { file, faults } = readMappingFile(text);
    for (const fault of faults) this.fault(`MAPPING_FILE ${fault.path}`, fault.problem);
    return file && withPathsFrom(dirname(path), file);
  }

  /** A folder stands for all schemas in it. */
  #schemaFiles(path: string): string[] {
    try {
      if (!statSync(path).isDirectory()) return [path];
    } catch {
      // Said by whoever reads it.
      return [path];
    }
    const files = readdirSync(path).filter((name) => name.endsWith('.avsc'));
    if (files.length === 0) this.fault('AVRO_SCHEMA_FILE', `${path} contains no .avsc file`);
    return files.sort().map((name) => join(path, name));
  }

  #schema(path: string, where: string): void {
    if (this.#schemas.has(path)) return;
    const text = this.#text(path, where);
    if (text === undefined) return;
    const json = parsedSchema(text);
    if ('problem' in json) this.fault(where, json.problem);
    else this.#schemas.set(path, json.schema);
  }
}

/** Schema files are named from the folder of the mapping file, wherever the process was started. */
function withPathsFrom(folder: string, { topics }: MappingFile): MappingFile {
  const from = (path: string) => (isAbsolute(path) ? path : join(folder, path));
  const sections = Object.entries(topics).map(([topic, section]) => {
    const { schema, readerSchema } = section;
    const paths = {
      ...(schema !== undefined && { schema: from(schema) }),
      ...(readerSchema !== undefined && { readerSchema: from(readerSchema) }),
    };
    return [topic, { ...section, ...paths }] as const;
  });
  return { topics: Object.fromEntries(sections) };
}

function parsedSchema(text: string): { schema: unknown } | { problem: string } {
  let schema: unknown;
  try {
    schema = JSON.parse(text);
  } catch (error) {
    return { problem: `is not JSON: ${(error as Error).message}; correct the file` };
  }
  try {
    parseSchema(schema);
  } catch (error) {
    if (!(error instanceof AvroSchemaError)) throw error;
    return { problem: `is not an Avro schema: ${error.message}; correct the file` };
  }
  return { schema };
}

function planTopics(
  config: Partial<SettingValues>,
  files: FilesRead,
  reading: Reading,
): TopicPlan[] {
  return topicsIn(config, files).map((topic) => {
    const section = sectionFor(files.mapping, sectionName(topic, config));
    const names = section.preset ?? config.MAPPING_PRESET ?? [];
    const { presets, faults } = presetsNamed(names);
    const saidBy = section.preset ? `MAPPING_FILE topics.${topic}.preset` : 'MAPPING_PRESET';
    for (const problem of faults) reading.fault(saidBy, problem);
    const profile = collectorProfile(config.COLLECTOR_PROFILE ?? 'generic');
    const words = { section, presets, profile };
    const framing = framingOf(topic, words, config, reading);
    const schema = bareSchema(section, files, framing);
    const readerSchema = named(readerFile(section, files, config), files);
    if (readerSchema) checkReader(readerSchema, reading);
    const known = knownBinding(topic, readerSchema ?? schema, words, reading);
    return { topic, section, words, framing, schema, readerSchema, known };
  });
}

/** A file is mapped as the one topic that is named beside it, if one is. */
function sectionName(topic: string, config: Partial<SettingValues>): string {
  const { INPUT_FILE, KAFKA_TOPICS: [only, ...more] = [] } = config;
  return INPUT_FILE !== undefined && only !== undefined && more.length === 0 ? only : topic;
}

const ocf: Framing = { form: 'ocf', base64: false };

function framingOf(
  topic: string,
  { section, presets }: TopicWords,
  config: Partial<SettingValues>,
  reading: Reading,
): Framing {
  if (config.INPUT_FILE !== undefined) return ocf;
  const preset = presets.find(({ mapping }) => mapping.framing !== undefined)?.mapping.framing;
  const said = section.framing ?? config.AVRO_FRAMING ?? preset;
  const framing =
    typeof said === 'string' ? framingFromText(said) : (said ?? defaultFraming(config));
  const where = section.framing ? `MAPPING_FILE topics.${topic}.framing` : 'AVRO_FRAMING';
  if (!framing) {
    reading.fault(
      where,
      said === undefined
        ? `must be named for ${topic}: with both a registry and schema files, a message that ` +
            'begins with 0x00 may be a frame or a bare datum'
        : `${JSON.stringify(said)} is not a framing; see docs/settings.md`,
    );
    return { form: 'bare', base64: false };
  }
  const needsRegistry = framing.form === 'confluent' || framing.form === 'apicurio8';
  if (needsRegistry && config.SCHEMA_REGISTRY_URL === undefined) {
    reading.fault(where, `${framing.form} needs SCHEMA_REGISTRY_URL (topic ${topic}); set it`);
  }
  if (framing.form === 'single-object' && config.AVRO_SCHEMA_FILE === undefined) {
    reading.fault(where, `single-object needs AVRO_SCHEMA_FILE (topic ${topic}); name the schemas`);
  }
  return framing;
}

function bareSchema(
  section: TopicMapping,
  files: FilesRead,
  { form }: Framing,
): WriterSchema | undefined {
  if (form !== 'bare' && form !== 'bare-many') return undefined;
  if (section.schema !== undefined) return named(section.schema, files);
  const [only, ...more] = files.schemaFiles;
  if (more.length > 0) return undefined;
  if (only !== undefined) return named(only, files, `AVRO_SCHEMA_FILE (${only})`);
  const json = files.schemas[defaultSchemaFile];
  return json === undefined ? undefined : { name: defaultSchemaName, json };
}

function readerFile(
  { readerSchema }: TopicMapping,
  { schemaFiles }: FilesRead,
  { AVRO_READER_SCHEMA_FILE: reader, INPUT_FILE: input }: Partial<SettingValues>,
): string | undefined {
  // A file brings its writer's schema: the one that is named then says what to make of it.
  return readerSchema ?? reader ?? (input === undefined ? undefined : schemaFiles[0]);
}

function named(path: string | undefined, files: FilesRead, name = path): WriterSchema | undefined {
  const json = path === undefined ? undefined : files.schemas[path];
  return name === undefined || json === undefined ? undefined : { name, json };
}

/** Its defaults stand for what writers lack: they have to be values. */
function checkReader({ name, json }: WriterSchema, reading: Reading): void {
  try {
    checkDefaults(parseSchema(json));
  } catch (error) {
    if (!(error instanceof AvroSchemaError)) throw error;
    reading.fault(name, error.message);
  }
}

function knownBinding(
  topic: string,
  schema: WriterSchema | undefined,
  words: TopicWords,
  reading: Reading,
): Binding | undefined {
  if (!schema) return undefined;
  const root = parseSchema(schema.json);
  const mapping = mappingOf(root, words);
  for (const { path, problem } of mapping.faults) {
    // What is left of a broken mapping may be too little; that is not what is wrong with it.
    if (path === '(schema)' && reading.faults.length > 0) continue;
    const where = settingAt(path, topic, words.section) ?? `${schema.name} ${path}`;
    reading.fault(where, problem);
  }
  return { json: schema.json, root, mapping };
}

/** Where in MAPPING_FILE a fault lies; undefined where the schema itself says what is at fault. */
export function settingAt(path: string, topic: string, section: TopicMapping): string | undefined {
  const isListed = section.fields?.[path] !== undefined;
  if (isListed) return `MAPPING_FILE topics.${topic}.fields.${path}`;
  return /^(?:skip\.|keep\.|events$)/.test(path)
    ? `MAPPING_FILE topics.${topic}.${path}`
    : undefined;
}

/** The mappings that are known before any event. */
export const mappingsOf = (topics: readonly TopicPlan[]): Mapping[] =>
  topics.flatMap(({ known }) => (known ? [known.mapping] : []));

/** The bindings of each topic, by its name. */
export function bindingsOf(topics: readonly TopicPlan[]): (topic: string) => TopicBindings {
  const byTopic = new Map(topics.map((plan) => [plan.topic, new TopicBindings(plan)]));
  return (topic) => {
    const found = byTopic.get(topic);
    if (!found) throw new Error(`${topic} is not among the topics that were prepared`);
    return found;
  };
}
