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
  /** The aliases with their namespaces. */
  readonly aliases: readonly string[];
  readonly size: number;
  readonly logicalType?: string;
  readonly precision?: number;
  readonly scale?: number;
}

export interface EnumType {
  readonly kind: 'enum';
  readonly name: string;
  readonly aliases: readonly string[];
  readonly symbols: readonly string[];
  /** What a reader takes for a symbol that it does not know. */
  readonly default: string | undefined;
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
  /** The name with its namespace. */
  readonly name: string;
  readonly aliases: readonly string[];
  /** Filled after the object is made: a record may hold itself. */
  readonly fields: readonly RecordField[];
}

export type NamedType = FixedType | EnumType | RecordType;

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
  return new Parsing().schema(json);
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

/** Where a named type is defined: what is needed to parse it before its place is reached. */
export interface Definition {
  readonly json: Readonly<Record<string, unknown>>;
  /** The one around it. */
  readonly namespace: string;
}

/** All named types that a schema defines, by their full names; of two of one name the first. */
export function definitionsIn(json: unknown): Map<string, Definition> {
  const found = new Map<string, Definition>();
  note(found, json, '', 0);
  return found;
}

function note(
  found: Map<string, Definition>,
  json: unknown,
  namespace: string,
  depth: number,
): void {
  if (depth > depthMax) return;
  if (Array.isArray(json)) {
    for (const member of json) note(found, member, namespace, depth + 1);
  } else if (isObject(json)) {
    const { type, name } = json;
    const isNamed = typeof type === 'string' && namedKinds.has(type) && typeof name === 'string';
    const full = isNamed ? fullNameOf(json, namespace) : '';
    if (isNamed && !found.has(full)) found.set(full, { json, namespace });
    const inside = isNamed ? namespaceOf(full) : namespace;
    for (const key of ['type', 'items', 'values']) note(found, json[key], inside, depth + 1);
    if (!isNamed || !Array.isArray(json['fields'])) return;
    for (const field of json['fields'] as unknown[]) {
      if (isObject(field)) note(found, field['type'], inside, depth + 1);
    }
  }
}

class Parsing {
  readonly #named = new Map<string, NamedType>();
  readonly #parsed = new Map<Json, NamedType>();
  #definitions: ReadonlyMap<string, Definition> = new Map();
  /** Named types whose definition has begun and not ended. */
  readonly #open = new Set<string>();
  #types = 0;

  /** Parses a whole schema: a name may be used before the place where it is defined. */
  schema(json: unknown): AvroType {
    this.#definitions = definitionsIn(json);
    return this.type(json, '', '', 0);
  }

  type(json: unknown, path: string, namespace: string, depth: number): AvroType {
    this.#types += 1;
    if (depth > depthMax || this.#types > typesMax) {
      throw new AvroSchemaError(path, `is nested deeper than ${depthMax} or has too many types`);
    }
    if (typeof json === 'string') return this.#byName(json, path, namespace, depth);
    if (Array.isArray(json)) return this.#union(json, path, namespace, depth);
    if (!isObject(json)) throw new AvroSchemaError(path, `${JSON.stringify(json)} is not a type`);
    const { type } = json;
    if (typeof type === 'object') return this.type(type, path, namespace, depth + 1);
    switch (type) {
      case 'record':
      case 'error':
      case 'enum':
      case 'fixed':
        return this.#defined(json, path, namespace, depth);
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
        if (!primitives.has(type)) return this.#byName(type, path, namespace, depth);
        return { kind: type as Primitive['kind'], ...logicalOf(json, type) };
    }
  }

  // As Java's parser looks for it: by its full name, then without a namespace, then further on.
  #byName(name: string, path: string, namespace: string, depth: number): AvroType {
    if (primitives.has(name)) return { kind: name as Primitive['kind'] };
    const full = fullName(name, namespace);
    const found = this.#named.get(full) ?? this.#named.get(name);
    if (found) return found;
    const later = this.#definitions.get(full) ?? this.#definitions.get(name);
    if (later) return this.#defined(later.json, path, later.namespace, depth + 1);
    throw new AvroSchemaError(path, `there is no type "${name}"; define it, or correct the name`);
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

