// The `map` command: a mapping file for a schema, with what is not sure as comments. It asks the schema
// registry or Kafka only if it is given neither a file nor a schema.

import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { AvroSchemaError, parseSchema } from '../avro/schema.ts';
import { ConfigError, type Environment, processEnvironment } from '../config/config.ts';
import { type Preparation, prepare } from '../config/preparation.ts';
import { exitCode } from '../exit-code.ts';
import { framingText } from '../framing.ts';
import { say } from '../log/log.ts';
import { type Proposal, proposalFor } from '../pipeline/mapping/proposal/proposal.ts';
import { proposalText } from '../pipeline/mapping/proposal/proposal-text.ts';
import { presetsNamed } from '../pipeline/mapping/presets/presets.ts';
import type { WriterSchema } from '../sources/delivery.ts';
import { openAvroFile } from '../sources/file/avro-file.ts';
import { registryOf } from '../stage/schema-sources.ts';
import { standardOutput } from './output.ts';
import { schemasInUse } from './schemas-in-use.ts';
import { readText } from './text-file.ts';
import { UsageError } from './usage-error.ts';

interface Options {
  readonly topic?: string;
  readonly subject?: string;
  readonly schema?: string;
  readonly input?: string;
  readonly output?: string;
}

export function registerMap(program: Command): void {
  program
    .command('map')
    .summary('propose a mapping file for a schema')
    .description(
      'Propose a mapping file for a schema: presets, names, types and "doc" are used. What is sure is ' +
        'an entry; what is not sure is a comment with the question that decides.',
    )
    .option(
      '--topic <name>',
      'the topic that the file is for; its schema is read unless one is given',
    )
    .option('--subject <name>', 'the newest schema of a subject in the schema registry')
    .option('--schema <file>', 'a schema file (.avsc)')
    .option('--input <file>', 'an Avro container file')
    .option('--output <file>', 'write a new file instead of standard output')
    .addHelpText(
      'after',
      `
Reads the same environment as \`run\` for --topic and --subject: KAFKA_BROKERS,
SCHEMA_REGISTRY_URL and their credentials. --schema and --input connect to nothing.

Examples:
  kafka2ipfix map --schema flow.avsc --topic flows --output mapping.yaml
  kafka2ipfix map --input flows.avro
  SCHEMA_REGISTRY_URL=http://localhost:8081 kafka2ipfix map --subject flows-value
  KAFKA_BROKERS=localhost:9092 SCHEMA_REGISTRY_URL=http://localhost:8081 \\
    kafka2ipfix map --topic flows

Then check the file:
  MAPPING_FILE=mapping.yaml AVRO_SCHEMA_FILE=flow.avsc kafka2ipfix validate --offline

Exit codes: 0 success, 65 no field is sure, 70 failed, 74 not everything was written, 78 usage or configuration error.`,
    )
    .action(async (options: Options) => {
      process.exitCode = await map(options);
    });
}

async function map(options: Options): Promise<number> {
  const { topic = '*', output } = options;
  const found = await schemaFor(options, processEnvironment());
  const proposal = proposalFor(parsed(found.schema));
  const head = [
    `Proposed by kafka2ipfix map for ${found.schema.name}. Read it, and compare it with real events:`,
    'kafka2ipfix validate, kafka2ipfix decode.',
  ];
  const framing = framingBeside(proposal, found.framing);
  const text = proposalText(proposal, { topic, head, framing });
  if (output === undefined) await standardOutput.write(text);
  else writeNew(output, text);
  const { mapped, suggestions, dropped, ignored } = proposal;
  const unsure = suggestions.length + dropped.size;
  say(
    `${found.schema.name}: ${mapped} fields mapped, ${unsure} not sure, ${ignored.length} ignored`,
  );
  if (mapped > 0) return 0;
  say('kafka2ipfix: no field is sure; answer the questions in the file, or add fields to it');
  return exitCode.badEvent;
}

interface Found {
  readonly schema: WriterSchema;
  /** Of the topic's messages, where it is known. */
  readonly framing?: string;
}

async function schemaFor(options: Options, env: Environment): Promise<Found> {
  const { topic, subject, schema, input } = options;
  const given = (['subject', 'schema', 'input'] as const).filter(
    (name) => options[name] !== undefined,
  );
  if (given.length > 1) {
    throw new UsageError(`--${given.join(' and --')}: both give the schema; remove one of them`);
  }
  if (schema !== undefined) return { schema: schemaOfFile('--schema', schema) };
  if (input !== undefined) return { schema: await schemaOfContainer(input) };
  if (subject !== undefined) return schemaOfSubject(subject, topic, env);
  if (topic !== undefined) return schemaOfTopic(topic, env);
  throw new UsageError('no schema; give --schema <file>, --input <file>, --subject or --topic');
}

