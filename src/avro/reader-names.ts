// What the writer's types and fields are called by the reader's aliases (Avro specification,
// "Aliases"), and how two types are the same by name.

import {
  type AvroType,
  type NamedType,
  type RecordField,
  type RecordType,
  sameType,
  typesIn,
} from './schema.ts';

export class ReaderNames {
  /** An alias, and the reader's type that has it. */
  readonly #types = new Map<string, string>();
  /** The aliases of each record, by its name: an alias, and the reader's field that has it. */
  readonly #fields = new Map<string, Map<string, string>>();

  /** Throws Error where the aliases give two of the writer's fields, or union members, one name. */
  constructor(writer: AvroType, reader: AvroType) {
    if (sameType(writer, reader)) return;
    for (const type of typesIn(reader)) if ('name' in type) this.#take(type);
    for (const type of typesIn(writer)) {
      if (type.kind === 'record') this.#checkFields(type);
      else if (type.kind === 'union') this.#checkMembers(type.members);
    }
  }

  #take(type: NamedType): void {
    for (const alias of type.aliases) this.#types.set(alias, type.name);
    if (type.kind !== 'record') return;
    for (const { name, aliases } of type.fields) {
      for (const alias of aliases) {
        const known = this.#fields.get(type.name) ?? new Map<string, string>();
        this.#fields.set(type.name, known.set(alias, name));
      }
    }
  }

  /** The name that a type of the writer's has for the reader. */
  of({ name }: NamedType): string {
    return this.#types.get(name) ?? name;
  }

  ofField(record: RecordType, { name }: RecordField): string {
    return this.#fields.get(this.of(record))?.get(name) ?? name;
  }

  sameUnqualified(writer: NamedType, reader: NamedType): boolean {
    return unqualified(this.of(writer)) === unqualified(reader.name);
  }

  /** Both have the same parts in the same order, by unqualified names. */
  sameShape(writer: AvroType, reader: AvroType, open: Open = new Map()): boolean {
    if ('name' in writer && 'name' in reader && !this.sameUnqualified(writer, reader)) return false;
    switch (writer.kind) {
      case 'array':
        return reader.kind === 'array' && this.sameShape(writer.items, reader.items, open);
      case 'map':
        return reader.kind === 'map' && this.sameShape(writer.values, reader.values, open);
      case 'fixed':
        return reader.kind === 'fixed' && writer.size === reader.size;
      case 'enum':
        return reader.kind === 'enum' && writer.symbols.join() === reader.symbols.join();
      case 'union':
        return (
          reader.kind === 'union' &&
          writer.members.length === reader.members.length &&
          writer.members.every((member, i) => this.sameShape(member, reader.members[i]!, open))
        );
      case 'record':
        return reader.kind === 'record' && this.#sameFields(writer, reader, open);
      default:
        return writer.kind === reader.kind;
    }
  }

  #sameFields(writer: RecordType, reader: RecordType, open: Open): boolean {
    const answers = open.get(writer) ?? new Map<RecordType, boolean>();
    open.set(writer, answers);
    const known = answers.get(reader);
    if (known !== undefined) return known;
    // A record inside itself: the same until something shows that it is not.
    answers.set(reader, true);
    const isSame =
      writer.fields.length === reader.fields.length &&
      writer.fields.every((field, i) => {
        const twin = reader.fields[i]!;
        return (
          this.ofField(writer, field) === twin.name && this.sameShape(field.type, twin.type, open)
        );
      });
    answers.set(reader, isSame);
    return isSame;
  }

  #checkFields(record: RecordType): void {
    const seen = new Set<string>();
    for (const field of record.fields) {
      const name = this.ofField(record, field);
      if (seen.has(name)) {
        throw new Error(`the alias of ${record.name}.${name} gives that name to two fields`);
      }
      seen.add(name);
    }
  }

  #checkMembers(members: readonly AvroType[]): void {
    const seen = new Set<string>();
    for (const member of members) {
      if (!('name' in member)) continue;
      const name = this.of(member);
      if (seen.has(name)) throw new Error(`an alias gives two members of a union the name ${name}`);
      seen.add(name);
    }
  }
}

type Open = Map<RecordType, Map<RecordType, boolean>>;

const unqualified = (name: string): string => name.slice(name.lastIndexOf('.') + 1);