  /** A named type; a second definition of a name must say the same as the first one. */
  #defined(json: Json, path: string, around: string, depth: number): NamedType {
    const parsed = this.#parsed.get(json);
    if (parsed) return parsed;
    const name = checkedName(json, path, around);
    const first = this.#named.get(name);
    const isWithinItself = this.#open.has(name);
    this.#open.add(name);
    const type = this.#made(json, name, path, depth);
    if (!first) {
      this.#open.delete(name);
      return type;
    }
    if (!isWithinItself && sameType(first, type)) return first;
    throw new AvroSchemaError(path, `a second type "${name}", which differs from the first`);
  }

  #made(json: Json, name: string, path: string, depth: number): NamedType {
    switch (json['type']) {
      case 'enum':
        return this.#define(json, enumOf(json, name, path));
      case 'fixed':
        return this.#define(json, fixedOf(json, name, path));
      default:
        return this.#record(json, name, path, depth);
    }
  }

  #record(json: Json, name: string, path: string, depth: number): RecordType {
    const { fields } = json;
    if (!Array.isArray(fields)) throw new AvroSchemaError(path, `record ${name} without "fields"`);
    const namespace = namespaceOf(name);
    const aliases = typeAliases(json, namespace);
    const record: Mutable<RecordType> = { kind: 'record', name, aliases, fields: [] };
    this.#define(json, record);
    const seen = new Set<string>();
    record.fields = (fields as unknown[]).map((field, i): RecordField => {
      if (!isObject(field) || typeof field['name'] !== 'string') {
        throw new AvroSchemaError(path, `field ${i + 1} of record ${name} has no "name"`);
      }
      const own = field['name'];
      const place = path === '' ? own : `${path}.${own}`;
      if (!isName(own)) throw new AvroSchemaError(place, `a field of record ${name}: ${notAName}`);
      if (seen.has(own)) throw new AvroSchemaError(place, 'a second field of that name');
      seen.add(own);
      if (!('type' in field)) throw new AvroSchemaError(place, 'a field without "type"');
      const type = this.type(field['type'], place, namespace, depth + 1);
      return { name: own, aliases: aliasesOf(field), type, json: field };
    });
    return record;
  }

  #define<T extends NamedType>(json: Json, type: T): T {
    this.#parsed.set(json, type);
    if (!this.#named.has(type.name)) this.#named.set(type.name, type);
    return type;
  }
}

function enumOf(json: Json, name: string, path: string): EnumType {
  const { symbols, default: fallback } = json;
  if (!Array.isArray(symbols)) throw new AvroSchemaError(path, `enum ${name} without "symbols"`);
  const wrong = (symbols as unknown[]).find((symbol) => !isName(symbol));
  if (wrong !== undefined) {
    throw new AvroSchemaError(path, `symbol ${JSON.stringify(wrong)} of enum ${name}: ${notAName}`);
  }
  const twice = (symbols as string[]).find((symbol, i) => symbols.indexOf(symbol) < i);
  if (twice !== undefined) throw new AvroSchemaError(path, `enum ${name} has ${twice} twice`);
  return {
    kind: 'enum',
    name,
    aliases: typeAliases(json, namespaceOf(name)),
    symbols: symbols as string[],
    default: typeof fallback === 'string' ? fallback : undefined,
  };
}

function fixedOf(json: Json, name: string, path: string): FixedType {
  const size = json['size'];
  if (typeof size !== 'number' || !Number.isInteger(size) || size < 0) {
    throw new AvroSchemaError(path, `fixed ${name} needs "size", a whole number`);
  }
  const logical = logicalOf(json, 'fixed');
  const wanted = sizeOfLogical[logical.logicalType ?? ''] ?? size;
  const aliases = typeAliases(json, namespaceOf(name));
  return { kind: 'fixed', name, aliases, size, ...(wanted === size ? logical : {}) };
}

/** The type and all within it, each once. */
export function typesIn(root: AvroType): AvroType[] {
  const found = new Set([root]);
  for (const type of found) {
    if (type.kind === 'array') found.add(type.items);
    else if (type.kind === 'map') found.add(type.values);
    else if (type.kind === 'union') for (const member of type.members) found.add(member);
    else if (type.kind === 'record') for (const field of type.fields) found.add(field.type);
  }
  return [...found];
}

