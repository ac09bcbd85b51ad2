// A Kafka message's value through framing, mapping, painting and the decoder: what would be exported.

import { EventDecoder } from '../../../../src/commands/event-records.ts';
import { type Framing } from '../../../../src/framing.ts';
import { TopicBindings } from '../../../../src/pipeline/mapping/bindings.ts';
import type { TopicWords } from '../../../../src/pipeline/mapping/mapping.ts';
import type { Delivery } from '../../../../src/sources/delivery.ts';
import { Deliveries } from '../../../../src/sources/datums/deliveries.ts';
import { SchemaStore } from '../../../../src/sources/schemas/schema-store.ts';
import { Unframer } from '../../../../src/sources/datums/unframe.ts';
import { recordSetOf } from '../../../support/kafka/any-record-batch.ts';

export interface ExportedOptions {
  /** Bare, unless said. */
  readonly framing?: Framing;
  readonly schema: unknown;
  readonly words: TopicWords;
}

export interface Exported {
  readonly records: Record<string, unknown>[];
  readonly dropped: string[];
  readonly faults: string[];
}

const topic = 'flows';

export function exported(
  value: Buffer | null,
  { framing = { form: 'bare', base64: false }, schema, words }: ExportedOptions,
): Exported {
  const bare = new Map([[topic, { name: 'test.avsc', json: schema }]]);
  const schemas = new SchemaStore({ bare, byFingerprint: new Map(), registry: undefined });
  const unframer = new Unframer({ topic, framing, schemas, messageOctetsMax: 1_000_000 });
  const deliveries = new Deliveries({ checkCrcs: true, batchOctetsMax: 2 ** 26 });
  const set = recordSetOf([{ offset: 5, value }]);
  const origin = { topic, partition: 0, generation: 1 };
  const bindings = new TopicBindings({ words });
  const decoder = new EventDecoder(() => bindings);
  const found: Exported = { records: [], dropped: [], faults: [] };
  for (const step of deliveries.of({ set, origin, datumsMax: 1_000 }, unframer)) {
    for (const { records, dropped, fault } of decoder.eventsOf(step as Delivery)) {
      if (dropped !== undefined) found.dropped.push(dropped);
      if (fault !== undefined) found.faults.push(fault);
      for (const { values } of records) {
        found.records.push(
          Object.fromEntries(values.map(({ element, value: one }) => [element.name, plain(one)])),
        );
      }
    }
  }
  decoder.close();
  return found;
}

const plain = (value: unknown): unknown => {
  const number = typeof value === 'bigint' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : value;
};
