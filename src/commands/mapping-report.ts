// What `validate` shows of one topic: fields, Templates, what is ignored, and what is worth a warning.

import Table from 'cli-table3';
import { fixedOctets, variableLength } from '../ipfix/template.ts';
import { recordRoom } from '../pipeline/frames/frame.ts';
import type { MappedField } from '../pipeline/mapping/mapped-field.ts';
import type { Mapping } from '../pipeline/mapping/mapping.ts';
import { possibleShapes, Shapes } from '../pipeline/templates/shapes.ts';
import type { CollectorProfileName } from '../pipeline/mapping/collector-profile.ts';
import type { AvroType } from '../avro/schema.ts';
import { type ElementHint, elementHints } from '../pipeline/mapping/element-hints.ts';
import { lackingKinds } from './mapped-kinds.ts';
import { caveatsOf } from './collector-caveats.ts';
import { wrapped } from './wrapped.ts';

interface FieldRow {
  readonly path: string;
  readonly avro: string;
  readonly elements: readonly {
    name: string;
    type: string;
    id: string;
    octets: number | 'variable';
  }[];
  readonly unit: string;
  readonly null: string;
  readonly from: string;
  readonly painted: 'compiled' | 'by value';
}

interface TemplateRow {
  readonly id: number;
  readonly elements: number;
  readonly recordOctets: number;
  readonly variable: boolean;
  readonly recordsAMessage: number;
}

export interface TopicReport {
  readonly topic: string;
  readonly framing: string;
  readonly schema: string;
  readonly fields: readonly FieldRow[];
  readonly templates: readonly TemplateRow[];
  /** All layouts that events can make; undefined where they are too many to count. */
  readonly shapes: number | undefined;
  /** The fields by which an event has a second Data Record, the reverse one; undefined: it has one. */
  readonly secondRecordBy: readonly string[] | undefined;
  readonly rules: readonly string[];
  readonly ignored: readonly string[];
  /** Elements that ignored fields may be meant for. */
  readonly suggestions: readonly ElementHint[];
  readonly leftOut: readonly { path: string; problem: string }[];
  readonly warnings: readonly string[];
}

interface TopicFacts {
  readonly topic: string;
  readonly framing: string;
  readonly schema: string;
  readonly root: AvroType;
  readonly mapping: Mapping;
  /** Whether it is compiled, for each field of the mapping. */
  readonly compiled: readonly boolean[];
  readonly messageOctetsMax: number;
  readonly profile?: CollectorProfileName;
}

export function topicReport(facts: TopicFacts): TopicReport {
  const { topic, framing, schema, mapping, compiled, messageOctetsMax } = facts;
  const records = mapping.reverse ? [mapping.forward, mapping.reverse.fields] : [mapping.forward];
  const known = records.flatMap((fields) => new Shapes(fields).known);
  const templates = [...new Map(known.map(({ template }) => [template.id, template])).values()];
  const counts = records.map(possibleShapes);
  return {
    topic,
    framing,
    schema,
    fields: mapping.fields.map((field, i) => fieldRow(field, compiled[i] ?? false)),
    templates: templates.map(({ id, fields }) => {
      const recordOctets = fixedOctets(fields);
      return {
        id,
        elements: fields.length,
        recordOctets,
        variable: fields.some(({ length }) => length === variableLength),
        recordsAMessage: Math.floor(recordRoom(messageOctetsMax) / recordOctets),
      };
    }),
    shapes: counts.includes(undefined)
      ? undefined
      : counts.reduce<number>((sum, count) => sum + (count ?? 0), 0),
    secondRecordBy: mapping.reverse?.counters.map(({ path }) => path),
    rules: mapping.rules.map(({ reason }) => reason),
    ignored: mapping.ignored,
    suggestions: elementHints(facts.root, mapping),
    leftOut: mapping.leftOut,
    warnings: [
      ...mapping.warnings.map(({ path, problem }) => `${path}: ${problem}`),
      ...lackingKinds(mapping.fields),
      ...caveatsOf(records.flat(), facts.profile),
      ...zoneWarnings(mapping.fields),
    ],
  };
}

function fieldRow(field: MappedField, compiled: boolean): FieldRow {
  return {
    path: field.path,
    avro: field.avro,
    elements: field.elements.map(({ field: { element, length } }) => ({
      name: element.name,
      type: element.type,
      id:
        element.enterpriseNumber === 0
          ? `${element.id}`
          : `${element.enterpriseNumber}/${element.id}`,
      octets: length === variableLength ? ('variable' as const) : length,
    })),
    unit: field.unit,
    null: nullText(field),
    from: field.mappedBy,
    painted: compiled ? 'compiled' : 'by value',
  };
}

function nullText(field: MappedField): string {
  if (field.omitNull) return field.group === field.path ? 'omitted' : `omitted (${field.group})`;
  return field.nullValue === undefined ? '' : JSON.stringify(field.nullValue);
}

// A text without a zone is taken in the mapping's, or refused: either may be a surprise.
function zoneWarnings(fields: readonly MappedField[]): string[] {
  const texts = fields.filter(
    ({ avro, unit, elements }) =>
      avro.includes('string') &&
      !unit.startsWith('epoch') &&
      elements[0]!.field.element.type.startsWith('dateTime'),
  );
  return [...new Set(texts.map(({ zone }) => zone))].map((zone) => {
    const paths = new Set(texts.filter((text) => text.zone === zone).map(({ path }) => path));
    const what = zone === undefined ? 'refused' : `read as ${zone}`;
    return (
      `${[...paths].join(', ')}: a time in text without a zone is ${what}; ` +
      'set another with "zone" in MAPPING_FILE'
    );
  });
}

