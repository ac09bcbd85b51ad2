// Schema resolution (Avro specification, "Schema Resolution"): datums of the writer's schema become
// datums of the reader's, octets to octets. Where the specification leaves a choice, it is the one of
// Apache Avro's Java implementation (org.apache.avro.Resolver); docs/mapping.md lists what differs.

import { AvroCursor, AvroDataError, defaultLimits } from './avro-cursor.ts';
import { AvroWriter } from './avro-writer.ts';
import { checkDefaults, defaultOctets } from './default-value.ts';
import { eventReader, type EventReader } from './event-reader.ts';
import { ReaderNames } from './reader-names.ts';
import { type AvroType, parseSchema, type RecordType, type UnionType } from './schema.ts';

/** The two schemas do not resolve: the reader's asks for what the writer's cannot give. */
export class AvroEvolutionError extends Error {
  readonly code = 'AVRO_EVOLUTION';
  override readonly name = 'AvroEvolutionError';
}

/** Throws AvroEvolutionError; what it returns throws AvroDataError, and gives octets until the next call. */
export function transcoder(
  writerJson: unknown,
  readerJson: unknown,
): (bytes: Buffer, start: number, end: number) => Buffer {
  const writer = parseSchema(writerJson);
  const walk = eventReader(writer, []);
  const { step } = resolved(writer, parseSchema(readerJson), walk);
  const cursor = new AvroCursor(defaultLimits);
  const out = new AvroWriter();
  return (bytes, start, end) => {
    // All of the datum is checked first, so that the steps below meet nothing that is hostile.
    walk.begin(bytes, start, end);
    cursor.open(bytes, start, end);
    out.clear();
    step(cursor, out);
    return out.written();
  };
}

type Step = (cursor: AvroCursor, out: AvroWriter) => void;

interface Action {
  step: Step;
  /** The two types do not resolve at all. */
  failed: boolean;
  /** Whether two fields of a record that have the same name do not resolve. */
  fieldFailed: boolean;
  /** Why no datum at all can be read; undefined where some can. */
  refusal: string | undefined;
}

function resolved(writer: AvroType, reader: AvroType, walk: EventReader): Action {
  let action: Action;
  try {
    checkDefaults(reader);
    action = new Resolution(new ReaderNames(writer, reader), walk).of(writer, reader);
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    throw unreadable(cause.message, cause);
  }
  if (action.refusal !== undefined) throw unreadable(action.refusal);
  return action;
}

const unreadable = (problem: string, cause?: Error): AvroEvolutionError =>
  new AvroEvolutionError(
    `the reader schema cannot read what it wrote: ${problem}; correct AVRO_READER_SCHEMA_FILE`,
    { cause },
  );

const copied: Step = (cursor, out) => {
  const octets = cursor.length();
  out.long(octets);
  out.copy(cursor, octets);
};

const copiedLong: Step = (cursor, out) => {
  const from = cursor.at;
  cursor.skipLong();
  out.append(cursor.bytes, from, cursor.at);
};

const copies: Readonly<Record<string, Step>> = {
  null: () => {},
  boolean: (cursor, out) => out.copy(cursor, 1),
  int: copiedLong,
  long: copiedLong,
  float: (cursor, out) => out.copy(cursor, 4),
  double: (cursor, out) => out.copy(cursor, 8),
  bytes: copied,
  string: copied,
};

// Avro specification, "Schema Resolution": int → long, float, double; long → float, double;
// float → double; string ↔ bytes.
const toFloat: Step = (cursor, out) => out.float(floatOf(cursor.long()));
const toDouble: Step = (cursor, out) => out.double(Number(cursor.long()));
const promotions: Readonly<Record<string, Readonly<Record<string, Step>>>> = {
  int: { long: copiedLong, float: toFloat, double: toDouble },
  long: { float: toFloat, double: toDouble },
  float: { double: (cursor, out) => out.double(cursor.float()) },
  string: { bytes: copied },
  bytes: { string: copied },
};

/** Rounded once: by way of a double, a long beyond 2^53 would be rounded twice. */
function floatOf(value: number | bigint): number {
  if (typeof value === 'number') return Math.fround(value);
  const size = value < 0n ? -value : value;
  // What is cut off lies far below the last bit of a float; one bit says that there is something.
  const kept = (size >> 11n) | ((size & 0x7ffn) === 0n ? 0n : 1n);
  const rounded = Math.fround(Number(kept) * 2048);
  return value < 0n ? -rounded : rounded;
}

