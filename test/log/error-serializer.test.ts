// A stack in the log is for a bug; an operator gets a message.

import kafkajs from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { errorSerializer } from '../../src/log/error-serializer.ts';
import { MissingTopicError } from '../../src/sources/kafkajs/missing-topic.ts';

const systemError = Object.assign(new Error('bind EADDRINUSE'), { code: 'EADDRINUSE' });
const notFound = Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT' });

describe.each([
  ['a missing topic', new MissingTopicError(['flows'], ['localhost:9092'])],
  ['an address in use', systemError],
  ['a missing file', notFound],
  ['brokers that are away', new kafkajs.KafkaJSConnectionError('refused')],
])('%s', (_, error) => {
  test('has no stack at the usual level', () => {
    expect(errorSerializer(false)(error)).toMatchObject({ message: error.message });
    expect(errorSerializer(false)(error)).not.toHaveProperty('stack');
  });

  test('has one at level debug', () => {
    expect(errorSerializer(true)(error)).toHaveProperty('stack', error.stack);
  });
});

test.each([
  ['a bug', new TypeError('undefined is not a function')],
  ['a wrong call', Object.assign(new TypeError('wrong'), { code: 'ERR_INVALID_ARG_TYPE' })],
])('%s has a stack at every level', (_, error) => {
  expect(errorSerializer(false)(error)).toHaveProperty('stack', error.stack);
});