function schemaOfFile(option: string, path: string): WriterSchema {
  const text = readText(option, path);
  try {
    return { name: path, json: JSON.parse(text) };
  } catch (error) {
    const { message } = error as Error;
    throw new UsageError(`${option}: ${path} is not JSON: ${message}; correct the file`);
  }
}

async function schemaOfContainer(path: string): Promise<WriterSchema> {
  try {
    const file = await openAvroFile(path);
    file.close();
    return file.writerSchema;
  } catch (error) {
    const { message } = error as Error;
    throw new UsageError(`--input: ${message}; name a readable Avro container file`);
  }
}

/** Asked of every configuration, and of no use here. */
const unused = { COLLECTORS: 'ipfix://127.0.0.1', KAFKA_GROUP_ID: 'none' };
/** What is said of events so far is not what is proposed. */
const leftOut = {
  ...{ MAPPING_FILE: undefined, MAPPING_PRESET: undefined, INPUT_FILE: undefined },
  ...{ AVRO_READER_SCHEMA_FILE: undefined, AVRO_SCHEMA_FILE: undefined },
};

async function schemaOfSubject(
  subject: string,
  topic: string | undefined,
  env: Environment,
): Promise<Found> {
  const brokers = { KAFKA_BROKERS: '127.0.0.1:1', KAFKA_TOPICS: topic ?? 'none' };
  const { config, files, topics } = prepare({ ...brokers, ...unused, ...env, ...leftOut });
  const registry = registryOf(config, files);
  if (!registry) throw new UsageError('--subject: needs SCHEMA_REGISTRY_URL; set it');
  try {
    return { schema: await registry.latest(subject), framing: framingText(topics[0]!.framing) };
  } catch (error) {
    throw new UsageError(`--subject: ${(error as Error).message}`);
  } finally {
    registry.close();
  }
}

async function schemaOfTopic(topic: string, env: Environment): Promise<Found> {
  const { AVRO_SCHEMA_FILE: file, SCHEMA_REGISTRY_URL: registry } = env;
  if (file && !registry) return { schema: schemaOfFile('AVRO_SCHEMA_FILE', file) };
  const preparation = prepare({ ...unused, ...env, ...leftOut, KAFKA_TOPICS: topic });
  const { framing } = preparation.topics[0]!;
  if (framing.form === 'bare' || framing.form === 'bare-many') {
    throw new UsageError(
      `--topic: the messages of ${topic} do not name their schema (AVRO_FRAMING is ${framingText(framing)}); ` +
        'set SCHEMA_REGISTRY_URL, or give --schema <file>',
    );
  }
  const schema = await newestOf(topic, preparation);
  return { schema, framing: framingText(framing) };
}

async function newestOf(topic: string, preparation: Preparation): Promise<WriterSchema> {
  const inUse = await schemasInUse(preparation, 'or give --schema <file>');
  const [first, ...others] = inUse.get(topic) ?? [];
  if (!first) {
    const problem = 'no schema was found: it has no messages; give --subject or --schema <file>';
    throw new ConfigError([{ where: topic, problem }], preparation.warnings);
  }
  if (others.length > 0) {
    const names = others.map(({ name }) => name).join(', ');
    say(`warning: ${topic}: its newest messages have other schemas too: ${names}`);
  }
  return first;
}

function parsed({ name, json }: WriterSchema) {
  try {
    return parseSchema(json);
  } catch (error) {
    if (!(error instanceof AvroSchemaError)) throw error;
    throw new UsageError(`${name} is not an Avro schema: ${error.message}; correct it`);
  }
}

/** A preset's framing gives way to the one that the topic is read by. */
function framingBeside({ section }: Proposal, framing: string | undefined): string | undefined {
  const { presets } = presetsNamed(section.preset ?? []);
  const ofPreset = presets.find(({ mapping }) => mapping.framing !== undefined)?.mapping.framing;
  return ofPreset === undefined || ofPreset === framing ? undefined : framing;
}

function writeNew(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const fix =
      code === 'EEXIST'
        ? 'it exists; remove it, or name another file'
        : 'name a file that can be written';
    throw new UsageError(`--output: ${code === 'EEXIST' ? path : message}: ${fix}`);
  }
}
