// The fields of an Avro record schema as a mapping sees them: one row for each path that holds a
// value, nested records opened up. Attributes that Avro itself does not know are kept.

/** A field, or a field of a nested record, that holds a single value. */
export interface AvroField {
  /** `name`, or `outer.name` for a nested record. */
  readonly path: string;
  readonly name: string;
  /** int, long, long (timestamp-millis), string, bytes, fixed, enum, boolean, array, … */
  readonly form: string;
  /** Octets of a fixed. */
  readonly size?: number | undefined;
  readonly nullable: boolean;
  /** The field's "ipfix" attribute, as written. */
  readonly attribute: unknown;
  /** The value in a decoded event; null when it, or a record around it, is null. */
  readonly read: (event: unknown) => unknown;
}

type Json = Record<string, unknown>;

interface Position extends Omit<AvroField, 'form' | 'size'> {
  readonly namespace: string;
}

/** Undefined when the schema is not that of a record. */
export function flattenFields(schema: unknown): AvroField[] | undefined {
  if (!isRecord(schema)) return undefined;
  const rows: AvroField[] = [];
  new Flattening(rows).open(schema, '', { nullable: false, read: (event) => event, namespace: '' });
  return rows;
}

interface Around {
  readonly nullable: boolean;
  readonly read: AvroField['read'];
  /** Avro specification, "Names": what a name without dots is taken in. */
  readonly namespace: string;
}

class Flattening {
  readonly #rows: AvroField[];
  readonly #named = new Map<string, Json>();
  readonly #opening = new Set<Json>();

  constructor(rows: AvroField[]) {
    this.#rows = rows;
  }

  open(record: Json, prefix: string, around: Around): void {
    const namespace = this.#remember(record, around.namespace);
    this.#opening.add(record);
    for (const field of record['fields'] as Json[]) {
      const name = String(field['name']);
      this.#close(field['type'], {
        path: prefix + name,
        name,
        nullable: around.nullable,
        attribute: field['ipfix'],
        read: readerOf(name, around.read),
        namespace,
      });
    }
    this.#opening.delete(record);
  }

  #close(type: unknown, at: Position): void {
    const { namespace, ...row } = at;
    if (Array.isArray(type)) {
      const members = type.filter((member) => member !== 'null');
      const nullable = at.nullable || members.length < type.length;
      if (members.length === 1) this.#close(members[0], { ...at, nullable });
      else this.#rows.push({ ...row, nullable, form: 'union' });
      return;
    }
    const resolved = this.#resolve(type, namespace);
    if (!isRecord(resolved)) this.#rows.push({ ...row, ...this.#formOf(resolved, namespace) });
    // A record inside itself has no end; such a field holds no single value.
    else if (this.#opening.has(resolved)) this.#rows.push({ ...row, form: 'record' });
    else this.open(resolved, `${at.path}.`, at);
  }

  #resolve(type: unknown, namespace: string): unknown {
    if (typeof type !== 'string') return type;
    return this.#named.get(fullName(type, namespace)) ?? this.#named.get(type) ?? type;
  }

  #formOf(type: unknown, namespace: string): { form: string; size?: number } {
    if (typeof type !== 'object' || type === null) return { form: String(type) };
    const object = type as Json;
    this.#remember(object, namespace);
    if (typeof object['type'] === 'object') return this.#formOf(object['type'], namespace);
    const form = typeof object['type'] === 'string' ? object['type'] : 'unknown';
    const logicalType = object['logicalType'];
    if (form === 'fixed') return { form, size: Number(object['size']) };
    return { form: typeof logicalType === 'string' ? `${form} (${logicalType})` : form };
  }

  /** Returns the namespace that names inside the type are taken in. */
  #remember(type: Json, around: string): string {
    const name = type['name'];
    if (typeof name !== 'string') return around;
    const own = type['namespace'];
    const full = fullName(name, typeof own === 'string' ? own : around);
    this.#named.set(full, type);
    return full.slice(0, Math.max(0, full.lastIndexOf('.')));
  }
}

const fullName = (name: string, namespace: string): string =>
  name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;

function readerOf(name: string, outer: AvroField['read']): AvroField['read'] {
  return (event) => {
    const record = outer(event) as Json | null;
    return record === null ? null : record[name];
  };
}

function isRecord(schema: unknown): schema is Json {
  const object = schema as Json | null;
  return (
    typeof object === 'object' && object?.['type'] === 'record' && Array.isArray(object['fields'])
  );
}
