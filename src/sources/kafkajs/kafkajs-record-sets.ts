// The seam into how kafkajs reads records. Inside `asRecordSets` a fetch gives, for each partition, one
// pseudo-message with the octets as the broker sent them: still compressed, no object for each record. A
// partition with an error is reported and left out, and the others are read.
// Outside of it kafkajs is what it was, so that other consumers in this process see nothing of it.
//
// One module is replaced (protocol/requests/fetch/v4/decodeMessages.js), which kafkajs loads with its
// first fetch, and the method of its Broker that fetches is wrapped.

import { AsyncLocalStorage } from 'node:async_hooks';
import type { KafkaMessage } from 'kafkajs';
import type { AbortedTransaction } from '../records/aborted-transactions.ts';
import type { RecordSet } from '../records/record-set.ts';
import { isLoaded, kafkajsModule, replaceKafkajsModule } from './kafkajs-inside.ts';
import { type FetchPartition, tolerating } from './kafkajs-requests.ts';
import { lend } from './response-memory.ts';

/** Who fetches record sets, and hears what became of each partition. */
export interface RecordSetReader {
  topicIdOf(topic: string, partition: number): string | undefined;
  /** The broker answered with an error only for this partition. */
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

type DecodeMessages = (decoder: Decoder) => Promise<RecordSetMessage[]>;

interface RecordSetMessage {
  offset: string;
  readonly octets: Buffer;
  recordSet?: RecordSet;
}

interface FetchedPartition {
  readonly partition: number;
  readonly errorCode: number;
  abortedTransactions?: readonly AbortedTransaction[] | null;
  readonly messages: readonly RecordSetMessage[];
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
const reading = new AsyncLocalStorage<RecordSetReader>();

/** Fetches within it give record sets to `reader`. */
export const asRecordSets = <T>(reader: RecordSetReader, fetch: () => Promise<T>): Promise<T> =>
  reading.run(reader, () => tolerating(fetch));

/**
 * The record set of a partition; undefined where it has no records. Whoever says
 * `doneWith` of it lets its octets be written over.
 */
export const recordSetIn = (messages: readonly KafkaMessage[]): RecordSet | undefined =>
  (messages[0] as unknown as RecordSetMessage | undefined)?.recordSet;

/** A patch of kafkajs: within `asRecordSets`, records stay as the broker sent them. */
export function recordsAsTheyCame(): void {
  if (isLoaded(decoderPath)) {
    throw new Error('kafkajs fetched before it was patched; import kafkajs-patches.ts earlier');
  }
  const own = kafkajsModule(decoderPath) as DecodeMessages;
  replaceKafkajsModule(decoderPath, (decoder: Decoder) =>
    reading.getStore() ? recordSetFrom(decoder) : own(decoder),
  );
}

/** A patch of kafkajs: within `asRecordSets`, a fetch tells its reader what became of each partition. */
export function fetchForReaders(): void {
  const { prototype } = kafkajsModule('src/broker/index.js') as { prototype: Broker };
  const fetch = Reflect.get(prototype, 'fetch');
  prototype.fetch = function fetchAsAsked(this: Broker, request) {
    const reader = reading.getStore();
    const asked = () => fetch.call(this, request);
    return reader ? fetchFor(reader, request, asked) : asked();
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

// RECORDS => size (int32), RecordBatches
function recordSetFrom(decoder: Decoder): Promise<RecordSetMessage[]> {
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
  const [first] = fetched.messages;
  const aborted = fetched.abortedTransactions ?? [];
  // The walk through the record set leaves them out; kafkajs finds nothing left to filter.
  fetched.abortedTransactions = [];
  if (!first) return;
  const { fetchOffset, topicId } = request.topics
    .flatMap(({ topic, partitions }) => (topic === topicName ? partitions : []))
    .find(({ partition }) => partition === fetched.partition)!;
  first.offset = fetchOffset;
  first.recordSet = { octets: first.octets, fetchOffset: Number(fetchOffset), aborted, topicId };
  lend(first.octets, first.recordSet);
}
