// The events of the simulated world: small, of two schemas and two IP versions, some bad, some empty.

import avro from 'avsc';
import { TopicBindings } from '../../src/pipeline/mapping/bindings.ts';
import type { WriterSchema } from '../../src/sources/delivery.ts';
import { confluent } from '../support/events/framed.ts';
import type { KafkaRecord } from './kafkajs-inside.ts';
import type { Kind } from './oracle.ts';

const fields = [
  { name: 'flowId', type: 'long' },
  { name: 'sourceAddress', type: 'bytes' },
];
const schemaOf = (more: readonly object[]): object => ({
  type: 'record',
  name: 'Flow',
  fields: [...fields, ...more],
});

const old = 1;
const added = 2;
const jsons = new Map([
  [old, schemaOf([])],
  [added, schemaOf([{ name: 'octetDeltaCount', type: 'long' }])],
]);
const types = new Map(
  Array.from(jsons, ([id, json]) => [id, avro.Type.forSchema(json as avro.Schema)] as const),
);

export class SimEvents {
  /** Of the longest Data Record: flowId, an IPv6 address, octetDeltaCount. */
  readonly recordOctets = 8 + 16 + 8;
  readonly bindings = new TopicBindings({ words: { section: {}, presets: [] } });
  readonly schemas: ReadonlyMap<number, WriterSchema> = new Map(
    Array.from(jsons, ([id, json]) => [id, { name: `schema id ${id}`, json }]),
  );

  record(flowId: number, kind: Kind, isIpv6: boolean, isOfNewSchema: boolean): KafkaRecord {
    if (kind === 'tombstone') return { key: null, value: null };
    const id = isOfNewSchema ? added : old;
    const sourceAddress = Buffer.alloc(kind === 'bad' ? 3 : isIpv6 ? 16 : 4, 7);
    const datum = types.get(id)!.toBuffer({ flowId, sourceAddress, octetDeltaCount: flowId });
    return { key: null, value: confluent(id, datum) };
  }
}
