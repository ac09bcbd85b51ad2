// Default values of a reader's fields as octets (Avro specification, "Complex Types", "default").

import { AvroWriter } from './avro-writer.ts';
import { type AvroType, AvroSchemaError, type RecordField, typesIn } from './schema.ts';

const depthMax = 64;

/** Every default of a reader schema, also the ones that no writer needs. Throws AvroSchemaError. */
export function checkDefaults(reader: AvroType): void {
  for (const type of typesIn(reader)) {
    if (type.kind === 'record') {
      for (const field of type.fields) if ('default' in field.json) defaultOctets(field);
    } else if (type.kind === 'enum' && type.default !== undefined) {
      if (type.symbols.includes(type.default)) continue;
      const problem = `the default ${type.default} of enum ${type.name} is not one of its symbols`;
      throw new AvroSchemaError('', `${problem}; correct it`);
    }
  }
}

/** Throws AvroSchemaError. */
export function defaultOctets({ name, type, json }: RecordField): Buffer {
  const out = new AvroWriter();
  write(out, type, json['default'], name);
  return Buffer.from(out.written());
}

function write(out: AvroWriter, type: AvroType, value: unknown, path: string): void {
  // A record whose default holds one of itself has no end.
  const isDeep = path.split('.').length > depthMax;
  if (value !== undefined && !isDeep && isWritten(out, type, value, path)) return;
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  throw new AvroSchemaError(path, `the default ${text} is not a value of its type; correct it`);
}

function isWritten(out: AvroWriter, type: AvroType, value: unknown, path: string): boolean {
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
      value.forEach((item, i) => write(out, type.items, item, `${path}.${i}`));
      out.long(0);
      return true;
    case 'map':
      if (!isObject(value)) return false;
      writeMap(out, type.values, Object.entries(value), path);
      return true;
    case 'union': {
      const index = type.members.findIndex((member) => fits(member, value));
      if (index < 0) return false;
      out.long(index);
      write(out, type.members[index]!, value, path);
      return true;
    }
    case 'record':
      if (!isObject(value)) return false;
      for (const field of type.fields) {
        const own = field.name in value ? value[field.name] : field.json['default'];
        write(out, field.type, own, `${path}.${field.name}`);
      }
      return true;
  }
}

function writeMap(
  out: AvroWriter,
  values: AvroType,
  entries: readonly (readonly [string, unknown])[],
  path: string,
): void {
  if (entries.length > 0) out.long(entries.length);
  for (const [key, item] of entries) {
    sized(out, Buffer.from(key, 'utf8'));
    write(out, values, item, `${path}.${key}`);
  }
  out.long(0);
}

/** Avro specification: of a union, the first member that the default is a value of. */
function fits(type: AvroType, value: unknown): boolean {
  try {
    write(new AvroWriter(), type, value, '');
    return true;
  } catch (error) {
    if (error instanceof AvroSchemaError) return false;
    throw error;
  }
}

const sized = (out: AvroWriter, octets: Buffer): void => {
  out.long(octets.length);
  out.append(octets, 0, octets.length);
};

// A long beyond 2^53 is not what the schema's text says any more: JSON numbers are doubles here.
const isWhole = (value: unknown, kind: 'int' | 'long'): value is number =>
  Number.isSafeInteger(value) && (kind === 'long' || (value as number) === ((value as number) | 0));

const isLatin1 = (value: unknown): value is string =>
  typeof value === 'string' && !/[^\0-\xff]/.test(value);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Java's parser takes numbers as text for these, because JSON has no NaN. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return undefined;
  const text = value.trim().replace(/(?<=[\d.])[dDfF]$/, '');
  if (!/^[+-]?(NaN|Infinity|\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?)$/.test(text)) {
    return undefined;
  }
  return text.endsWith('NaN') ? NaN : Number(text);
}
