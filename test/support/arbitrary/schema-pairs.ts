// Random writer schemas, reader schemas that came of them by changes, and datums. Most pairs resolve;
// of the others some fail as schemas and some for single datums.

import { Random } from '../../../src/generator/random.ts';
import { AvroSchemaError, type AvroType, parseSchema } from '../../../src/avro/schema.ts';

type Json = unknown;
type Schema = Record<string, Json>;

export interface SchemaPair {
  readonly writer: string;
  readonly reader: string;
  readonly datum: Buffer;
}

export function schemaPair(random: Random): SchemaPair {
  const writing = new Writing(random);
  const writer = random.chance(0.9) ? writing.record(3) : writing.type(3);
  const reader = random.chance(0.05)
    ? new Writing(random).record(2)
    : new Changing(random).of(writer);
  const type = parsed(writer);
  // What was left out of a union may have been the definition of a name.
  if (!type) return schemaPair(random);
  const datum = datumOf(random, type);
  return { writer: JSON.stringify(writer), reader: JSON.stringify(reader), datum };
}

function parsed(json: Json): AvroType | undefined {
  try {
    return parseSchema(json);
  } catch (error) {
    if (error instanceof AvroSchemaError) return undefined;
    throw error;
  }
}

const pick = <T>(random: Random, items: readonly T[]): T =>
  items[random.integer(0, items.length - 1)]!;

const primitives = ['int', 'long', 'float', 'double', 'string', 'bytes', 'boolean', 'null'];
const namespaces = ['net', 'net.flow', 'größen'];
const fieldNames = ['a', 'b', 'c', 'd', 'bytes', 'größe', '_x'];
const symbols = ['TCP', 'UDP', 'ICMP', 'GRE', 'ß'];