/** Whether two types say the same of data and of mapping; their aliases and "doc" may differ. */
export function sameType(one: AvroType, other: AvroType): boolean {
  return new Comparison().same(one, other);
}

/** Says nothing of the data or of a mapping, or is compared by itself. */
const notCompared: ReadonlySet<string> = new Set(['name', 'type', 'doc', 'aliases']);

class Comparison {
  readonly #open = new Map<RecordType, Set<RecordType>>();

  same(one: AvroType, other: AvroType): boolean {
    if (one === other) return true;
    if (one.kind !== other.kind) return false;
    if (one.kind === 'union') {
      return (
        other.kind === 'union' &&
        one.members.length === other.members.length &&
        one.members.every((member, i) => this.same(member, other.members[i]!))
      );
    }
    if (one.kind === 'array') return other.kind === 'array' && this.same(one.items, other.items);
    if (one.kind === 'map') return other.kind === 'map' && this.same(one.values, other.values);
    if (one.kind === 'record') return other.kind === 'record' && this.#records(one, other);
    const plain = (type: object) => canonical({ ...type, aliases: undefined });
    return plain(one) === plain(other);
  }

  #records(one: RecordType, other: RecordType): boolean {
    if (one.name !== other.name || one.fields.length !== other.fields.length) return false;
    const open = this.#open.get(one) ?? new Set();
    // A record inside itself: the comparison that is under way decides.
    if (open.has(other)) return true;
    this.#open.set(one, open.add(other));
    return one.fields.every((field, i) => {
      const twin = other.fields[i]!;
      const rest = ({ json }: RecordField) =>
        canonical(Object.entries(json).filter(([key]) => !notCompared.has(key)));
      return (
        field.name === twin.name && rest(field) === rest(twin) && this.same(field.type, twin.type)
      );
    });
  }
}

/** JSON text that does not depend on the order of keys. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    isObject(part) ? Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)) : part,
  );

const isObject = (json: unknown): json is Json =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

const namedKinds: ReadonlySet<string> = new Set(['record', 'error', 'enum', 'fixed']);

// Java's parser asks Character.isLetter and isLetterOrDigit of each UTF-16 unit, so that letters
// beyond the Basic Multilingual Plane are refused.
const isName = (name: unknown): name is string =>
  typeof name === 'string' &&
  /^[\p{L}_][\p{L}\p{Nd}_]*$/u.test(name) &&
  !/[\ud800-\udfff]/.test(name);

const notAName =
  'a name consists of letters, digits and "_", and does not begin with a digit; correct it';

export const fullName = (name: string, namespace: string): string =>
  name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;

const namespaceOf = (full: string): string => full.slice(0, Math.max(0, full.lastIndexOf('.')));

// Avro specification, "Names": a name with dots is a full one; else the namespace is its own, or the
// one around it. What is named inside is taken in the namespace of the full name.
export function fullNameOf({ name, namespace }: Json, around: string): string {
  const full = fullName(name as string, typeof namespace === 'string' ? namespace : around);
  // As Java has it: a dot in front stands for no namespace.
  return full.replace(/^\./, '');
}

/** Of a namespace nothing is asked: Java's readers before 1.12, and of files, take any. */
function checkedName(json: Json, path: string, around: string): string {
  const { name } = json;
  if (typeof name !== 'string') {
    throw new AvroSchemaError(path, `a ${String(json['type'])} without "name"`);
  }
  const full = fullNameOf(json, around);
  if (isName(full.slice(full.lastIndexOf('.') + 1))) return full;
  throw new AvroSchemaError(path, `the type ${JSON.stringify(name)}: ${notAName}`);
}

const aliasesOf = ({ aliases }: Json): string[] =>
  Array.isArray(aliases) ? aliases.filter((alias) => typeof alias === 'string') : [];

const typeAliases = (json: Json, namespace: string): string[] =>
  aliasesOf(json).map((alias) => fullName(alias, namespace).replace(/^\./, ''));

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
