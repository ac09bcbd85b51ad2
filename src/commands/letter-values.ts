// The value of a dead letter for `requeue --show`: decoded where its schema is known and its octets are
// a datum of it, else as it is.

import { plainValue, type PlainValue } from '../avro/plain-value.ts';
import { parseSchema } from '../avro/schema.ts';
import type { Preparation } from '../config/preparation.ts';
import { eventNumbersFrom } from '../pipeline/bad-events/event-numbers.ts';
import { Unframer } from '../sources/datums/unframe.ts';
import type { Returned } from '../sources/dead-letters/dead-letter-message.ts';
import type { SchemaStore } from '../sources/schemas/schema-store.ts';
import { schemaStore } from '../stage/schema-sources.ts';

/** One datum, with its number where the message has several. */
export interface LetterDatum {
  readonly event: number | undefined;
  readonly value: PlainValue;
}

interface LetterValuesOptions extends Pick<Preparation, 'topics'> {
  readonly schemas: SchemaStore;
  readonly messageOctetsMax: number;
}

export class LetterValues {
  readonly #options: LetterValuesOptions;
  readonly #unframers = new Map<string, Unframer>();

  constructor(options: LetterValuesOptions) {
    this.#options = options;
  }

  /** Reads values as `run` reads them with this preparation. */
  static of({ config, files, topics }: Preparation): LetterValues {
    const schemas = schemaStore(config, files, topics);
    return new LetterValues({ topics, schemas, messageOctetsMax: config.AVRO_MESSAGE_BYTES });
  }

  /**
   * The datums of the letter's message; of several only those that the letter is about. Undefined where
   * one of them cannot be decoded, or its schema is not available.
   */
  async datumsOf({ topic, events, message }: Returned): Promise<LetterDatum[] | undefined> {
    const value = message?.value;
    const unframer = this.#unframerOf(topic);
    if (!Buffer.isBuffer(value) || !unframer) return undefined;
    try {
      const values = await this.#valuesIn(value, message?.headers, unframer);
      if (values?.length === 1) return [{ event: undefined, value: values[0]! }];
      const numbers = events === undefined ? undefined : eventNumbersFrom(events);
      return values
        ?.map((datum, event) => ({ event, value: datum }))
        .filter(({ event }) => numbers?.has(event) ?? true);
    } catch {
      // The octets are what can be shown.
      return undefined;
    }
  }

  close(): void {
    this.#options.schemas.close();
  }

  #unframerOf(topic: string): Unframer | undefined {
    const { topics, schemas, messageOctetsMax } = this.#options;
    const plan = topics.find((one) => one.topic === topic);
    if (!plan) return undefined;
    const { framing } = plan;
    let unframer = this.#unframers.get(topic);
    if (!unframer) {
      unframer = new Unframer({ topic, framing, schemas, messageOctetsMax });
      this.#unframers.set(topic, unframer);
    }
    return unframer;
  }

  async #valuesIn(
    value: Buffer,
    headers: object | undefined,
    unframer: Unframer,
  ): Promise<PlainValue[] | undefined> {
    const values: PlainValue[] = [];
    const problems: string[] = [];
    const needed = unframer.unframe(value, headers, {
      datum: (bytes, start, end, { json }) => {
        values.push(plainValue(parseSchema(json), bytes, start, end));
      },
      unreadable: (problem) => problems.push(problem),
    });
    if (needed === undefined)
      return problems.length === 0 && values.length > 0 ? values : undefined;
    await this.#options.schemas.fetch(needed);
    return this.#valuesIn(value, headers, unframer);
  }
}
