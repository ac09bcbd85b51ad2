// The writer schemas a Worker knows: of files, and of a registry by id. One object for each schema.

import type { WriterSchema } from '../delivery.ts';
import type { RegistryRequests } from '../source-snapshot.ts';

/** A definitive answer that is not a schema: what events with this id then suffer, and the fix. */
export interface UnknownSchema {
  readonly unknown: true;
  readonly problem: string;
}

export type SchemaAnswer = WriterSchema | UnknownSchema;

export const isUnknown = (answer: SchemaAnswer): answer is UnknownSchema => 'unknown' in answer;

/** Where ids are looked up. */
export interface SchemasById {
  /** What is known now, without asking. */
  known(id: number): SchemaAnswer | undefined;
  /** Asks; rejects where no answer is available now. */
  fetch(id: number): Promise<SchemaAnswer>;
  readonly requests?: RegistryRequests;
  close(): void;
}

export interface SchemaStoreOptions {
  /** The one schema of bare datums, by topic. */
  readonly bare: ReadonlyMap<string, WriterSchema>;
  /** The schemas by fingerprint, as 16 hexadecimal digits in the order of the octets. */
  readonly byFingerprint: ReadonlyMap<string, WriterSchema>;
  readonly registry: SchemasById | undefined;
}

/** Container files in messages bring their schemas; this many different ones are remembered. */
const writtenMax = 64;

export class SchemaStore {
  readonly #options: SchemaStoreOptions;
  readonly #written = new Map<string, WriterSchema>();

  constructor(options: SchemaStoreOptions) {
    this.#options = options;
  }

  bare(topic: string): WriterSchema | undefined {
    return this.#options.bare.get(topic);
  }

  byFingerprint(hex: string): WriterSchema | undefined {
    return this.#options.byFingerprint.get(hex);
  }

  known(id: number): SchemaAnswer | undefined {
    const { registry } = this.#options;
    if (registry) return registry.known(id);
    return { unknown: true, problem: `schema id ${id} needs SCHEMA_REGISTRY_URL; set it` };
  }

  fetch(id: number): Promise<SchemaAnswer> {
    return this.#options.registry!.fetch(id);
  }

  /** What came of the questions so far. */
  get requests(): RegistryRequests {
    return this.#options.registry?.requests ?? { answered: 0, unknown: 0, unavailable: 0 };
  }

  close(): void {
    this.#options.registry?.close();
  }

  /** The schema that a container file brings, as its header's text. Throws what JSON.parse throws. */
  written(text: string): WriterSchema {
    const known = this.#written.get(text);
    if (known) return known;
    const schema = { name: "a container's own schema", json: JSON.parse(text) as unknown };
    const [oldest] = this.#written.keys();
    if (this.#written.size >= writtenMax && oldest !== undefined) this.#written.delete(oldest);
    this.#written.set(text, schema);
    return schema;
  }
}
