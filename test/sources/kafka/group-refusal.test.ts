// What the broker refuses, in the operator's terms.

import kafkajs from 'kafkajs';
import { expect, test } from 'vitest';
import { refusalOf } from '../../../src/sources/kafka/group-refusal.ts';

const member = { groupId: 'soc', topics: ['flows', 'dns'], sessionTimeoutMs: 3_000 };

const broker = (type: string) =>
  new kafkajs.KafkaJSProtocolError(Object.assign(new Error('kafkajs says'), { type, code: 1 }));

test.each([
  ['INCONSISTENT_GROUP_PROTOCOL', /^group soc: .*another program.*KAFKA_GROUP_ID$/, false],
  ['INVALID_SESSION_TIMEOUT', /KAFKA_SESSION_TIMEOUT=3000ms.*group\.min\.session/, true],
  ['INVALID_GROUP_ID', /"soc"; correct KAFKA_GROUP_ID$/, true],
  ['GROUP_MAX_SIZE_REACHED', /^group soc: .*group\.max\.size/, false],
  ['GROUP_AUTHORIZATION_FAILED', /^group soc: .*grant READ on the group/, false],
  ['TOPIC_AUTHORIZATION_FAILED', /^topics flows, dns: .*grant READ and DESCRIBE/, false],
  ['CLUSTER_AUTHORIZATION_FAILED', /grant DESCRIBE on the cluster$/, false],
])('%s names what to correct', (type, message, isSetting) => {
  const cause = broker(type);
  const wrapped = Object.assign(new kafkajs.KafkaJSNonRetriableError(cause), { cause });
  for (const error of [broker(type), wrapped]) {
    const refusal = refusalOf(error, member);
    expect(refusal?.message).toMatch(message);
    expect(refusal).toMatchObject({ code: type, isSetting, cause: error });
  }
});

test('any other error is none', () => {
  expect(refusalOf(broker('REBALANCE_IN_PROGRESS'), member)).toBeUndefined();
  expect(refusalOf(new TypeError('a bug'), member)).toBeUndefined();
  expect(refusalOf('a text', member)).toBeUndefined();
});
