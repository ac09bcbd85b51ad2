// Avro schemas as a tree (Avro specification 1.12, "Schema Declaration"): names resolved, aliases,
// logical types and foreign attributes kept. This file parses; it knows no IPFIX and no Kafka.

export interface Primitive {
  readonly kind: 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string';
  readonly logicalType?: string;
  /** Of a decimal. */
  readonly precision?: number;
  readonly scale?: number;
}

export interface FixedType {
  readonly kind: 'fixed';
  readonly name: string;
  readonly size: number;
  readonly logicalType?: string;
  readonly precision?: number;
  readonly scale?: number;
}

export interface EnumType {
  readonly kind: 'enum';
  readonly name: string;
  readonly symbols: readonly string[];
}

export interface ArrayType {
  readonly kind: 'array';
  readonly items: AvroType;
}

export interface MapType {
  readonly kind: 'map';
  readonly values: AvroType;
}

export interface UnionType {
  readonly kind: 'union';
  readonly members: readonly AvroType[];
}

export interface RecordField {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly type: AvroType;
  /** The field's JSON object as written. */
  readonly json: Readonly<Record<string, unknown>>;
}

export interface RecordType {
  readonly kind: 'record';
  /** With its namespace. */
  readonly name: string;
  /** Filled after the object is made: a record may hold itself. */
  readonly fields: readonly RecordField[];
}

export type AvroType =
  Primitive | FixedType | EnumType | ArrayType | MapType | UnionType | RecordType;

/** A schema that the Avro specification does not allow; `path` is where in it. */
export class AvroSchemaError extends Error {
  readonly code = 'AVRO_SCHEMA';
  override readonly name = 'AvroSchemaError';
  readonly path: string;

  constructor(path: string, problem: string) {
    super(path === '' ? problem : `at ${path}: ${problem}`);
    this.path = path;
  }
}

const depthMax = 100;
const typesMax = 10_000;

/** Reads a schema's parsed JSON. Throws AvroSchemaError. */
export function parseSchema(json: unknown): AvroType {
  return new Parsing().type(json, '', '', 0);
}

type Json = Readonly<Record<string, unknown>>;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const primitives: ReadonlySet<string> = new Set([
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
]);

// Avro specification, "Logical Types": where one stands on another type it is ignored.
const logicalTypesOf: Readonly<Record<string, readonly string[]>> = {
  int: ['date', 'time-millis'],
  long: [
    'time-micros',
    'timestamp-millis',
    'timestamp-micros',
    'timestamp-nanos',
    'local-timestamp-millis',
    'local-timestamp-micros',
    'local-timestamp-nanos',
  ],
  bytes: ['decimal', 'big-decimal'],
  string: ['uuid'],
  fixed: ['decimal', 'uuid', 'duration'],
};
const sizeOfLogical: Readonly<Record<string, number>> = { uuid: 16, duration: 12 };

class Parsing {
  readonly #named = new Map<string, AvroType>();
  #types = 0;

  type(json: unknown, path: string, namespace: string, depth: number): AvroType {
    this.#types += 1;
    if (depth > depthMax || this.#types > typesMax) {
      throw new AvroSchemaError(path, `is nested deeper than ${depthMax} or has too many types`);
    }
    if (typeof json === 'string') return this.#byName(json, path, namespace);
    if (Array.isArray(json)) return this.#union(json, path, namespace, depth);
    if (!isObject(json)) throw new AvroSchemaError(path, `${JSON.stringify(json)} is no type`);
    const { type } = json;
    if (typeof type === 'object') return this.type(type, path, namespace, depth + 1);
    switch (type) {
      case 'record':
      case 'error':
        return this.#record(json, path, namespace, depth);
      case 'enum':
        return this.#enum(json, path, namespace);
      case 'fixed':
        return this.#fixed(json, path, namespace);
      case 'array': {
        if (!('items' in json)) throw new AvroSchemaError(path, 'an array without "items"');
        return { kind: 'array', items: this.type(json['items'], path, namespace, depth + 1) };
      }
      case 'map': {
        if (!('values' in json)) throw new AvroSchemaError(path, 'a map without "values"');
        return { kind: 'map', values: this.type(json['values'], path, namespace, depth + 1) };
      }
      default:
        if (typeof type !== 'string') throw new AvroSchemaError(path, 'a type without "type"');
        if (!primitives.has(type)) return this.#byName(type, path, namespace);
        return { kind: type as Primitive['kind'], ...logicalOf(json, type) };
    }
  }

