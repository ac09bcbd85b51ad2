// The `validate` command: every fault of configuration, schemas and mapping at once, or what will be
// sent. It asks the schema registry where it has to, and Kafka for a few messages: for their schema ids,
// and to see whether their values look as if they were read as they are meant.

import type { Command } from 'commander';
import { type Config, ConfigError, processEnvironment } from '../config/config.ts';
import type { Fault } from '../fault.ts';
import { collectorText } from '../endpoint.ts';
import { framingText } from '../framing.ts';
import { type Binding, bindingOf } from '../pipeline/mapping/bindings.ts';
import { compiledFields } from '../pipeline/painting/compiled/compiled-plan.ts';
import { UnmappableSchemaError } from '../pipeline/mapping/bindings.ts';
import { type Route, routeTo, UnresolvedCollectorError } from '../pipeline/sending/path-mtu.ts';
import { settingAt, type Preparation, prepare, type TopicPlan } from '../config/preparation.ts';
import type { WriterSchema } from '../sources/delivery.ts';
import { openAvroFile } from '../sources/file/avro-file.ts';
import { checkEvents } from './event-check.ts';
import { schemasInUse } from './schemas-in-use.ts';
import { topicReport, type TopicReport, topicText } from './mapping-report.ts';
import { standardOutput } from './output.ts';
import { checkedPlan, notResolved } from '../stage/checked-plan.ts';
import { type Plan, planFor } from '../stage/plan.ts';
import { type Sampled, sampledValues } from './samples.ts';
import { templateWarning } from './template-count.ts';
import { UsageError } from './usage-error.ts';
import { wrapped } from './wrapped.ts';

interface Options {
  readonly offline?: boolean;
  readonly json?: boolean;
  readonly event?: string;
  readonly topic?: string;
  readonly expect?: string;
}

export function registerValidate(program: Command): void {
  program
    .command('validate')
    .description('check the configuration and show what will be sent')
    .option('--offline', 'connect neither to the schema registry nor to Kafka, and bind no port')
    .option('--json', 'the same as JSON')
    .option('--event <file>', 'show what becomes of the events in a JSON or Avro container file')
    .option('--topic <name>', 'with --event: the topic whose section of MAPPING_FILE is used')
    .option('--expect <file>', 'with --event: compare with what --event --json has written')
    .addHelpText(
      'after',
      `
Reads the same environment as \`run\`. All faults are listed at once. If events
name their schema by an id, the newest schema of SCHEMA_SUBJECT is checked, or
those of the newest messages of each partition; --offline skips these.
The first events of INPUT_FILE, or the oldest and newest of each partition, are
read. They cause warnings if they look wrong: times outside 1990 to 2100, events
that cannot be exported, digits that may be hexadecimal, addresses in numbers. If
none of the events of a topic can be exported, this is a fault.

With --event, only the mapping and the schema are needed: a test for a mapping.
The events are in Avro's JSON encoding (one, an array, or one on each line).

Examples:
  KAFKA_BROKERS=localhost:9092 KAFKA_TOPICS=flows KAFKA_GROUP_ID=kafka2ipfix \\
    COLLECTORS=ipfix://192.0.2.1:4739 kafka2ipfix validate
  MAPPING_FILE=mapping.yaml kafka2ipfix validate --offline --json
  MAPPING_FILE=mapping.yaml AVRO_SCHEMA_FILE=flow.avsc \\
    kafka2ipfix validate --event events.json --expect records.json

Exit codes: 0 valid, 65 an event of --event cannot be exported or is not as expected, 78 faults.`,
    )
    .action(async (options: Options) => {
      const { event } = options;
      refuse(options, event === undefined ? ['topic', 'expect'] : ['offline']);
      if (event !== undefined) {
        process.exitCode = await checkEvents({ ...options, event }, processEnvironment());
        return;
      }
      await standardOutput.write(await validate(options));
    });
}

/** An option without effect is a misunderstanding. */
function refuse(options: Options, names: readonly (keyof Options)[]): void {
  const name = names.find((one) => options[one] !== undefined);
  if (name === undefined) return;
  throw new UsageError(
    name === 'offline'
      ? '--offline: it has no effect with --event; remove it'
      : `--${name}: it needs --event; add it, or remove --${name}`,
  );
}

