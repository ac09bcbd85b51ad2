// The seams into kafkajs: only into the version they were made for, and only for those who ask.

import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { checkVersion } from '../../../src/sources/kafkajs/kafkajs-inside.ts';
import '../../../src/sources/kafkajs/kafkajs-patches.ts';
import { asRecordSets, recordSetIn } from '../../../src/sources/kafkajs/kafkajs-record-sets.ts';
import { batchByHand, anyBatch } from '../../support/kafka/any-record-batch.ts';
import { Random } from '../../../src/generator/random.ts';

const require = createRequire(import.meta.url);
type Decode = (decoder: object) => Promise<{ offset: string; recordSet?: object }[]>;
const Decoder = require('kafkajs/src/protocol/decoder.js') as new (octets: Buffer) => object;
const decode = require('kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js') as Decode;

const reader = {
  ...{ topicIdOf: () => undefined, answered: () => undefined },
  failed: () => Promise.resolve(),
};

function fetched(): object {
  const batch = batchByHand({ ...anyBatch(new Random(1), 5), codec: 0 });
  const size = Buffer.alloc(4);
  size.writeInt32BE(batch.length);
  return new Decoder(Buffer.concat([size, batch]));
}

test('another version of kafkajs is refused with the fix', () => {
  expect(() => checkVersion('2.2.4')).not.toThrow();
  expect(() => checkVersion('2.2.5')).toThrow(
    'kafkajs 2.2.5 is installed; kafka2ipfix needs exactly 2.2.4, because it depends on its internals. Run npm ci',
  );
});

test('a fetch gives record sets to those who ask for them, and messages to everybody else', async () => {
  const [raw, messages] = await Promise.all([
    asRecordSets(reader, () => decode(fetched())),
    decode(fetched()),
  ]);
  expect(raw).toHaveLength(1);
  expect(raw[0]).toHaveProperty('octets');
  expect(messages.length).toBeGreaterThan(1);
  expect(messages.every((message) => message.offset !== '')).toBe(true);
  expect(recordSetIn(messages as never)).toBeUndefined();
});