class Writing {
  readonly #random: Random;
  readonly #named: string[] = [];
  #next = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  type(depth: number): Json {
    const random = this.#random;
    const kind = random.integer(0, depth > 0 ? 15 : 8);
    if (kind < 8) return random.chance(0.1) ? { type: primitives[kind] } : primitives[kind];
    if (kind === 8) {
      return this.#named.length > 0 && random.chance(0.7) ? pick(random, this.#named) : 'long';
    }
    if (kind < 11) return this.#union(depth - 1);
    if (kind === 11) return { type: 'array', items: this.type(depth - 1) };
    if (kind === 12) return { type: 'map', values: this.type(depth - 1) };
    if (kind === 13) return this.#name({ type: 'fixed', size: random.integer(0, 4) });
    if (kind === 14) {
      return this.#name({ type: 'enum', symbols: shuffled(random, symbols).slice(0, 3) });
    }
    return this.record(depth - 1);
  }

  record(depth: number): Json {
    const random = this.#random;
    const record = this.#name({ type: 'record' }, false);
    const names = shuffled(random, fieldNames).slice(0, random.integer(1, 4));
    record['fields'] = names.map((name) => ({ name, type: this.#orItself(record, depth) }));
    this.#named.push(fullNameOf(record));
    return record;
  }

  #orItself(record: Schema, depth: number): Json {
    if (!this.#random.chance(0.05)) return this.type(depth);
    return ['null', fullNameOf(record)];
  }

  #union(depth: number): Json {
    const random = this.#random;
    if (random.chance(0.6)) {
      const type = pick(random, primitives.slice(0, 7));
      return random.chance(0.5) ? ['null', type] : [type, 'null'];
    }
    const members = Array.from({ length: random.integer(1, 3) }, () => this.type(depth));
    const kept = new Map<string, Json>();
    for (const member of members) {
      if (!Array.isArray(member) && !kept.has(kindOf(member))) kept.set(kindOf(member), member);
    }
    return kept.size === 0 ? ['null'] : [...kept.values()];
  }

  /** Always with a namespace of its own, so that it may be moved. */
  #name(schema: Schema, isComplete = true): Schema {
    const namespace = pick(this.#random, namespaces);
    const name = `T${this.#next}`;
    this.#next += 1;
    const named = { ...schema, name, namespace };
    // A record that holds itself without a union between has no datum.
    if (isComplete) this.#named.push(fullNameOf(named));
    return named;
  }
}

const fullNameOf = ({ name, namespace }: Schema): string =>
  `${namespace as string}.${name as string}`;

/** What may be in a union only once. */
const kindOf = (json: Json): string => {
  if (typeof json === 'string') return json;
  const schema = json as Schema;
  return 'name' in schema ? fullNameOf(schema) : (schema['type'] as string);
};

class Changing {
  readonly #random: Random;
  /** Full names, and what they became. */
  readonly #renamed = new Map<string, string>();
  #next = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  of(json: Json): Json {
    const random = this.#random;
    if (Array.isArray(json)) return this.#union(json as Json[]);
    if (typeof json === 'string') return this.#plain(json);
    const schema = { ...(json as Schema) };
    if (typeof schema['name'] === 'string') this.#rename(schema);
    switch (schema['type']) {
      case 'array':
        schema['items'] = this.of(schema['items']);
        break;
      case 'map':
        schema['values'] = this.of(schema['values']);
        break;
      case 'fixed':
        if (random.chance(0.08)) schema['size'] = random.integer(0, 4);
        break;
      case 'enum':
        this.#symbols(schema);
        break;
      case 'record':
        schema['fields'] = this.#fields(schema['fields'] as Schema[]);
        break;
      default:
        return this.#plain(schema['type'] as string);
    }
    return random.chance(0.1) ? inUnion(random, schema) : schema;
  }

  #plain(name: string): Json {
    const random = this.#random;
    const renamed = this.#renamed.get(name);
    if (renamed !== undefined) return renamed;
    if (!primitives.includes(name)) return name;
    if (random.chance(0.75)) return name;
    if (random.chance(0.4)) return inUnion(random, name);
    const wider: Readonly<Record<string, readonly string[]>> = {
      int: ['long', 'float', 'double'],
      long: ['float', 'double'],
      float: ['double'],
      string: ['bytes'],
      bytes: ['string'],
    };
    return random.chance(0.8) ? pick(random, wider[name] ?? [name]) : pick(random, primitives);
  }

  #union(members: readonly Json[]): Json {
    const random = this.#random;
    const changed = members.map((member) => {
      const one = this.of(member);
      return Array.isArray(one) ? (one as Json[])[0] : one;
    });
    if (random.chance(0.1)) return changed[0];
    if (random.chance(0.2)) changed.push(pick(random, primitives));
    if (random.chance(0.1)) changed.shift();
    const ordered = random.chance(0.2) ? shuffled(random, changed) : changed;
    const kept = new Map(ordered.map((member) => [kindOf(member), member] as const));
    return kept.size === 0 ? 'null' : [...kept.values()];
  }

  #rename(schema: Schema): void {
    const random = this.#random;
    const old = fullNameOf(schema);
    if (random.chance(0.12)) schema['namespace'] = pick(random, namespaces);
    if (random.chance(0.12)) schema['name'] = `N${(this.#next += 1)}`;
    const now = fullNameOf(schema);
    if (now === old) return;
    this.#renamed.set(old, now);
    if (random.chance(0.6)) schema['aliases'] = [old];
  }

  #symbols(schema: Schema): void {
    const random = this.#random;
    let now = schema['symbols'] as string[];
    if (random.chance(0.3)) now = shuffled(random, now);
    if (random.chance(0.2)) now = now.slice(1);
    if (random.chance(0.2)) now = [...new Set([...now, pick(random, symbols)])];
    schema['symbols'] = now;
    if (now.length > 0 && random.chance(0.4)) schema['default'] = now[0];
    if (random.chance(0.01)) schema['default'] = 'NONE';
  }

  #fields(fields: readonly Schema[]): Schema[] {
    const random = this.#random;
    const kept: Schema[] = [];
    for (const field of fields) {
      if (random.chance(0.08)) continue;
      const now: Schema = { ...field, type: this.of(field['type']) };
      if (random.chance(0.12)) {
        now['name'] = `r_${field['name'] as string}`;
        if (random.chance(0.8)) now['aliases'] = [field['name']];
      }
      kept.push(now);
    }
    if (random.chance(0.3)) kept.push(this.#added());
    if (random.chance(0.03)) kept.push({ name: 'needed', type: 'int' });
    return random.chance(0.3) ? shuffled(random, kept) : kept;
  }

  #added(): Schema {
    const random = this.#random;
    const [type, value] = pick(random, defaults(`D${(this.#next += 1)}`));
    return { name: `new${this.#next}`, type, default: value };
  }
}