class Resolution {
  readonly #names: ReaderNames;
  readonly #walk: EventReader;
  /** The pairs found so far, by writer's and reader's record, so that a record may hold itself. */
  readonly #records = new Map<RecordType, Map<RecordType, Action>>();

  constructor(names: ReaderNames, walk: EventReader) {
    this.#names = names;
    this.#walk = walk;
  }

  of(writer: AvroType, reader: AvroType): Action {
    if (writer.kind === 'union') return this.#writerUnion(writer, reader);
    if (reader.kind === 'union') return this.#readerUnion(writer, reader);
    if (writer.kind === 'array' && reader.kind === 'array') {
      const item = this.of(writer.items, reader.items);
      return action((cursor, out) => blocks(cursor, out, item.step));
    }
    if (writer.kind === 'map' && reader.kind === 'map') {
      const value = this.of(writer.values, reader.values);
      return action((cursor, out) =>
        blocks(cursor, out, () => {
          copied(cursor, out);
          value.step(cursor, out);
        }),
      );
    }
    if (writer.kind === 'record' && reader.kind === 'record') return this.#record(writer, reader);
    if (writer.kind === 'fixed' && reader.kind === 'fixed') {
      const { size } = writer;
      if (!this.#names.sameUnqualified(writer, reader) || size !== reader.size) {
        return this.#failed(writer, reader);
      }
      return action((cursor, out) => out.copy(cursor, size));
    }
    if (writer.kind === 'enum' && reader.kind === 'enum') return this.#enum(writer, reader);
    const step =
      writer.kind === reader.kind ? copies[writer.kind] : promotions[writer.kind]?.[reader.kind];
    return step ? action(step) : this.#failed(writer, reader);
  }

  // Avro specification: by the unqualified name; a symbol that the reader lacks becomes its default.
  #enum(writer: AvroType & { kind: 'enum' }, reader: AvroType & { kind: 'enum' }): Action {
    if (!this.#names.sameUnqualified(writer, reader)) return this.#failed(writer, reader);
    const fallback = reader.default === undefined ? -1 : reader.symbols.indexOf(reader.default);
    const indexes = writer.symbols.map((symbol) => {
      const index = reader.symbols.indexOf(symbol);
      return index < 0 ? fallback : index;
    });
    return action((cursor, out) => {
      const symbol = cursor.int();
      const index = indexes[symbol]!;
      if (index < 0) {
        const name = writer.symbols[symbol]!;
        throw lacking(`the enum ${reader.name} lacks the symbol ${name} and has no "default"`);
      }
      out.long(index);
    });
  }

  #writerUnion(writer: UnionType, reader: AvroType): Action {
    const members = reader.kind === 'union' ? reader.members : [];
    const isSame = this.#names.sameShape(writer, reader);
    const actions = writer.members.map((member, i) => {
      if (!isSame) return this.of(member, reader);
      return inMember(i, this.of(member, members[i]!));
    });
    const made = action((cursor, out) => actions[cursor.int()]!.step(cursor, out));
    // Only where no member at all can be read is every datum refused.
    if (actions.every(({ refusal }) => refusal !== undefined)) made.refusal = actions[0]?.refusal;
    return made;
  }

  #readerUnion(writer: AvroType, reader: UnionType): Action {
    const index = this.#memberFor(writer, reader);
    if (index < 0) return this.#failed(writer, reader);
    return inMember(index, this.of(writer, reader.members[index]!));
  }

  /** The member that is the same; else a record that has the fields; else one that a number fits in. */
  #memberFor(writer: AvroType, { members }: UnionType): number {
    let structure = -1;
    for (const [i, member] of members.entries()) {
      if (member.kind !== writer.kind) continue;
      if (!('name' in writer) || !('name' in member)) return i;
      if (this.#names.of(writer) === member.name) return i;
      if (writer.kind !== 'record' || member.kind !== 'record') continue;
      const { failed, fieldFailed } = this.#record(writer, member);
      if (failed || fieldFailed) continue;
      if (structure < 0 || this.#names.sameUnqualified(writer, member)) structure = i;
    }
    if (structure >= 0) return structure;
    return members.findIndex(({ kind }) => promotions[writer.kind]?.[kind] !== undefined);
  }

  #record(writer: RecordType, reader: RecordType): Action {
    const ofWriter = this.#records.get(writer) ?? new Map<RecordType, Action>();
    const known = ofWriter.get(reader);
    if (known) return known;
    let step: Step = () => {};
    const made = action((cursor, out) => step(cursor, out));
    this.#records.set(writer, ofWriter.set(reader, made));

    const skip = ({ type }: RecordType['fields'][number]): Step => this.#walk.part(type, 'none');
    const fields = writer.fields.map((field) => {
      const name = this.#names.ofField(writer, field);
      const to = reader.fields.findIndex((one) => one.name === name);
      if (to < 0) return { name, to, step: skip(field), skip: skip(field) };
      const inner = this.of(field.type, reader.fields[to]!.type);
      if (inner.failed) made.fieldFailed = true;
      if (inner.refusal !== undefined) made.refusal ??= `${name}: ${inner.refusal}`;
      return { name, to, step: within(name, inner.step), skip: skip(field) };
    });
    const defaults = reader.fields.map((field, to) => {
      if (fields.some((one) => one.to === to)) return undefined;
      if ('default' in field.json) return defaultOctets(field);
      made.failed = true;
      made.refusal = `${writer.name} has no field ${field.name}, and the reader schema has no default for it`;
      return undefined;
    });
    step = made.failed ? refusing(made.refusal!) : recordStep(fields, defaults);
    return made;
  }

  #failed(writer: AvroType, reader: AvroType): Action {
    const named = (type: AvroType) => ('name' in type ? `${type.kind} ${type.name}` : type.kind);
    const refusal = `${named(writer)} cannot be read as ${named(reader)}`;
    return { step: refusing(refusal), failed: true, fieldFailed: false, refusal };
  }
}