const titles: Readonly<Record<string, string>> = {
  file: 'Fields by MAPPING_FILE',
  attribute: 'Fields by the "ipfix" attribute',
  name: 'Fields by name',
};

/** The report as text of 80 columns. */
export function topicText(report: TopicReport): string {
  const { topic, framing, schema, fields, templates, shapes } = report;
  const origins = [...new Set(fields.map(({ from }) => from))];
  const lines = [`Topic ${topic}: ${framing}, ${schema}`];
  for (const from of origins) {
    lines.push('', titles[from] ?? `Fields by ${from}`);
    lines.push(fieldTable(fields.filter((field) => field.from === from)));
  }
  lines.push('', 'Null', ...nullLines(fields));
  lines.push('', 'Templates', templateTable(templates));
  const worst = shapes === undefined ? 'more than 8,192' : shapes.toLocaleString('en');
  lines.push('', `${worst} Templates are possible; ${templates.length} are sent at the start.`);
  lines.push(...paintedLines(fields));
  if (report.secondRecordBy) {
    const paths = report.secondRecordBy.join(', ');
    const text =
      `An event becomes two Data Records if one of ${paths} is neither null nor 0: ` +
      'the second one has source and destination swapped ("biflow")';
    lines.push(...wrapped(text));
  }
  if (report.rules.length > 0) lines.push(`Dropped by rules: ${report.rules.join(', ')}`);
  lines.push(...wrapped(`Ignored fields: ${report.ignored.join(', ') || 'none'}`));
  lines.push(...suggestionLines(report.suggestions));
  for (const { path, problem } of report.leftOut) {
    lines.push(...wrapped(`Left out: ${path}: ${problem}`));
  }
  for (const warning of report.warnings) lines.push(...wrapped(`warning: ${warning}`));
  return lines.join('\n');
}

function suggestionLines(suggestions: readonly ElementHint[]): string[] {
  const byPreset = Map.groupBy(suggestions, ({ preset }) => preset);
  return Array.from(byPreset).flatMap(([preset, hints]) => {
    const what =
      preset === undefined
        ? 'Ignored fields with names like elements'
        : `Ignored fields that preset "${preset}" maps`;
    const list = hints.map(({ path, element }) => `${path} (${element})`);
    return wrapped(`${what}: ${list.join(', ')}`);
  });
}

function paintedLines(fields: readonly FieldRow[]): string[] {
  const byValue = fields.filter(({ painted }) => painted === 'by value');
  if (byValue.length === 0) return ['Encoded by compiled code'];
  if (byValue.length === fields.length) return ['Encoded by the interpreter'];
  const paths = [...new Set(byValue.map(({ path }) => path))];
  return wrapped(`Encoded by compiled code, except (interpreted): ${paths.join(', ')}`);
}

const plain = {
  style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 0 },
  chars: frameless(),
};

/** The long names of the times' types would break the columns. */
const shortTypes: Readonly<Record<string, string>> = {
  dateTimeSeconds: 'dateTime s',
  dateTimeMilliseconds: 'dateTime ms',
  dateTimeMicroseconds: 'dateTime us',
  dateTimeNanoseconds: 'dateTime ns',
};
const shortType = (type: string): string => shortTypes[type] ?? type;

function fieldTable(fields: readonly FieldRow[]): string {
  const table = new Table({
    ...plain,
    head: ['path', 'Information Element', 'type', 'octets', 'unit'],
  });
  for (const { path, elements, unit } of fields) {
    table.push([
      path,
      elements.map(({ name }) => name).join('\n'),
      [...new Set(elements.map(({ type }) => shortType(type)))].join('\n'),
      [
        ...new Set(elements.map(({ octets }) => (octets === 'variable' ? 'var' : `${octets}`))),
      ].join('\n'),
      unit,
    ]);
  }
  return trimmed(table.toString());
}

function nullLines(fields: readonly FieldRow[]): string[] {
  const meanings = new Map<string, string[]>();
  for (const { path, null: meaning } of fields) {
    if (meaning === '') continue;
    meanings.set(meaning, [...(meanings.get(meaning) ?? []), path]);
  }
  if (meanings.size === 0) return ['no field can be null'];
  return Array.from(meanings).flatMap(([meaning, paths]) =>
    wrapped(`${meaning}: ${paths.join(', ')}`),
  );
}

function templateTable(templates: readonly TemplateRow[]): string {
  const table = new Table({
    ...plain,
    head: ['Template', 'elements', 'octets per record', 'records per Message'],
    colAligns: ['right', 'right', 'right', 'right'],
  });
  for (const { id, elements, recordOctets, variable, recordsAMessage } of templates) {
    table.push([
      id,
      elements,
      variable ? `from ${recordOctets}` : recordOctets,
      variable ? `up to ${recordsAMessage}` : recordsAMessage,
    ]);
  }
  return trimmed(table.toString());
}

const trimmed = (text: string): string => text.replace(/ +$/gm, '');

function frameless(): Record<string, string> {
  const edges = ['top', 'bottom', 'left', 'right', 'mid'].flatMap((edge) => [
    edge,
    ...(edge === 'mid'
      ? ['left-mid', 'right-mid', 'mid-mid']
      : [`${edge}-mid`, `${edge}-left`, `${edge}-right`]),
  ]);
  return { ...Object.fromEntries(edges.map((edge) => [edge, ''])), middle: '  ' };
}
