// The seam into how kafkajs reads records. Inside `asRecordSets` a fetch gives, for each partition, one
// pseudo-message with the octets as the broker sent them: still compressed, no object for each record.
// Inside `asMessages` it gives kafkajs's own messages, less those of aborted transactions. Outside of
// both kafkajs is what it was, so that other consumers in this process see nothing of it.
//
// One module is replaced (protocol/requests/fetch/v4/decodeMessages.js), which kafkajs loads with its
// first fetch, and the method of its Broker that fetches is wrapped.

import { AsyncLocalStorage } from 'node:async_hooks';
import type { KafkaMessage } from 'kafkajs';
import { type AbortedTransaction, AbortedTransactions } from './aborted-transactions.ts';
import { isLoaded, kafkajsModule, replaceKafkajsModule } from './kafkajs-inside.ts';
import { keep, lend } from './response-memory.ts';

/** What the broker sent of one partition. */
export interface RecordSet {
  readonly octets: Buffer;
  /** The first offset that was asked for; the first batch may begin before it. */
  readonly fetchOffset: number;
  readonly aborted: readonly AbortedTransaction[];
}

// What is used of kafkajs/src/protocol/decoder.js.
interface Decoder {
  readonly buffer: Buffer;
  readonly offset: number;
  readInt32(): number;
  canReadBytes(length: number): boolean;
  readBytes(length: number): Buffer;
}

type DecodeMessages = (decoder: Decoder) => Promise<Message[] | RecordSetMessage[]>;

// What is used of a message, as kafkajs/src/protocol/recordBatch/record/v0/decoder.js makes it.
interface Message {
  readonly offset: string;
  readonly key: Buffer | null;
  readonly batchContext?: { readonly producerId: string; readonly inTransaction: boolean };
  isControlRecord?: boolean;
}

interface RecordSetMessage {
  offset: string;
  readonly octets: Buffer;
  recordSet?: RecordSet;
}

interface FetchedPartition {
  readonly partition: number;
  abortedTransactions?: readonly AbortedTransaction[] | null;
  readonly messages: readonly (Message | RecordSetMessage)[];
}

interface FetchRequest {
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number; readonly fetchOffset: string }[];
  }[];
}

// What is used of kafkajs/src/broker/index.js.
interface Broker {
  fetch(request: FetchRequest): Promise<{
    readonly responses: readonly {
      readonly topicName: string;
      readonly partitions: readonly FetchedPartition[];
    }[];
  }>;
}

const decoderPath = 'src/protocol/requests/fetch/v4/decodeMessages.js';
const magicAt = 16;
const reading = new AsyncLocalStorage<'record sets' | 'messages'>();

/** Fetches within it, by consumers or by a Broker, give record sets. */
export const asRecordSets = <T>(fetch: () => Promise<T>): Promise<T> =>
  reading.run('record sets', fetch);

/** Fetches within it give messages; control records and aborted ones are `isControlRecord`. */
export const asMessages = <T>(fetch: () => Promise<T>): Promise<T> =>
  reading.run('messages', fetch);

/**
 * The record set that a partition's messages are; undefined where they are messages. Whoever says
 * `doneWith` of it lets its octets be written over.
 */
export const recordSetIn = (messages: readonly KafkaMessage[]): RecordSet | undefined =>
  (messages[0] as unknown as RecordSetMessage | undefined)?.recordSet;

install();

function install(): void {
  if (isLoaded(decoderPath)) {
    throw new Error('kafkajs fetched before its seam was in place; import this file earlier');
  }
  const own = kafkajsModule(decoderPath) as DecodeMessages;
  replaceKafkajsModule(decoderPath, (decoder: Decoder) =>
    reading.getStore() === 'record sets' ? recordSetFrom(decoder, own) : own(decoder),
  );
  const { prototype } = kafkajsModule('src/broker/index.js') as { prototype: Broker };
  const fetch = Reflect.get(prototype, 'fetch');
  prototype.fetch = async function fetchAsAsked(this: Broker, request) {
    const response = await fetch.call(this, request);
    if (reading.getStore() === undefined) return response;
    for (const { topicName, partitions } of response.responses) {
      for (const fetched of partitions) takeOver(topicName, fetched, request);
    }
    return response;
  };
}

// RECORDS => size (int32), RecordBatches; or, of before Kafka 0.11, a MessageSet: kafkajs reads those.
function recordSetFrom(decoder: Decoder, own: DecodeMessages): ReturnType<DecodeMessages> {
  const at = decoder.offset;
  const magic = decoder.buffer[at + 4 + magicAt];
  if (magic === 0 || magic === 1) {
    keep(decoder.buffer);
    return own(decoder);
  }
  const size = decoder.readInt32();
  if (size <= 0) return Promise.resolve([]);
  if (!decoder.canReadBytes(size)) {
    throw new Error(
      'a Fetch response ends within its records; the connection or the broker cut it',
    );
  }
  return Promise.resolve([{ offset: '', octets: decoder.readBytes(size) }]);
}

function takeOver(topicName: string, fetched: FetchedPartition, request: FetchRequest): void {
  const { messages } = fetched;
  const aborted = fetched.abortedTransactions ?? [];
  // Reckoned here; kafkajs finds nothing left to filter.
  fetched.abortedTransactions = [];
  const [first] = messages;
  if (first && 'octets' in first) {
    first.offset = request.topics
      .flatMap(({ topic, partitions }) => (topic === topicName ? partitions : []))
      .find(({ partition }) => partition === fetched.partition)!.fetchOffset;
    first.recordSet = { octets: first.octets, fetchOffset: Number(first.offset), aborted };
    lend(first.octets, first.recordSet);
    return;
  }
  markAborted(messages as readonly Message[], aborted);
}

const abortMarkerKey = Buffer.of(0, 0, 0, 0);

/** kafkajs passes control records over, and their offsets count: just so with aborted ones. */
function markAborted(messages: readonly Message[], aborted: readonly AbortedTransaction[]): void {
  if (aborted.length === 0) return;
  const transactions = new AbortedTransactions(aborted);
  for (const message of messages) {
    const { batchContext, key, offset } = message;
    if (!batchContext) continue;
    const isControl = message.isControlRecord === true;
    const isAborted = transactions.includes({
      producerId: Number(batchContext.producerId),
      lastOffset: Number(offset),
      isTransactional: batchContext.inTransaction,
      isAbortMarker: isControl && key?.equals(abortMarkerKey) === true,
    });
    if (isAborted) message.isControlRecord = true;
  }
}
