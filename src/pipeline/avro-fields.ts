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

interface Position {
  readonly path: string;
  readonly name: string;
  readonly nullable: boolean;
  readonly attribute: unknown;
  readonly read: (event: unknown) => unknown;
}

/** Undefined when the schema is not that of a record. */
export function flattenFields(schema: unknown): AvroField[] | undefined {
  if (!isRecord(schema)) return undefined;
  const named = new Map<string, Json>();
  const rows: AvroField[] = [];
  const opening = new Set<Json>();
  const open = (record: Json, prefix: string, nullable: boolean, outer: Position['read']) => {
    remember(record, named);
    opening.add(record);
    for (const field of record['fields'] as Json[]) {
      const name = String(field['name']);
      const position: Position = {
        path: prefix + name,
        name,
        nullable,
        attribute: field['ipfix'],
        read: readerOf(name, outer),
      };
      close(field['type'], position);
    }
    opening.delete(record);
  };
  const close = (type: unknown, at: Position): void => {
    if (Array.isArray(type)) {
      const members = type.filter((member) => member !== 'null');
      const nullable = at.nullable || members.length < type.length;
      if (members.length === 1) close(members[0], { ...at, nullable });
      else rows.push({ ...at, nullable, form: 'union' });
      return;
    }
    const resolved = typeof type === 'string' ? (named.get(type) ?? type) : type;
    if (isRecord(resolved)) {
      // A record inside itself has no end; such a field holds no single value.
      if (opening.has(resolved)) rows.push({ ...at, form: 'record' });
      else open(resolved, `${at.path}.`, at.nullable, at.read);
      return;
    }
    rows.push({ ...at, ...formOf(resolved, named) });
  };
  open(schema, '', false, (event) => event);
  return rows;
}

function readerOf(name: string, outer: Position['read']): Position['read'] {
  return (event) => {
    const record = outer(event) as Json | null;
    return record === null ? null : record[name];
  };
}

function formOf(type: unknown, named: Map<string, Json>): { form: string; size?: number } {
  if (typeof type !== 'object' || type === null) return { form: String(type) };
  const object = type as Json;
  remember(object, named);
  if (typeof object['type'] === 'object') return formOf(object['type'], named);
  const form = typeof object['type'] === 'string' ? object['type'] : 'unknown';
  const logicalType = object['logicalType'];
  if (form === 'fixed') return { form, size: Number(object['size']) };
  return { form: typeof logicalType === 'string' ? `${form} (${logicalType})` : form };
}

function remember(type: Json, named: Map<string, Json>): void {
  const name = type['name'];
  if (typeof name !== 'string') return;
  named.set(name, type);
  const namespace = type['namespace'];
  if (typeof namespace === 'string') named.set(`${namespace}.${name}`, type);
}

function isRecord(schema: unknown): schema is Json {
  const object = schema as Json | null;
  return (
    typeof object === 'object' && object?.['type'] === 'record' && Array.isArray(object['fields'])
  );
}
