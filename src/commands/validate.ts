// The `validate` command: every fault of configuration, schema and mapping at once, or the Templates
// that will be sent. Connects to nothing.

import Table from 'cli-table3';
import type { Command } from 'commander';
import { type Config, processEnvironment } from '../config.ts';
import { endpointText } from '../endpoint.ts';
import { fixedOctets, variableLength } from '../ipfix/template.ts';
import { recordRoom } from '../pipeline/frame.ts';
import type { MappedField } from '../pipeline/mapping.ts';
import { type Route, routeTo, UnresolvedCollectorError } from '../pipeline/path-mtu.ts';
import { Shapes } from '../pipeline/shapes.ts';
import { type Preparation, prepare } from '../preparation.ts';
import { type Plan, planFor } from './plan.ts';

export function registerValidate(program: Command): void {
  program
    .command('validate')
    .description('check the configuration and show the Templates that will be sent')
    .addHelpText(
      'after',
      `
Reads the same environment as \`run\`. All faults are told at once; nothing is connected to.

Example:
  KAFKA_BROKERS=localhost:9092 KAFKA_TOPICS=flows KAFKA_GROUP_ID=kafka2ipfix \\
    COLLECTORS=ipfix://192.0.2.1:4739 kafka2ipfix validate

Exit codes: 0 valid, 78 faults.`,
    )
    .action(async () => {
      const preparation = prepare(processEnvironment());
      const { config, mapping } = preparation;
      const { route, warnings } = await routeOrGuess(config);
      const plan = planFor(config, mapping, route);
      const all = [...preparation.warnings, ...warnings];
      process.stdout.write(report({ ...preparation, warnings: all }, plan));
    });
}

// A configuration is often checked on another host than it is for.
async function routeOrGuess({ COLLECTORS: { host, port } }: Config) {
  try {
    return { route: await routeTo(host, port), warnings: [] };
  } catch (error) {
    if (!(error instanceof UnresolvedCollectorError)) throw error;
    const problem = `${host} does not resolve here; reckoned for IPv4 and an unknown MTU`;
    const route: Route = { address: 'not resolved', family: 4, interfaceMtu: undefined };
    return { route, warnings: [{ where: 'COLLECTORS', problem }] };
  }
}

function report({ config, mapping, warnings }: Preparation, plan: Plan): string {
  const first = plan.observationDomainId;
  const last = first + config.WORKERS - 1;
  const lines = [
    ...warnings.map(({ where, problem }) => `warning: ${where}: ${problem}`),
    'Fields',
    fieldTable(mapping.fields),
    '',
    'Templates',
    templateTable(new Shapes(mapping), plan.messageOctetsMax),
    '',
    `Collector            ${endpointText(config.COLLECTORS)} (${plan.route.address})`,
    `Path MTU             ${plan.pathMtu} octets: Messages of at most ${plan.messageOctetsMax}`,
    `Observation Domains  ${first === last ? first : `${first} to ${last}`}`,
    `Ignored fields       ${mapping.ignored.length === 0 ? 'none' : mapping.ignored.join(', ')}`,
    '',
    'The configuration is valid.',
  ];
  return `${lines.join('\n')}\n`;
}

const plain = {
  style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 0 },
  chars: frameless(),
};

function fieldTable(fields: readonly MappedField[]): string {
  const table = new Table({ ...plain, head: ['path', 'Information Element', 'octets', 'null'] });
  for (const field of fields) {
    const names = field.elements.map(({ field: { element } }) => element.name);
    const lengths = [...new Set(field.elements.map(({ field: { length } }) => octets(length)))];
    table.push([field.path, names.join('\n'), lengths.join(' or '), nullText(field)]);
  }
  return table.toString();
}

function nullText(field: MappedField): string {
  if (field.omitNull) return field.group === field.path ? 'omitted' : `omitted (${field.group})`;
  return field.nullValue === undefined ? '' : JSON.stringify(field.nullValue);
}

function templateTable(shapes: Shapes, messageOctetsMax: number): string {
  const table = new Table({
    ...plain,
    head: ['Template', 'elements', 'octets a record', 'records a Message'],
    colAligns: ['right', 'right', 'right', 'right'],
  });
  for (const { template } of shapes.known) {
    const least = fixedOctets(template.fields);
    const varies = template.fields.some(({ length }) => length === variableLength);
    const most = Math.floor(recordRoom(messageOctetsMax) / least);
    table.push([
      template.id,
      template.fields.length,
      varies ? `from ${least}` : least,
      varies ? `up to ${most}` : most,
    ]);
  }
  return table.toString();
}

const octets = (length: number): string =>
  length === variableLength ? 'variable' : String(length);

function frameless(): Record<string, string> {
  const edges = ['top', 'bottom', 'left', 'right', 'mid'].flatMap((edge) => [
    edge,
    ...(edge === 'mid'
      ? ['left-mid', 'right-mid', 'mid-mid']
      : [`${edge}-mid`, `${edge}-left`, `${edge}-right`]),
  ]);
  return { ...Object.fromEntries(edges.map((edge) => [edge, ''])), middle: '  ' };
}
