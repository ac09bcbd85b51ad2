// The seam into how kafkajs reads records. Inside `asRecordSets` a fetch gives, for each partition, one
// pseudo-message with the octets as the broker sent them: still compressed, no object for each record. A
// partition with an error is reported and left out, and the others are read.
// Inside `asMessages` it gives kafkajs's own messages, less those of aborted transactions. Outside of
// both kafkajs is what it was, so that other consumers in this process see nothing of it.
//
// One module is replaced (protocol/requests/fetch/v4/decodeMessages.js), which kafkajs loads with its
// first fetch, and the method of its Broker that fetches is wrapped.

import { AsyncLocalStorage } from 'node:async_hooks';
import type { KafkaMessage } from 'kafkajs';
import { type AbortedTransaction, AbortedTransactions } from '../records/aborted-transactions.ts';
import type { RecordSet } from '../records/record-set.ts';
import { isLoaded, kafkajsModule, replaceKafkajsModule } from './kafkajs-inside.ts';
import { type FetchPartition, installRequests, tolerating } from './kafkajs-requests.ts';
import { keep, lend } from './response-memory.ts';

/** Who fetches record sets, and hears what became of each partition. */
export interface RecordSetReader {
  topicIdOf(topic: string, partition: number): string | undefined;
  /** The broker answered with an error for this partition alone. */
  failed(topic: string, partition: number, errorCode: number): Promise<void>;
  answered(topic: string, partition: number): void;
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
  readonly errorCode: number;
  abortedTransactions?: readonly AbortedTransaction[] | null;
  readonly messages: readonly (Message | RecordSetMessage)[];
}

interface FetchRequest {
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly FetchPartition[];
  }[];
}

interface FetchedTopic {
  readonly topicName: string;
  partitions: FetchedPartition[];
}

// What is used of kafkajs/src/broker/index.js.
interface Broker {
  fetch(request: FetchRequest): Promise<{ readonly responses: readonly FetchedTopic[] }>;
}

const decoderPath = 'src/protocol/requests/fetch/v4/decodeMessages.js';
const magicAt = 16;
const reading = new AsyncLocalStorage<RecordSetReader | 'messages'>();

/** Fetches within it give record sets to `reader`. */
export const asRecordSets = <T>(reader: RecordSetReader, fetch: () => Promise<T>): Promise<T> =>
  reading.run(reader, () => tolerating(fetch));

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
    typeof reading.getStore() === 'object' ? recordSetFrom(decoder, own) : own(decoder),
  );
  const DecoderClass = kafkajsModule('src/protocol/decoder.js') as new (octets: Buffer) => Decoder;
  installRequests((octets) => {
    if (!isMessageSet(octets, 0)) return Promise.resolve([{ offset: '', octets }]);
    const size = Buffer.alloc(4);
    size.writeInt32BE(octets.length);
    return own(new DecoderClass(Buffer.concat([size, octets])));
  });
  const { prototype } = kafkajsModule('src/broker/index.js') as { prototype: Broker };
  const fetch = Reflect.get(prototype, 'fetch');
  prototype.fetch = async function fetchAsAsked(this: Broker, request) {
    const reader = reading.getStore();
    if (typeof reader === 'object')
      return fetchFor(reader, request, () => fetch.call(this, request));
    const response = await fetch.call(this, request);
    if (reader === 'messages') {
      for (const { partitions } of response.responses) {
        for (const fetched of partitions) markAborted(fetched);
      }
    }
    return response;
  };
}

async function fetchFor(
  reader: RecordSetReader,
  request: FetchRequest,
  fetch: () => ReturnType<Broker['fetch']>,
): ReturnType<Broker['fetch']> {
  for (const { topic, partitions } of request.topics) {
    for (const one of partitions) one.topicId = reader.topicIdOf(topic, one.partition);
  }
  const response = await fetch();
  for (const fetchedTopic of response.responses) {
    const { topicName, partitions } = fetchedTopic;
    for (const { partition, errorCode } of partitions) {
      if (errorCode === 0) reader.answered(topicName, partition);
      else await reader.failed(topicName, partition, errorCode);
    }
    fetchedTopic.partitions = partitions.filter(({ errorCode }) => errorCode === 0);
    for (const fetched of fetchedTopic.partitions) takeOver(topicName, fetched, request);
  }
  return response;
}

/** Of before Kafka 0.11: kafkajs reads those. */
function isMessageSet(octets: Buffer, at: number): boolean {
  const magic = octets[at + magicAt];
  return magic === 0 || magic === 1;
}

// RECORDS => size (int32), RecordBatches; or a MessageSet.
function recordSetFrom(decoder: Decoder, own: DecodeMessages): ReturnType<DecodeMessages> {
  if (isMessageSet(decoder.buffer, decoder.offset + 4)) {
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
  const [first] = messages;
  if (!first || !('octets' in first)) {
    markAborted(fetched);
    return;
  }
  const aborted = fetched.abortedTransactions ?? [];
  // The walk through the record set leaves them out; kafkajs finds nothing left to filter.
  fetched.abortedTransactions = [];
  const { fetchOffset, topicId } = request.topics
    .flatMap(({ topic, partitions }) => (topic === topicName ? partitions : []))
    .find(({ partition }) => partition === fetched.partition)!;
  first.offset = fetchOffset;
  first.recordSet = { octets: first.octets, fetchOffset: Number(fetchOffset), aborted, topicId };
  lend(first.octets, first.recordSet);
}

const abortMarkerKey = Buffer.of(0, 0, 0, 0);

/** kafkajs passes control records over, and their offsets count: just so with aborted ones. */
function markAborted(fetched: FetchedPartition): void {
  const aborted = fetched.abortedTransactions ?? [];
  fetched.abortedTransactions = [];
  if (aborted.length === 0) return;
  const transactions = new AbortedTransactions(aborted);
  for (const message of fetched.messages as readonly Message[]) {
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
