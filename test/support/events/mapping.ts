// A schema's mapping without the stage around it.

import avro from 'avsc';
import { eventReader } from '../../../src/avro/event-reader.ts';
import { parseSchema } from '../../../src/avro/schema.ts';
import { EncodeError } from '../../../src/ipfix/abstract-type.ts';
import type { Binding } from '../../../src/pipeline/mapping/bindings.ts';
import { mappingOf, type TopicWords } from '../../../src/pipeline/mapping/mapping.ts';
import type { Delivery } from '../../../src/sources/delivery.ts';

export const mappingFromSchema = (json: unknown, words?: TopicWords) =>
  mappingOf(parseSchema(json), words);

export function bindingFor(json: unknown, mapping = mappingFromSchema(json)): Binding {
  return { json, root: parseSchema(json), mapping };
}

/**
 * The values of the mapping's fields in an event, by path: encoded by avsc, read by the event reader.
 * What is refused is its message.
 */
export function valuesIn(json: unknown, event: unknown, words?: TopicWords) {
  const { root, mapping } = bindingFor(json, mappingFromSchema(json, words));
  const bytes = avro.Type.forSchema(json as avro.Schema).toBuffer(event);
  const reader = eventReader(root, mapping.paths);
  reader.begin(bytes, 0, bytes.length);
  const { slots, variants } = reader;
  const values = { slots, variants, delivery: deliveryOfOne(bytes), datum: 0 };
  return Object.fromEntries(
    mapping.fields.map(({ elementName, read }) => {
      try {
        return [elementName, read(values)];
      } catch (error) {
        if (!(error instanceof EncodeError)) throw error;
        return [elementName, error.message];
      }
    }),
  );
}

/** One datum, with a key, a header and a time beside it. */
export const deliveryOfOne = (bytes: Buffer): Delivery => ({
  origin: { topic: 'flows', partition: 3, generation: 1 },
  ...{ bytes, count: 1, starts: Int32Array.of(0), ends: Int32Array.of(bytes.length) },
  ...{ offsets: Float64Array.of(41), nextOffset: 42, schemas: [], schemaOf: undefined },
  unreadable: undefined,
  metadata: {
    timestampMs: () => 1_700_000_000_123,
    key: () => Buffer.from('"192.0.2.9"'),
    value: () => bytes,
    header: (_, name) => (name === 'exporter' ? Buffer.from('2001:db8::9') : null),
    headers: () => [{ key: 'exporter', value: Buffer.from('2001:db8::9') }],
  },
});