async function validate({ offline = false, json = false }: Options): Promise<string> {
  const preparation = prepare(processEnvironment());
  const { config, topics } = preparation;
  const inUse =
    config.INPUT_FILE !== undefined
      ? await schemaOfFile(preparation, config.INPUT_FILE)
      : offline
        ? new Map<string, WriterSchema[]>()
        : await schemasInUse(preparation);
  const found = topics.flatMap((plan) => bindingsFor(plan, inUse.get(plan.topic) ?? []));
  const { route, warnings } = await routeOrGuess(config);
  const bound = found.flatMap((one) => (one.binding ? [{ ...one, binding: one.binding }] : []));
  const plan = await planOrFaults(
    preparation,
    found.flatMap((one) => one.faults),
    () => {
      const mappings = bound.map(({ binding }) => binding.mapping);
      // Another host may have the address.
      return offline ? planFor(config, mappings, route) : checkedPlan(config, mappings, route);
    },
  );
  const reports = bound.map(({ plan: { topic, framing }, schema, binding }) =>
    topicReport({
      profile: preparation.config.COLLECTOR_PROFILE,
      topic,
      framing: framingText(framing),
      schema: schema.name,
      root: binding.root,
      mapping: binding.mapping,
      compiled: config.COMPILED_PAINTER ? compiledFields(binding) : [],
      messageOctetsMax: plan.messageOctetsMax,
    }),
  );
  const fieldsOf = (name: string) =>
    bound.flatMap(({ plan: { topic }, binding }) => (topic === name ? binding.mapping.fields : []));
  const sampled = await sampledValues(preparation, { offline, fieldsOf });
  const unusable = sampled.flatMap(({ topic, faults }) =>
    faults.map((problem) => ({ where: topic, problem })),
  );
  const all = [
    ...preparation.warnings,
    ...warnings,
    ...unchecked(topics, reports, offline),
    ...templateWarnings(config, bound, sampled),
    ...sampled.flatMap(({ topic, warnings: found }) =>
      found.map((problem) => ({ where: topic, problem })),
    ),
  ];
  if (unusable.length > 0) throw new ConfigError(unusable, all);
  return json
    ? `${JSON.stringify({ ...asJson(preparation, plan, reports, all), sampled }, undefined, 2)}\n`
    : asText(preparation, { plan, reports, sampled, warnings: all });
}

/** The process that runs with these settings now, or another host, may have the address and the port. */
function withWayAround(fault: Fault): Fault {
  const { where, problem } = fault;
  // The IP versions do not fit anywhere.
  if (!where.startsWith('SOURCE_') || problem.includes('the collector has only')) return fault;
  return { where, problem: `${problem}; --offline skips this check` };
}

/** Throws ConfigError with the faults that are known and those of the plan. */
async function planOrFaults(
  { warnings }: Preparation,
  known: readonly Fault[],
  plan: () => Plan | Promise<Plan>,
): Promise<Plan> {
  const faults = [...known];
  try {
    const made = await plan();
    if (faults.length === 0) return made;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    faults.push(...error.faults.map(withWayAround));
  }
  throw new ConfigError(faults, warnings);
}

/** A container file has its schema in it. */
async function schemaOfFile(
  { topics, warnings }: Preparation,
  path: string,
): Promise<Map<string, WriterSchema[]>> {
  // What comes on standard input can be read only once.
  if (path === '-') return new Map();
  try {
    const file = await openAvroFile(path);
    file.close();
    return new Map(topics.map(({ topic }) => [topic, [file.writerSchema]]));
  } catch (error) {
    const problem = `${(error as Error).message}; name a readable Avro container file`;
    throw new ConfigError([{ where: 'INPUT_FILE', problem }], warnings);
  }
}

interface Found {
  readonly plan: TopicPlan;
  readonly schema: WriterSchema;
  readonly binding: Binding | undefined;
  readonly faults: readonly Fault[];
}

function bindingsFor(plan: TopicPlan, inUse: readonly WriterSchema[]): Found[] {
  const { known, readerSchema, schema, words } = plan;
  const own = readerSchema ?? schema;
  if (known && own) return [{ plan, schema: own, binding: known, faults: [] }];
  return inUse.map((used) => {
    try {
      return { plan, schema: used, binding: bindingOf(used, words), faults: [] };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const faults =
        error instanceof UnmappableSchemaError && error.faults.length > 0
          ? error.faults.map(({ path, problem }) => ({
              where:
                settingAt(path, plan.topic, plan.section) ?? `${plan.topic} (${used.name}) ${path}`,
              problem,
            }))
          : [{ where: `${plan.topic} (${used.name})`, problem: error.message }];
      return { plan, schema: used, binding: undefined, faults };
    }
  });
}

