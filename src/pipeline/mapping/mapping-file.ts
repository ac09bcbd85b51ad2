// MAPPING_FILE and "ipfix" attributes: read, and checked as far as that goes without an Avro schema.
// schemas/mapping.schema.json, for editors, is generated from here.

import { createRequire } from 'node:module';
import { z } from 'zod';
import { suggestion } from '../../did-you-mean.ts';
import { abstractTypes } from '../../ipfix/information-element.ts';
import { framingForms, framingFromText } from '../../framing.ts';
import { isSource, unknownSource } from './event-source.ts';
import { MappingError, type MappingFault } from './mapping-error.ts';
import {
  byteOrders,
  type FieldSpec,
  numberBases,
  timeUnits,
  type TopicMapping,
} from './mapping-spec.ts';
import { presetNames } from './presets/presets.ts';
import { zoneFault } from './conversion/time-from-text.ts';

export interface MappingFile {
  readonly topics: Readonly<Record<string, TopicMapping>>;
}

/** Applies to every topic that has no section of its own. */
export const otherTopics = '*';

const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const oneOrMore = <T extends z.ZodType>(item: T) => z.union([item, z.array(item)]);
// RFC 5610 §4: no NUL in a name that is sent; and it has to fit into the least Message.
const elementName = z
  .string()
  .regex(/^[^\0]{1,100}$/u, 'is not a name: 1 to 100 characters, none of them NUL');

