// A schema registry that answers a little later, or not at all.

import type { SchemaAnswer, SchemasById } from '../../src/sources/schemas/schema-store.ts';
import type { WriterSchema } from '../../src/sources/delivery.ts';
import type { VirtualTime } from './virtual-time.ts';

const answersAfterMs = 5;
const failsAfterMs = 300;

export class SimRegistry {
  isAway = false;
  readonly #time: VirtualTime;
  readonly #schemas: ReadonlyMap<number, WriterSchema>;

  constructor(time: VirtualTime, schemas: ReadonlyMap<number, WriterSchema>) {
    this.#time = time;
    this.#schemas = schemas;
  }

  /** What one process knows of it. */
  client(): SchemasById {
    const known = new Map<number, SchemaAnswer>();
    return {
      known: (id) => known.get(id),
      fetch: async (id) => {
        const { isAway } = this;
        const waitMs = isAway ? failsAfterMs : answersAfterMs;
        await new Promise<void>((resolve) => this.#time.after(waitMs, resolve));
        if (isAway) throw new Error('the schema registry gives no answer');
        const answer = this.#schemas.get(id)!;
        known.set(id, answer);
        return answer;
      },
      close: () => undefined,
    };
  }
}
