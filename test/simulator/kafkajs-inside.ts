// What the simulator uses of kafkajs's inside: its errors, its encoder of RecordBatches, and the place of
// its Broker, the one class that speaks with the network. All above it is the real client.

import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

type ErrorClass = new (problem: unknown, more?: object) => Error;
type ErrorName =
  'KafkaJSConnectionError' | 'KafkaJSConnectionClosedError' | 'KafkaJSRequestTimeoutError';
const errors = require('kafkajs/src/errors') as Record<ErrorName, ErrorClass>;
export const { KafkaJSConnectionError, KafkaJSConnectionClosedError, KafkaJSRequestTimeoutError } =
  errors;

const { createErrorFromCode, errorCodes } = require('kafkajs/src/protocol/error') as {
  createErrorFromCode: (code: number) => Error;
  errorCodes: readonly { type: string; code: number }[];
};

/** What the client makes of an error code in an answer. */
export function protocolError(type: string): Error {
  const found = errorCodes.find((one) => one.type === type);
  if (!found) throw new Error(`Kafka has no error ${type}`);
  return createErrorFromCode(found.code);
}

export interface KafkaRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

interface Encoder {
  readonly buffer: Buffer;
  writeInt32(value: number): Encoder;
  writeEncoder(other: Encoder): Encoder;
}

const recordBatch = require('kafkajs/src/protocol/recordBatch/v0') as {
  RecordBatch: (options: object) => Promise<Encoder>;
};
const encodeRecord = require('kafkajs/src/protocol/recordBatch/record/v0') as (
  record: object,
) => Encoder;
const Long = require('kafkajs/src/utils/long') as { fromValue(value: number): object };

/** The octets of one RecordBatch, as a broker keeps them. */
export async function encodeRecordBatch(
  firstOffset: number,
  records: readonly KafkaRecord[],
): Promise<Buffer> {
  const batch = await recordBatch.RecordBatch({
    firstOffset: Long.fromValue(firstOffset),
    lastOffsetDelta: records.length - 1,
    records: records.map((record, offsetDelta) =>
      encodeRecord({ offsetDelta, ...record, timestampDelta: 0 }),
    ),
  });
  return batch.buffer;
}

/** Before anything loads kafkajs: its Broker is this class from then on. */
export function replaceBroker(broker: object): void {
  const path = require.resolve('kafkajs/src/broker/index.js');
  if (require.cache[path]) throw new Error('kafkajs was loaded before the simulator');
  require.cache[path] = {
    id: path,
    filename: path,
    loaded: true,
    exports: broker,
  } as NodeJS.Module;
}