const zone = z.string().superRefine((name, context) => {
  const problem = zoneFault(name);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

const elementSpec = z
  .strictObject({
    element: z.string().describe("IANA's name, a pair's, reverse…, or PEN/id; drop: not exported"),
    type: z.enum(abstractTypes).optional().describe('for PEN/id: the abstract type'),
    name: elementName.optional().describe('for PEN/id: a human-readable name'),
    length: z.int().min(1).max(65_534).optional().describe('octets: reduced size, or fixed length'),
    unit: z
      .enum([...timeUnits, 'bits'])
      .optional()
      .describe('what the number counts, also a number in text'),
    base: z.literal(numberBases).optional().describe('the base of whole numbers in text'),
    unsigned: z.literal(true).optional().describe('an int or long without a sign'),
    byteOrder: z.enum(byteOrders).optional().describe('of an IPv4 address in an int or long'),
    format: z
      .enum(['iso8601', 'datetime', 'epoch'])
      .optional()
      .describe('the form of a time in text'),
    zone: zone.optional().describe('for times without a zone of their own'),
    as: z.enum(['text', 'octets', 'json']).optional().describe('how a key or header is read'),
    value: value.optional().describe('for $constant'),
    null: value.optional().describe('what null becomes: omit, unknown, or a value'),
    nullValues: oneOrMore(value).optional().describe('values that mean null'),
    group: z.string().optional().describe('fields that are null together'),
    times: z.int().min(1).optional().describe('the value × times + the value of plus'),
    plus: z.string().optional().describe('the field to add; for times, a duration'),
    plusUnit: z.enum(timeUnits).optional().describe('what the duration counts'),
    fallback: oneOrMore(z.string()).optional().describe('fields that stand in for null'),
    symbols: z.record(z.string(), value).optional().describe('what texts and symbols stand for'),
    of: z.string().optional().describe('for basicList: the element of its items'),
    semantic: z
      .enum(['noneOf', 'exactlyOneOf', 'oneOrMoreOf', 'allOf', 'ordered', 'undefined'])
      .optional(),
    optional: z.boolean().optional().describe('the schema may lack the field'),
  })
  .superRefine((spec, context) => {
    const fault = (message: string) => context.addIssue({ code: 'custom', message });
    if (spec.times !== undefined && spec.plus === undefined) fault('"times" needs "plus"; name it');
    if (spec.plusUnit !== undefined && spec.plus === undefined) fault('"plusUnit" needs "plus"');
    const isList = spec.element === 'basicList';
    if (isList !== (spec.of !== undefined)) {
      fault(isList ? 'basicList needs "of", the element of its items' : '"of" is for basicList');
    }
  });

const fieldSpec = z.union([
  z.string(),
  elementSpec,
  z.array(z.union([z.string(), elementSpec])).min(1),
]);

const rule = z.strictObject({
  reason: z.string().min(1).describe('the name the dropped events are counted under'),
  field: z.string(),
  is: oneOrMore(value),
  optional: z.boolean().optional(),
});

const topicMapping = z.strictObject({
  preset: oneOrMore(z.enum(presetNames as [string, ...string[]])).optional(),
  framing: z.string().optional().describe('as in AVRO_FRAMING'),
  schema: z.string().optional().describe('file of the writer schema of bare datums'),
  readerSchema: z.string().optional().describe('file of the reader schema'),
  subject: z.string().optional().describe("the registry's subject, for validate"),
  events: z.string().optional().describe('path of the array whose items are the events'),
  zone: zone.optional(),
  nullValues: oneOrMore(value).optional(),
  ipv4Mapped: z.enum(['ipv4', 'ipv6']).optional(),
  samplingApplied: z.boolean().optional(),
  biflow: z.enum(['split', 'reverse', 'forward']).optional(),
  unlisted: z.enum(['map', 'ignore']).optional(),
  fields: z.record(z.string(), fieldSpec).optional(),
  skip: z.array(rule).optional(),
  keep: z.array(rule).optional(),
});

/** The file's shape; its JSON Schema is generated from this. */
export const mappingFileSchema = z.strictObject({
  $schema: z.string().optional(),
  topics: z.record(z.string(), topicMapping),
});

const require = createRequire(import.meta.url);
const textMax = 1_048_576;
const aliasesMax = 1_000;

/** Reads YAML, and so JSON. All faults at once, each with its path and line. */
export function readMappingFile(text: string): {
  file: MappingFile | undefined;
  faults: MappingFault[];
} {
  const nothing = (path: string, problem: string) => ({
    file: undefined,
    faults: [{ path, problem }],
  });
  if (text.length > textMax) return nothing('(file)', `is longer than ${textMax} characters`);
  // Loaded where there is a file: each thread would keep it in memory for nothing.
  const { isScalar, LineCounter, parseDocument, visit } = require('yaml') as typeof import('yaml');
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    const faults = document.errors.map(({ message, pos }) => ({
      path: `line ${lines.linePos(pos[0]).line}`,
      problem: `is neither YAML nor JSON: ${message}`,
    }));
    return { file: undefined, faults };
  }
  // In YAML the word null is not text, yet it is an option's name.
  visit(document, {
    Pair: (_, { key }) => {
      if (isScalar(key) && key.value === null && key.source === 'null') key.value = 'null';
    },
  });
  let json: unknown;
  try {
    json = document.toJS({ maxAliasCount: aliasesMax });
  } catch (error) {
    return nothing('(file)', `cannot be unfolded: ${(error as Error).message}`);
  }
  const lineOf = (path: readonly PropertyKey[]): string => {
    for (let depth = path.length; depth > 0; depth -= 1) {
      const node = document.getIn(path.slice(0, depth), true) as { range?: [number] } | undefined;
      if (node?.range) return ` (line ${lines.linePos(node.range[0]).line})`;
    }
    return '';
  };
  const { topics, places } = readTopics(json);
  const faults = places.map(({ path, problem }) => ({
    path: `${path.join('.') || '(file)'}${lineOf(path)}`,
    problem,
  }));
  return { file: topics && { topics }, faults };
}

/** A file has a few faults; one with more is none. */
const passesMax = 100;

/**
 * What can be read of the topics, and all that is at fault. A part at fault is left out, and the rest
 * is read again, so that it can still be bound to a schema and its own faults be listed too.
 */
function readTopics(json: unknown): {
  topics: MappingFile['topics'] | undefined;
  places: PathFault[];
} {
  const places: PathFault[] = [];
  for (let pass = 0; pass < passesMax; pass += 1) {
    const parsed = mappingFileSchema.safeParse(json, { reportInput: true });
    if (!parsed.success) {
      const found = parsed.error.issues.flatMap((issue) => faultsOf(issue));
      places.push(...found);
      if (!found.every(({ path }) => leaveOut(json, path))) break;
      continue;
    }
    const topics = Object.fromEntries(
      Object.entries(parsed.data.topics).map(([topic, said]) => [topic, listed(said)]),
    );
    const found = Object.entries(topics).flatMap(([topic, section]) =>
      Array.from(sectionFaults(section), ({ path, problem }) => ({
        path: ['topics', topic, ...path],
        problem,
      })),
    );
    if (found.length === 0) return { topics, places };
    places.push(...found);
    for (const { path } of found) leaveOut(json, path);
  }
  return { topics: undefined, places };
}

/** `topics`, a topic, an option, and of `fields` the field: deeper nothing is left out by itself. */
const partDepth = 3;

/** False where nothing can be left out: it is the whole that is at fault. */
function leaveOut(json: unknown, path: readonly PropertyKey[]): boolean {
  const depth = path[2] === 'fields' && path.length > partDepth ? partDepth + 1 : partDepth;
  let at = json as Record<PropertyKey, unknown> | undefined;
  const keys = path.slice(0, depth);
  const last = keys.pop();
  for (const key of keys) at = at?.[key] as typeof at;
  if (last === undefined || keys.length < 1 || typeof at !== 'object') return false;
  return Reflect.deleteProperty(at, last);
}

/** The section for a topic: its own, or the one for all others. */
export function sectionFor(file: MappingFile | undefined, topic: string): TopicMapping {
  return file?.topics[topic] ?? file?.topics[otherTopics] ?? {};
}

/** The same grammar for the "ipfix" attribute of an Avro field. Throws MappingError. */
export function elementSpecFrom(json: unknown): FieldSpec {
  if (typeof json !== 'string' && (typeof json !== 'object' || json === null)) {
    throw new MappingError('"ipfix" is neither an element\'s name nor an object with one');
  }
  if (typeof json === 'object' && !Array.isArray(json) && !('element' in json)) {
    const wrong = Object.keys(json).find((key) => !(key in elementSpec.shape));
    if (wrong === undefined) throw new MappingError('"ipfix" names no element; add "element"');
  }
  const parsed = fieldSpec.safeParse(json, { reportInput: true });
  if (parsed.success) return listedSpec(parsed.data);
  const [fault] = parsed.error.issues.flatMap((issue) => faultsOf(issue));
  const at = fault!.path.length === 0 ? '' : `"${fault!.path.join('.')}" `;
  throw new MappingError(`"ipfix": ${at}${fault!.problem}`);
}

interface PathFault {
  readonly path: readonly PropertyKey[];
  readonly problem: string;
}

// A union's fault is that of its member that came furthest.
function faultsOf(issue: z.core.$ZodIssue, around: readonly PropertyKey[] = []): PathFault[] {
  const path = [...around, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], problem: unknownKey(key) }));
  }
  if (issue.code === 'invalid_union') {
    const members = issue.errors
      .map((issues) => issues.flatMap((one) => faultsOf(one, path)))
      .filter((faults) => faults.length > 0);
    const depth = (faults: PathFault[]) => Math.max(...faults.map((fault) => fault.path.length));
    const deepest = members.sort((one, other) => depth(other) - depth(one))[0];
    // A misspelt option is often why another is missing: it is listed first.
    const isMisspelt = ({ problem }: PathFault) => (problem.startsWith('is not an option') ? 0 : 1);
    if (deepest && depth(deepest) > path.length) {
      return deepest.sort((one, other) => isMisspelt(one) - isMisspelt(other));
    }
    const inner = members
      .flat()
      .find(({ problem }) => !/^is (?:not an option|not of type|missing)/.test(problem));
    return [inner ?? { path, problem: 'has the wrong form; see docs/mapping.md' }];
  }
  if (issue.code === 'invalid_value') {
    const wrong = typeof issue.input === 'string' ? issue.input : '';
    const words = issue.values.map(String);
    const hint = wrong === '' ? '' : suggestion(wrong, words, '');
    return [{ path, problem: `is not one of ${words.join(', ')}${hint && `; ${hint}`}` }];
  }
  if (issue.code === 'invalid_type') {
    const isMissing = issue.input === undefined;
    return [
      { path, problem: isMissing ? 'is missing; add it' : `is not of type ${issue.expected}` },
    ];
  }
  return [{ path, problem: issue.message }];
}