/** Types with defaults; the last ones are wrong. */
const defaults = (name: string): readonly (readonly [type: Json, value: Json])[] => [
  ['int', -7],
  ['long', 2 ** 40],
  ['float', 1.1],
  ['double', 'NaN'],
  ['double', 3],
  ['boolean', true],
  ['string', 'größe'],
  ['bytes', '\u00ff\u0000'],
  ['null', null],
  [['null', 'string'], null],
  [['null', 'string'], 'x'],
  [['string', 'null'], null],
  [{ type: 'array', items: 'int' }, [1, 2, 300]],
  [{ type: 'array', items: ['null', 'long'] }, []],
  [{ type: 'map', values: 'string' }, { k: 'v' }],
  [{ type: 'fixed', name, size: 2 }, '\u0001\u00fe'],
  [{ type: 'enum', name, symbols: ['A', 'B'] }, 'B'],
  [
    {
      type: 'record',
      name,
      fields: [
        { name: 'x', type: 'int' },
        { name: 'y', type: ['null', 'int'], default: null },
      ],
    },
    { x: 1 },
  ],
  ['int', 'x'],
  ['string', null],
  [['null', 'string'], 5],
];

function inUnion(random: Random, member: Json): Json {
  const others = primitives.filter((name) => name !== kindOf(member));
  const union = [member, pick(random, others)];
  return random.chance(0.5) ? union : union.reverse();
}

function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i -= 1) {
    const j = random.integer(0, i);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** Any datum of the schema. */
function datumOf(random: Random, type: AvroType, depth = 0): Buffer {
  switch (type.kind) {
    case 'null':
      return Buffer.alloc(0);
    case 'boolean':
      return Buffer.of(random.integer(0, 1));
    case 'int':
      return long(BigInt(random.integer(-(2 ** 31), 2 ** 31 - 1)) >> BigInt(random.integer(0, 31)));
    case 'long': {
      const wide = BigInt(random.integer(-(2 ** 31), 2 ** 31 - 1)) * 2n ** 32n;
      return long((wide + BigInt(random.integer(0, 2 ** 32 - 1))) >> BigInt(random.integer(0, 63)));
    }
    case 'float': {
      const octets = Buffer.alloc(4);
      octets.writeFloatLE(pick(random, [0, -0, 1.1, -3e38, NaN, Infinity, 1e-45]));
      return octets;
    }
    case 'double': {
      const octets = Buffer.alloc(8);
      octets.writeDoubleLE(pick(random, [0, -0, 1.1, -1e300, NaN, Infinity, 5e-324]));
      return octets;
    }
    case 'string':
      return sized(Buffer.from(pick(random, ['', 'x', 'größe', '\ufffd', '🌊'])));
    case 'bytes':
      return sized(Buffer.from(pick(random, ['', '00', 'c3bc', '616263']), 'hex'));
    case 'fixed':
      return Buffer.from(Array.from({ length: type.size }, () => random.integer(0, 255)));
    case 'enum':
      return long(BigInt(random.integer(0, type.symbols.length - 1)));
    case 'union': {
      // A type that holds itself ends where another member lets it.
      const index = depth > 4 ? 0 : random.integer(0, type.members.length - 1);
      return Buffer.concat([long(BigInt(index)), datumOf(random, type.members[index]!, depth + 1)]);
    }
    case 'array':
      return blocks(random, depth, () => datumOf(random, type.items, depth + 1));
    case 'map':
      return blocks(random, depth, () =>
        Buffer.concat([
          sized(Buffer.from(pick(random, ['k', 'ö', '']))),
          datumOf(random, type.values, depth + 1),
        ]),
      );
    case 'record':
      return Buffer.concat(type.fields.map((field) => datumOf(random, field.type, depth + 1)));
  }
}

function blocks(random: Random, depth: number, item: () => Buffer): Buffer {
  const all: Buffer[] = [];
  for (let block = depth > 4 ? 0 : random.integer(0, 2); block > 0; block -= 1) {
    const items = Array.from({ length: random.integer(1, 2) }, item);
    const octets = Buffer.concat(items);
    const count = BigInt(items.length);
    all.push(
      ...(random.chance(0.3) ? [long(-count), long(BigInt(octets.length))] : [long(count)]),
      octets,
    );
  }
  return Buffer.concat([...all, long(0n)]);
}

const sized = (octets: Buffer): Buffer => Buffer.concat([long(BigInt(octets.length)), octets]);

// int, long => zigzag number in groups of 7 bits, low ones first; the last octet has no top bit
function long(value: bigint): Buffer {
  const octets: number[] = [];
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  for (; rest >= 0x80n; rest >>= 7n) octets.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...octets, Number(rest)]);
}
