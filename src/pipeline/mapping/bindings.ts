// What each topic's events are read and mapped by, for every schema they come with: made when a
// schema is first met, and kept.

import { transcoder } from '../../avro/evolution.ts';
import { parseSchema } from '../../avro/schema.ts';
import type { AvroType } from '../../avro/schema.ts';
import type { WriterSchema } from '../../sources/delivery.ts';
import { type Mapping, mappingOf, type TopicWords } from './mapping.ts';
import type { MappingFault } from './mapping-error.ts';

/** A schema's events, ready to be painted. */
export interface Binding {
  /** The schema the mapping is bound to: the reader's where there is one, else the writer's. */
  readonly json: unknown;
  readonly root: AvroType;
  readonly mapping: Mapping;
  /** From the writer's octets to the reader's (Avro's schema resolution). */
  readonly transcode?: (bytes: Buffer, start: number, end: number) => Buffer;
}

/** Events of this schema cannot be exported: the mapping does not fit it. */
export class UnmappableSchemaError extends Error {
  readonly code = 'UNMAPPABLE_SCHEMA';
  override readonly name = 'UnmappableSchemaError';
  /** Of the mapping, each with its path; empty where the schema itself is at fault. */
  readonly faults: readonly MappingFault[];

  constructor(message: string, options: ErrorOptions & { faults?: readonly MappingFault[] }) {
    super(message, options);
    this.faults = options.faults ?? [];
  }
}

interface TopicBindingOptions {
  readonly words: TopicWords;
  /** What the events are resolved to, whichever schema they were written with. */
  readonly readerSchema?: WriterSchema | undefined;
}

/** The bindings of one topic. */
export class TopicBindings {
  readonly #words: TopicWords;
  readonly #readerSchema: WriterSchema | undefined;
  readonly #bound = new WeakMap<WriterSchema, Binding | UnmappableSchemaError>();

  constructor({ words, readerSchema }: TopicBindingOptions) {
    this.#words = words;
    this.#readerSchema = readerSchema;
  }

  /** What is known before any event: the mapping of the reader schema. */
  get ofReader(): Binding | undefined {
    return this.#readerSchema && bindingOf(this.#readerSchema, this.#words);
  }

  /** Throws UnmappableSchemaError; the same one for every event of that schema. */
  of(schema: WriterSchema): Binding {
    let bound = this.#bound.get(schema);
    if (!bound) {
      bound = this.#bind(schema);
      this.#bound.set(schema, bound);
    }
    if (bound instanceof UnmappableSchemaError) throw bound;
    return bound;
  }

  #bind(schema: WriterSchema): Binding | UnmappableSchemaError {
    try {
      const reader = this.#readerSchema;
      if (!reader) return bindingOf(schema, this.#words);
      return { ...bindingOf(reader, this.#words), transcode: transcoder(schema.json, reader.json) };
    } catch (error) {
      if (error instanceof UnmappableSchemaError) return error;
      const message = error instanceof Error ? error.message : String(error);
      return new UnmappableSchemaError(`${schema.name}: ${message}`, { cause: error });
    }
  }
}

/** Throws UnmappableSchemaError with all faults, or what `parseSchema` throws. */
export function bindingOf({ name, json }: WriterSchema, words: TopicWords): Binding {
  const root = parseSchema(json);
  const mapping = mappingOf(root, words);
  if (mapping.faults.length > 0) {
    const faults = mapping.faults.map(({ path, problem }) => `${path}: ${problem}`);
    throw new UnmappableSchemaError(`${name} cannot be mapped: ${faults.join('; ')}`, mapping);
  }
  return { json, root, mapping };
}