  #byName(name: string, path: string, namespace: string): AvroType {
    if (primitives.has(name)) return { kind: name as Primitive['kind'] };
    const found = this.#named.get(fullName(name, namespace)) ?? this.#named.get(name);
    if (found) return found;
    throw new AvroSchemaError(path, `there is no type "${name}"`);
  }

  #union(members: readonly unknown[], path: string, namespace: string, depth: number): UnionType {
    const types = members.map((member) => this.type(member, path, namespace, depth + 1));
    const names = new Set<string>();
    for (const type of types) {
      if (type.kind === 'union') throw new AvroSchemaError(path, 'a union directly in a union');
      const name = 'name' in type ? type.name : type.kind;
      if (names.has(name)) throw new AvroSchemaError(path, `a union with ${name} twice`);
      names.add(name);
    }
    if (types.length === 0) throw new AvroSchemaError(path, 'a union without members');
    return { kind: 'union', members: types };
  }

  #record(json: Json, path: string, around: string, depth: number): RecordType {
    const { name, namespace } = nameOf(json, path, around);
    const { fields } = json;
    if (!Array.isArray(fields)) throw new AvroSchemaError(path, `record ${name} without "fields"`);
    const record: Mutable<RecordType> = { kind: 'record', name, fields: [] };
    this.#define(json, record, path, namespace);
    const seen = new Set<string>();
    record.fields = (fields as unknown[]).map((field): RecordField => {
      if (!isObject(field) || !isName(field['name'])) {
        throw new AvroSchemaError(path, `record ${name} has a field without a valid "name"`);
      }
      const own = field['name'];
      const place = path === '' ? own : `${path}.${own}`;
      if (seen.has(own)) throw new AvroSchemaError(place, 'a second field of that name');
      seen.add(own);
      if (!('type' in field)) throw new AvroSchemaError(place, 'a field without "type"');
      const type = this.type(field['type'], place, namespace, depth + 1);
      return { name: own, aliases: aliasesOf(field), type, json: field };
    });
    return record;
  }

  #enum(json: Json, path: string, around: string): EnumType {
    const { name, namespace } = nameOf(json, path, around);
    const { symbols } = json;
    if (
      !Array.isArray(symbols) ||
      !symbols.every(isName) ||
      new Set(symbols).size < symbols.length
    ) {
      throw new AvroSchemaError(path, `enum ${name} needs "symbols", valid and different ones`);
    }
    const type: EnumType = { kind: 'enum', name, symbols: symbols };
    this.#define(json, type, path, namespace);
    return type;
  }

  #fixed(json: Json, path: string, around: string): FixedType {
    const { name, namespace } = nameOf(json, path, around);
    const size = json['size'];
    if (typeof size !== 'number' || !Number.isInteger(size) || size < 0) {
      throw new AvroSchemaError(path, `fixed ${name} needs "size", a whole number`);
    }
    const logical = logicalOf(json, 'fixed');
    const wanted = sizeOfLogical[logical.logicalType ?? ''] ?? size;
    const type: FixedType = { kind: 'fixed', name, size, ...(wanted === size ? logical : {}) };
    this.#define(json, type, path, namespace);
    return type;
  }

  #define(json: Json, type: AvroType & { name: string }, path: string, namespace: string): void {
    const aliases = aliasesOf(json).map((alias) => fullName(alias, namespace));
    if (this.#named.has(type.name)) throw new AvroSchemaError(path, `a second type "${type.name}"`);
    this.#named.set(type.name, type);
    for (const alias of aliases) if (!this.#named.has(alias)) this.#named.set(alias, type);
  }
}

const isObject = (json: unknown): json is Json =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

const isName = (name: unknown): name is string =>
  typeof name === 'string' && /^[A-Za-z_]\w*$/.test(name);

const fullName = (name: string, namespace: string): string =>
  name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;

// Avro specification, "Names": a name with dots is a full one; else the namespace is its own, or the
// one around it. What is named inside is taken in the namespace of the full name.
function nameOf(json: Json, path: string, around: string): { name: string; namespace: string } {
  const { name, namespace } = json;
  if (typeof name !== 'string' || !name.split('.').every(isName)) {
    throw new AvroSchemaError(path, `${JSON.stringify(name)} is no name of a type`);
  }
  const full = fullName(name, typeof namespace === 'string' ? namespace : around);
  return { name: full, namespace: full.slice(0, Math.max(0, full.lastIndexOf('.'))) };
}

const aliasesOf = ({ aliases }: Json): string[] =>
  Array.isArray(aliases) ? aliases.filter((alias) => typeof alias === 'string') : [];

interface Logical {
  readonly logicalType?: string;
  readonly precision?: number;
  readonly scale?: number;
}

function logicalOf(json: Json, kind: string): Logical {
  const { logicalType, precision, scale } = json;
  if (typeof logicalType !== 'string') return {};
  if (!logicalTypesOf[kind]?.includes(logicalType)) return {};
  if (logicalType !== 'decimal') return { logicalType };
  if (typeof precision !== 'number' || precision < 1) return {};
  if (scale === undefined) return { logicalType, precision, scale: 0 };
  const isScale = typeof scale === 'number' && scale >= 0 && scale <= precision;
  return isScale ? { logicalType, precision, scale } : {};
}
