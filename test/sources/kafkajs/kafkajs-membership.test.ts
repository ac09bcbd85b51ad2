// Which errors are kafkajs's own to retry, and which end the process.

import { createRequire } from 'node:module';
import kafkajs from 'kafkajs';
import { expect, test } from 'vitest';
import { isKafkaFault } from '../../../src/sources/kafkajs/kafkajs-membership.ts';

interface Broker {
  metadata(topics: readonly string[]): Promise<unknown>;
}

type BrokerClass = new (options: object) => Broker;

const require = createRequire(import.meta.url);

test("what kafkajs's broker throws while it is not connected is to be retried", async () => {
  const BrokerOf = require('kafkajs/src/broker/index.js') as BrokerClass;
  const broker = new BrokerOf({ connectionPool: {}, logger: { namespace: () => ({}) } });
  const error: unknown = await broker.metadata([]).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(Error);
  expect(isKafkaFault(error)).toBe(true);
});

test('a named error of kafkajs is too, and a bug is not', () => {
  expect(isKafkaFault(new kafkajs.KafkaJSConnectionError('refused'))).toBe(true);
  expect(isKafkaFault(new TypeError('undefined is not a function'))).toBe(false);
  expect(isKafkaFault('a text')).toBe(false);
});
