// Why an event cannot be exported, as decode and validate show it: a message of another framing says which.

import avro from 'avsc';
import { expect, test } from 'vitest';
import { fingerprint64 } from '../../src/avro/fingerprint.ts';
import { EventDecoder } from '../../src/commands/event-records.ts';
import { TopicBindings } from '../../src/pipeline/mapping/bindings.ts';
import { confluent } from '../support/events/framed.ts';
import { deliveryOfOne } from '../support/events/mapping.ts';

const json = {
  type: 'record',
  name: 'E',
  fields: [
    { name: 'flowId', type: ['null', 'long'] },
    { name: 'applicationName', type: 'string' },
  ],
};
const type = avro.Type.forSchema(json as avro.Schema);
const datum = type.toBuffer({ flowId: 5, applicationName: 'dns' });

/** What is wrong with a message of a bare topic. */
function faultOf(message: Buffer, readerSchema?: object): string | undefined {
  const reader = readerSchema && { name: 'reader.avsc', json: readerSchema };
  const bindings = new TopicBindings({
    words: { section: {}, presets: [] },
    readerSchema: reader,
  });
  const decoder = new EventDecoder(() => bindings);
  const delivery = { ...deliveryOfOne(message), schemas: [{ name: 'flow.avsc', json }] };
  const [event] = decoder.eventsOf(delivery);
  decoder.close();
  return event!.fault;
}

test('a bare datum has no fault, and a damaged one no hint', () => {
  expect(faultOf(datum)).toBeUndefined();
  expect(faultOf(datum.subarray(0, -1))).toMatch(/not a datum of the schema: [^.]*cut short$/);
});

test.each([
  ['a Confluent frame with schema id 7; if so, set AVRO_FRAMING=confluent', confluent(7, datum)],
  [
    'an Apicurio frame with schema id 7; if so, set AVRO_FRAMING=apicurio8',
    Buffer.concat([Buffer.from('000000000000000007', 'hex'), datum]),
  ],
  ['JSON text, which is not Avro data', Buffer.from('{"flowId": 5}')],
  ['a container file; if so, set AVRO_FRAMING=ocf', Buffer.from('Obj\x01\x04\x16avro.schema')],
  [
    'a single-object frame; if so, set AVRO_FRAMING=single-object',
    Buffer.concat([Buffer.from(`c301${fingerprint64(json)}`, 'hex'), datum]),
  ],
])('a message that is not bare looks like %s', (what, message) => {
  expect(faultOf(message)).toMatch(/not a datum of the schema: .+\. As a whole, it looks like/);
  expect(faultOf(message)).toContain(`it looks like ${what}`);
});

test('so it is where events are resolved to a reader schema', () => {
  const reader = { ...json, fields: json.fields.slice(1) };
  expect(faultOf(datum, reader)).toBeUndefined();
  expect(faultOf(confluent(7, datum), reader)).toContain(
    'As a whole, it looks like a Confluent frame with schema id 7',
  );
});