function templateWarnings(
  { MAX_TEMPLATES: templatesMax }: Config,
  bound: readonly { plan: TopicPlan; binding: Binding }[],
  sampled: readonly Sampled[],
): Fault[] {
  const mappings = bound.map(({ plan: { topic }, binding: { mapping } }) => ({ topic, mapping }));
  const sum = (of: (one: Sampled) => number) => sampled.reduce((all, one) => all + of(one), 0);
  const seen = {
    events: sum(({ events, bad }) => events - bad),
    templates: sum(({ templates }) => templates),
  };
  const warning = templateWarning({ mappings, templatesMax, sampled: seen });
  return warning ? [warning] : [];
}

function unchecked(
  topics: readonly TopicPlan[],
  reports: readonly TopicReport[],
  offline: boolean,
): Fault[] {
  return topics
    .filter(({ topic }) => !reports.some((report) => report.topic === topic))
    .map(({ topic }) => ({
      where: topic,
      problem: offline
        ? 'its schemas are in the registry; not checked because of --offline'
        : 'no schema of it was found: it has no messages; set SCHEMA_SUBJECT to check it',
    }));
}

// A configuration is often checked on another host than it is for.
async function routeOrGuess({ COLLECTORS: collector }: Config) {
  if ('file' in collector) return { route: undefined, warnings: [] };
  const { host, port } = collector;
  try {
    return { route: await routeTo(host, port), warnings: [] };
  } catch (error) {
    if (!(error instanceof UnresolvedCollectorError)) throw error;
    const reason = error.message.replace('COLLECTORS: ', '');
    const family = host.includes(':') ? 6 : 4;
    const problem = `${reason}; assuming IPv${family} and an unknown MTU`;
    const route: Route = { address: notResolved, family, interfaceMtu: undefined };
    return { route, warnings: [{ where: 'COLLECTORS', problem }] };
  }
}

const domainsOf = ({ config }: Preparation, { observationDomainId: first }: Plan) =>
  [first, first + config.WORKERS - 1] as const;

function asJson(
  preparation: Preparation,
  plan: Plan,
  topics: readonly TopicReport[],
  warnings: readonly Fault[],
) {
  return {
    valid: true,
    collector: collectorText(preparation.config.COLLECTORS),
    address: plan.route?.address,
    addresses: plan.addresses,
    pathMtu: plan.pathMtu,
    messageOctetsMax: plan.messageOctetsMax,
    observationDomains: domainsOf(preparation, plan),
    maxTemplates: preparation.config.MAX_TEMPLATES,
    topics,
    warnings,
  };
}

function wayText(
  { COLLECTORS }: Config,
  { route, addresses, pathMtu, messageOctetsMax }: Plan,
): string[] {
  const collector = collectorText(COLLECTORS);
  return route
    ? [
        `Collector            ${collector} (${addresses.join(', then ')})`,
        `Path MTU             ${pathMtu} octets: Messages of at most ${messageOctetsMax}`,
      ]
    : [`Files                ${collector}: Messages of at most ${messageOctetsMax} octets`];
}

function sampledText({ topic, events, bad, problem }: Sampled): string[] {
  const counts = `${events} ${events === 1 ? 'event' : 'events'} of ${topic}${bad === 0 ? '' : `, ${bad} of them bad`}`;
  const said = events === 0 ? `none of ${topic}` : counts;
  return wrapped(`Sampled values       ${said}${problem === undefined ? '' : `: ${problem}`}`);
}

interface Shown {
  readonly plan: Plan;
  readonly reports: readonly TopicReport[];
  readonly sampled: readonly Sampled[];
  readonly warnings: readonly Fault[];
}

function asText(preparation: Preparation, { plan, reports, sampled, warnings }: Shown): string {
  const { config } = preparation;
  const [first, last] = domainsOf(preparation, plan);
  const lines = [
    ...warnings.map(({ where, problem }) => `warning: ${where}: ${problem}`),
    ...reports.map((report) => `${topicText(report)}\n`),
    ...wayText(config, plan),
    `Observation Domains  ${first === last ? first : `${first} to ${last}`}`,
    `Active Templates     at most ${config.MAX_TEMPLATES}`,
    ...sampled.flatMap(sampledText),
    '',
    'The configuration is valid.',
  ];
  return `${lines.join('\n')}\n`;
}