const action = (step: Step): Action => ({
  step,
  failed: false,
  fieldFailed: false,
  refusal: undefined,
});

const inMember = (index: number, { step, refusal }: Action): Action => ({
  ...action((cursor, out) => {
    out.long(index);
    step(cursor, out);
  }),
  refusal,
});

const lacking = (problem: string): AvroDataError =>
  new AvroDataError('', `cannot be read by the reader schema: ${problem}`);

function refusing(problem: string): Step {
  return () => {
    throw lacking(problem);
  };
}

function within(name: string, step: Step): Step {
  return (cursor, out) => {
    try {
      step(cursor, out);
    } catch (error) {
      if (error instanceof AvroDataError) throw error.within(name);
      throw error;
    }
  };
}

interface FieldStep {
  /** The number of the reader's field; below 0 where it has none. */
  readonly to: number;
  readonly step: Step;
  readonly skip: Step;
}

/** The writer's fields come in its own order, and have to leave in the reader's. */
function recordStep(fields: readonly FieldStep[], defaults: readonly (Buffer | undefined)[]): Step {
  const order = fields.map(({ to }) => to).filter((to) => to >= 0);
  if (order.every((to, i) => i === 0 || to > order[i - 1]!)) return inOrder(fields, defaults);
  const from = defaults.map((_, to) => fields.findIndex((field) => field.to === to));
  return (cursor, out) => {
    const base = out.marks.length;
    for (const { skip } of fields) {
      out.marks.push(cursor.at);
      skip(cursor, out);
    }
    const end = cursor.at;
    for (let to = 0; to < from.length; to += 1) {
      const fallback = defaults[to];
      if (fallback) {
        out.append(fallback, 0, fallback.length);
        continue;
      }
      cursor.at = out.marks[base + from[to]!]!;
      fields[from[to]!]!.step(cursor, out);
    }
    out.marks.length = base;
    cursor.at = end;
  };
}

function inOrder(fields: readonly FieldStep[], defaults: readonly (Buffer | undefined)[]): Step {
  const steps: Step[] = [];
  let to = 0;
  const fill = (until: number): void => {
    for (; to < until; to += 1) {
      const octets = defaults[to];
      if (octets) steps.push((_, out) => out.append(octets, 0, octets.length));
    }
  };
  for (const field of fields) {
    fill(field.to);
    steps.push(field.step);
  }
  fill(defaults.length);
  return (cursor, out) => {
    for (const step of steps) step(cursor, out);
  };
}

// array, map => [block] 0
function blocks(cursor: AvroCursor, out: AvroWriter, item: Step): void {
  for (;;) {
    const count = cursor.block(0);
    out.long(count);
    if (count === 0) return;
    for (let i = 0; i < count; i += 1) item(cursor, out);
  }
}
