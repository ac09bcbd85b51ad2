// A schema that refers to schemas of other subjects, as one: each named type of those, at any depth in
// them, is written out where it is used first, as if one parser had read them one after the other.

import { type Definition, definitionsIn, fullName, fullNameOf } from '../../avro/schema.ts';

type Json = Readonly<Record<string, unknown>>;

export class SchemaReferences {
  readonly #seen = new Set<string>();
  readonly #definitions = new Map<string, Definition>();
  readonly #written = new Set<string>();

  /** Whether the reference is the first of its name. */
  begin({ name, subject, version }: { name?: unknown; subject: string; version: number }): boolean {
    const key = typeof name === 'string' && name !== '' ? name : `${version} ${subject}`;
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    return true;
  }

  /** Takes all named types of a referred schema. */
  add(json: unknown): void {
    for (const [name, definition] of definitionsIn(json)) {
      if (!this.#definitions.has(name)) this.#definitions.set(name, definition);
    }
  }

  /** The schema with the referred types written out. */
  within(json: unknown, around = ''): unknown {
    if (typeof json === 'string') return this.#byName(json, around);
    if (Array.isArray(json)) return json.map((member) => this.within(member, around));
    if (typeof json !== 'object' || json === null) return json;
    const schema = json as Json;
    if (typeof schema['name'] !== 'string') return this.#opened(schema, around);
    const full = fullNameOf(schema, around);
    if (this.#definitions.get(full)?.json === schema) {
      if (this.#written.has(full)) return full;
      this.#written.add(full);
    }
    return this.#opened(schema, full.slice(0, Math.max(0, full.lastIndexOf('.'))));
  }

  #byName(name: string, around: string): unknown {
    const full = this.#definitions.has(fullName(name, around)) ? fullName(name, around) : name;
    const definition = this.#definitions.get(full);
    if (!definition || this.#written.has(full)) return name;
    const moved = this.within(definition.json, definition.namespace) as Json;
    // At its new place another namespace is around it.
    return { ...moved, name: full, namespace: '' };
  }

  #opened(schema: Json, inside: string): unknown {
    const opened: Record<string, unknown> = { ...schema };
    for (const key of ['type', 'items', 'values']) {
      if (key in opened) opened[key] = this.within(opened[key], inside);
    }
    if (Array.isArray(schema['fields'])) {
      opened['fields'] = (schema['fields'] as Json[]).map((field) => ({
        ...field,
        type: this.within(field['type'], inside),
      }));
    }
    return opened;
  }
}
