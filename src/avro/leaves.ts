// What of a schema holds a single value: the places a mapping can name. Nested records are opened, so
// are records in unions; maps and arrays are opened by the key or number that a path names.

import type {
  ArrayType,
  AvroType,
  EnumType,
  FixedType,
  MapType,
  Primitive,
  RecordField,
  RecordType,
} from './schema.ts';

export type LeafType = Primitive | FixedType | EnumType | ArrayType | MapType | RecordType;

export interface AvroLeaf {
  /** `name`, `outer.name`, `labels.zone` (a map's key), `interfaces.0` (an array's item). */
  readonly path: string;
  /** The field's name, then its aliases. */
  readonly names: readonly string[];
  /** The types a value has there: several where unions give several. */
  readonly variants: readonly LeafType[];
  /** A datum may have no value there. */
  readonly nullable: boolean;
  /** The field's "ipfix" attribute, as written. */
  readonly attribute: unknown;
  /** The field's JSON object as written, for its "doc"; undefined where the path names no field. */
  readonly json: RecordField['json'] | undefined;
}

interface Found {
  names: readonly string[];
  attribute: unknown;
  json: RecordField['json'];
  variants: LeafType[];
  nullable: boolean;
}

/** All leaves in the order of the schema. `events` is the path of an array whose items are the events. */
export function leavesOf(root: AvroType, events?: string): AvroLeaf[] {
  const found = new Map<string, Found>();
  new Opening(found, events).open(eventsRoot(root), '', false);
  return Array.from(found, ([path, { names, variants, nullable, attribute, json }]) => ({
    path,
    names,
    variants,
    nullable,
    attribute,
    json,
  }));
}

/** The leaf at a path, which may lead into maps and arrays. */
export function leafAt(root: AvroType, path: string, events?: string): AvroLeaf | undefined {
  const segments = segmentsOf(path);
  const variants: LeafType[] = [];
  const at = { nullable: false, field: undefined as RecordField | undefined };
  const inside = events === undefined ? [] : segmentsOf(events);
  const descend = (type: AvroType, depth: number, onEvents: boolean): void => {
    const segment = segments[depth];
    if (type.kind === 'null') at.nullable = true;
    else if (type.kind === 'union') {
      for (const member of type.members) descend(member, depth, onEvents);
    } else if (type.kind === 'array' && onEvents && depth === inside.length && inside.length > 0) {
      descend(type.items, depth, false);
    } else if (segment === undefined) {
      if (type.kind === 'record') at.nullable = true;
      else variants.push(type);
    } else if (type.kind === 'record') {
      const field = type.fields.find(({ name }) => name === segment);
      if (!field) at.nullable = true;
      else {
        at.field = field;
        descend(field.type, depth + 1, onEvents && inside[depth] === segment);
      }
    } else if (type.kind === 'map') {
      at.nullable = true;
      descend(type.values, depth + 1, false);
    } else if (type.kind === 'array' && /^\d+$/.test(segment)) {
      at.nullable = true;
      descend(type.items, depth + 1, false);
    } else at.nullable = true;
  };
  descend(eventsRoot(root), 0, inside.length > 0);
  if (variants.length === 0) return undefined;
  const { field, nullable } = at;
  const names = field ? [field.name, ...field.aliases] : [];
  return { path, names, variants, nullable, attribute: field?.json['ipfix'], json: field?.json };
}

/** What is wrong with `events`; undefined when an array of records, or of a union of them, is there. */
export function eventsArrayAt(root: AvroType, events: string): string | undefined {
  const leaf = leafAt(root, events);
  if (!leaf) return `the schema has no array "${events}"; name the one whose items are the events`;
  const isArray = leaf.variants.every(
    (type) => type.kind === 'array' && recordsIn(type.items).length > 0,
  );
  return isArray
    ? undefined
    : `"${events}" is not an array of records; name the one that contains the events`;
}

/** An array at the root holds the events without a word said. */
export function eventsRoot(root: AvroType): AvroType {
  return root.kind === 'array' && recordsIn(root.items).length > 0 ? root.items : root;
}

export function recordsIn(type: AvroType): RecordType[] {
  if (type.kind === 'record') return [type];
  return type.kind === 'union' ? type.members.flatMap(recordsIn) : [];
}

/** Dots part a path; a key with dots stands in quotes: `labels."a.b"`. */
export function segmentsOf(path: string): string[] {
  const segments = path.match(/"[^"]*"|[^.]+/g) ?? [];
  return segments.map((segment) => segment.replace(/^"(.*)"$/, '$1'));
}

class Opening {
  readonly #found: Map<string, Found>;
  readonly #events: string | undefined;
  readonly #open = new Set<RecordType>();

  constructor(found: Map<string, Found>, events: string | undefined) {
    this.#found = found;
    this.#events = events;
  }

  open(type: AvroType, prefix: string, nullable: boolean): void {
    const records = recordsIn(type);
    const others = type.kind === 'union' ? type.members.length - records.length : 0;
    for (const record of records) {
      this.#open.add(record);
      for (const field of record.fields) {
        const lacking = records.some(
          ({ fields }) => !fields.some(({ name }) => name === field.name),
        );
        this.#field(field, field.type, prefix + field.name, nullable || others > 0 || lacking);
      }
      this.#open.delete(record);
    }
  }

  #field(field: RecordField, type: AvroType, path: string, nullable: boolean): void {
    const members = type.kind === 'union' ? type.members : [type];
    const mayLack = nullable || (members.length > 1 && members.some(({ kind }) => kind === 'null'));
    const records = recordsIn(type);
    for (const member of members) {
      if (member.kind === 'null' || member.kind === 'union') continue;
      if (member.kind === 'record' && !this.#open.has(member)) continue;
      if (member.kind === 'array' && path === this.#events) {
        this.open(member.items, `${path}.`, false);
        continue;
      }
      this.#leaf(field, path, member, mayLack || records.length > 0);
    }
    const opened = records.filter((record) => !this.#open.has(record));
    if (opened.length > 0) {
      this.open(
        { kind: 'union', members: opened },
        `${path}.`,
        mayLack || members.length > records.length,
      );
    }
  }

  #leaf(field: RecordField, path: string, type: LeafType, nullable: boolean): void {
    const found = this.#found.get(path);
    if (found) {
      found.variants.push(type);
      found.nullable ||= nullable;
      return;
    }
    const names = [field.name, ...field.aliases];
    const attribute = field.json['ipfix'];
    this.#found.set(path, { names, attribute, json: field.json, variants: [type], nullable });
  }
}
