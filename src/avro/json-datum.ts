// Values in JSON as the octets of a datum (Avro specification, "JSON Encoding"). What a union's value is
// written as is a rule of its own: defaults are written without the name of their type.

import { AvroWriter } from './avro-writer.ts';
import type { AvroType, RecordType, UnionType } from './schema.ts';

/** A value is none of its type; `path` is where, the message also why and what to do. */
export class JsonDatumError extends Error {
  readonly code = 'JSON_DATUM';
  override readonly name = 'JsonDatumError';
  readonly path: string;
  /** What is there instead; undefined where nothing is. */
  readonly value: unknown;

  constructor(path: string, problem: string, value?: unknown) {
    super(path === '' ? problem : `${path}: ${problem}`);
    this.path = path;
    this.value = value;
  }
}

export interface JsonRules {
  /** Which member of a union a value is of, and the value without its type's name. Throws JsonDatumError. */
  readonly member: (union: UnionType, value: unknown, path: string) => readonly [number, unknown];
  /** Whether an object may have keys that its record has no fields for. */
  readonly allowsOthers: boolean;
}

/** A record's default may hold one of the same record. */
const depthMax = 64;

/**
 * One datum. Integers beyond 2^53 are bigints. Fields that are missing have their default. A value of a union
 * may be written without the name of its type if it can be of one member only. Throws JsonDatumError.
 */
export function datumFromJson(type: AvroType, value: unknown): Buffer {
  const out = new AvroWriter();
  writeJson(out, type, value, '', eventRules);
  return Buffer.from(out.written());
}

/** Throws JsonDatumError. */
export function writeJson(
  out: AvroWriter,
  type: AvroType,
  value: unknown,
  path: string,
  rules: JsonRules,
): void {
  const isDeep = path.split('.').length > depthMax;
  if (value !== undefined && !isDeep && isWritten(out, type, value, path, rules)) return;
  const text = value === undefined ? 'nothing' : jsonText(value);
  throw new JsonDatumError(
    path,
    `${text} is not a value of Avro ${nameOf(type)}; correct it`,
    value,
  );
}

/** A bigint as its digits, in quotes. */
export const jsonText = (value: unknown, indent = 0): string =>
  JSON.stringify(
    value,
    (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part),
    indent,
  );

function isWritten(
  out: AvroWriter,
  type: AvroType,
  value: unknown,
  path: string,
  rules: JsonRules,
): boolean {
  switch (type.kind) {
    case 'null':
      return value === null;
    case 'boolean':
      if (typeof value !== 'boolean') return false;
      out.append(Buffer.of(Number(value)), 0, 1);
      return true;
    case 'int':
    case 'long':
      if (!isWhole(value, type.kind)) return false;
      out.long(value);
      return true;
    case 'float':
    case 'double': {
      const number = numberOf(value);
      if (number === undefined) return false;
      if (type.kind === 'float') out.float(number);
      else out.double(number);
      return true;
    }
    case 'string':
      if (typeof value !== 'string') return false;
      sized(out, Buffer.from(value, 'utf8'));
      return true;
    case 'bytes':
      if (!isLatin1(value)) return false;
      sized(out, Buffer.from(value, 'latin1'));
      return true;
    case 'fixed':
      if (!isLatin1(value) || value.length !== type.size) return false;
      out.append(Buffer.from(value, 'latin1'), 0, type.size);
      return true;
    case 'enum': {
      const index = type.symbols.indexOf(value as string);
      if (index >= 0) out.long(index);
      return index >= 0;
    }
    case 'array':
      if (!Array.isArray(value)) return false;
      if (value.length > 0) out.long(value.length);
      value.forEach((item, i) => writeJson(out, type.items, item, `${path}.${i}`, rules));
      out.long(0);
      return true;
    case 'map':
      if (!isObject(value)) return false;
      writeMap(out, type.values, Object.entries(value), path, rules);
      return true;
    case 'union': {
      const [index, own] = rules.member(type, value, path);
      out.long(index);
      writeJson(out, type.members[index]!, own, path, rules);
      return true;
    }
    case 'record':
      if (!isObject(value)) return false;
      writeRecord(out, type, value, path, rules);
      return true;
  }
}