const knownKeys = (): string[] => [
  ...Object.keys(elementSpec.shape),
  ...Object.keys(topicMapping.shape),
  ...Object.keys(rule.shape),
  'topics',
];

const unknownKey = (key: string): string =>
  `is not an option; ${suggestion(key, knownKeys(), 'see docs/mapping.md')}`;

type Parsed = z.output<typeof topicMapping>;

const asList = <T>(given: T | T[]): T[] => (Array.isArray(given) ? given : [given]);

/** One or more → a list. */
function listed(said: Parsed): TopicMapping {
  const { preset, nullValues, fields, skip, keep, ...rest } = said;
  const rules = (given: Parsed['skip']) => given?.map((one) => ({ ...one, is: asList(one.is) }));
  return withoutUndefined({
    ...rest,
    preset: preset && asList(preset),
    nullValues: nullValues === undefined ? undefined : asList(nullValues),
    fields:
      fields &&
      Object.fromEntries(Object.entries(fields).map(([path, spec]) => [path, listedSpec(spec)])),
    skip: rules(skip),
    keep: rules(keep),
  });
}

function listedSpec(spec: z.output<typeof fieldSpec>): FieldSpec {
  if (typeof spec === 'string') return spec;
  if (Array.isArray(spec)) {
    return spec.map((one) =>
      typeof one === 'string' ? one : (listedSpec(one) as { element: string }),
    );
  }
  const { nullValues, fallback, ...rest } = spec;
  return withoutUndefined({
    ...rest,
    nullValues: nullValues === undefined ? undefined : asList(nullValues),
    fallback: fallback === undefined ? undefined : asList(fallback),
  }) as FieldSpec;
}

const withoutUndefined = (object: object): object =>
  Object.fromEntries(Object.entries(object).filter(([, one]) => one !== undefined));

// What zod's shapes do not say.
function* sectionFaults(section: TopicMapping): Iterable<PathFault> {
  if (section.framing !== undefined && !framingFromText(section.framing)) {
    const problem = `"${section.framing}" is not one of ${framingForms.join(', ')}, each also with +base64`;
    yield { path: ['framing'], problem };
  }
  for (const [field, said] of Object.entries(section.fields ?? {})) {
    const path = ['fields', field];
    if (/^\d/.test(field)) {
      yield { path, problem: 'is not a field: Avro names do not begin with a digit' };
    }
    if (field.startsWith('$') && !isSource(field)) yield { path, problem: unknownSource(field) };
    for (const spec of Array.isArray(said) ? (said as readonly FieldSpec[]) : [said]) {
      const constant = typeof spec === 'object' && 'value' in spec;
      if (constant !== (field === '$constant')) {
        yield { path, problem: constant ? '"value" is for $constant' : 'a constant needs "value"' };
      }
    }
  }
}