function writeRecord(
  out: AvroWriter,
  { name, fields }: RecordType,
  value: Readonly<Record<string, unknown>>,
  path: string,
  rules: JsonRules,
): void {
  const at = (field: string) => (path === '' ? field : `${path}.${field}`);
  if (!rules.allowsOthers) {
    const other = Object.keys(value).find((key) => !fields.some((field) => field.name === key));
    if (other !== undefined) {
      throw new JsonDatumError(at(other), `record ${name} has no such field; remove it`);
    }
  }
  for (const field of fields) {
    if (Object.hasOwn(value, field.name)) {
      writeJson(out, field.type, value[field.name], at(field.name), rules);
    } else if ('default' in field.json) {
      writeJson(out, field.type, field.json['default'], at(field.name), defaultRules);
    } else throw new JsonDatumError(at(field.name), 'is missing and has no default; add it');
  }
}

function writeMap(
  out: AvroWriter,
  values: AvroType,
  entries: readonly (readonly [string, unknown])[],
  path: string,
  rules: JsonRules,
): void {
  if (entries.length > 0) out.long(entries.length);
  for (const [key, item] of entries) {
    sized(out, Buffer.from(key, 'utf8'));
    writeJson(out, values, item, `${path}.${key}`, rules);
  }
  out.long(0);
}

/** Avro specification, "Complex Types": of a union, the first member that the default is a value of. */
export const defaultRules: JsonRules = {
  allowsOthers: true,
  member: ({ members }, value, path) => {
    const index = members.findIndex((member) => fits(member, value, defaultRules));
    if (index >= 0) return [index, value];
    throw new JsonDatumError(
      path,
      `${jsonText(value)} is not a value of its type; correct it`,
      value,
    );
  },
};

const eventRules: JsonRules = {
  allowsOthers: false,
  member: ({ members }, value, path) => {
    const tagged = memberByName(members, value);
    if (tagged) return tagged;
    const fitting = members.flatMap((member, i) => (fits(member, value, eventRules) ? [i] : []));
    if (fitting.length === 1) return [fitting[0]!, value];
    const names = members.map(nameOf);
    const example = names.find((name) => name !== 'null');
    throw new JsonDatumError(
      path,
      fitting.length === 0
        ? `${jsonText(value)} is not a value of Avro ${names.join(' or ')}; correct it`
        : `${jsonText(value)} can be of several types; name the one that is meant, as in {"${example}": …}`,
    );
  },
};

/** `{"string": "a"}`: the only key is the name of a type, of a named one also without its namespace. */
function memberByName(
  members: readonly AvroType[],
  value: unknown,
): readonly [number, unknown] | undefined {
  if (!isObject(value)) return undefined;
  const [key, ...others] = Object.keys(value);
  if (key === undefined || others.length > 0) return undefined;
  const exact = members.findIndex((member) => member.kind !== 'null' && nameOf(member) === key);
  const index =
    exact >= 0 ? exact : members.findIndex((member) => nameOf(member).endsWith(`.${key}`));
  return index < 0 ? undefined : [index, value[key]];
}

const nameOf = (type: AvroType): string => ('name' in type ? type.name : type.kind);

/** What is tried is written here, and nobody reads it. */
let scratch: AvroWriter | undefined;

function fits(type: AvroType, value: unknown, rules: JsonRules): boolean {
  scratch ??= new AvroWriter();
  scratch.clear();
  try {
    writeJson(scratch, type, value, '', rules);
    return true;
  } catch (error) {
    if (error instanceof JsonDatumError) return false;
    throw error;
  }
}

const sized = (out: AvroWriter, octets: Buffer): void => {
  out.long(octets.length);
  out.append(octets, 0, octets.length);
};

// As a number, a long beyond 2^53 is not what the text says any more.
function isWhole(value: unknown, kind: 'int' | 'long'): value is number | bigint {
  if (typeof value === 'bigint') return kind === 'long' && value === BigInt.asIntN(64, value);
  return (
    Number.isSafeInteger(value) &&
    (kind === 'long' || (value as number) === ((value as number) | 0))
  );
}

const isLatin1 = (value: unknown): value is string =>
  typeof value === 'string' && !/[^\0-\xff]/.test(value);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Java's parser takes numbers as text for these, because JSON has no NaN. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'string') return undefined;
  const text = value.trim().replace(/(?<=[\d.])[dDfF]$/, '');
  if (!/^[+-]?(NaN|Infinity|\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?)$/.test(text)) {
    return undefined;
  }
  return text.endsWith('NaN') ? NaN : Number(text);
}
