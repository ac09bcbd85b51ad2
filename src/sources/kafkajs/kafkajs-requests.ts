// Two requests that kafkajs is too old to know, added to its own: Metadata v12, which gives the ids of
// topics, and Fetch v13, which asks by such an id. A topic that was deleted and created again under its
// name has another id (KIP-516), so what is fetched by id never comes from the wrong log.
//
// And tolerance: kafkajs throws a whole answer away at the first topic or partition in it that has an
// error. Within `tolerating` the rest of the answer is used, and what has an error is marked as such.

import { AsyncLocalStorage } from 'node:async_hooks';
import { kafkajsModule } from './kafkajs-inside.ts';

// What is used of kafkajs/src/protocol/encoder.js and decoder.js.
interface Encoder {
  writeInt8(value: number): Encoder;
  writeInt32(value: number): Encoder;
  writeInt64(value: string | number): Encoder;
  writeBoolean(value: boolean): Encoder;
  writeBufferInternal(value: Buffer): void;
  writeUVarInt(value: number): Encoder;
  writeUVarIntString(value: string | null): Encoder;
}

interface Decoder {
  readonly buffer: Buffer;
  offset: number;
  readInt16(): number;
  readInt32(): number;
  readInt64(): { toString(): string };
  readBoolean(): boolean;
  readUVarInt(): number;
  readUVarIntString(): string | null;
  readBytes(length: number): Buffer;
  forward(octets: number): void;
}

interface ProtocolRequest {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly apiName: string;
  encode(): Promise<Encoder>;
}

interface ProtocolResponse<T> {
  decode(octets: Buffer): Promise<T>;
  parse(data: T): Promise<T>;
}

interface Exchange<T> {
  readonly request: ProtocolRequest;
  readonly response: ProtocolResponse<T>;
  /** In milliseconds, where it is more than that of the connection. */
  readonly requestTimeout?: number;
}

/** kafkajs's module of one request. */
interface RequestModule<A, T> {
  versions: string[];
  protocol: (options: { version: number }) => (args: A) => Exchange<T>;
}

export interface PartitionMetadata {
  partitionErrorCode: number;
  partitionId: number;
  /** -1: nobody. */
  leader: number;
  replicas: number[];
  isr: number[];
  offlineReplicas?: number[];
}

export interface TopicMetadata {
  topicErrorCode: number;
  topic: string;
  /** Undefined where the brokers give none. */
  topicId?: string | undefined;
  isInternal: boolean;
  /** None where the topic has an error. */
  partitionMetadata: PartitionMetadata[];
}

interface Metadata {
  topicMetadata: TopicMetadata[];
}

interface MetadataArguments {
  readonly topics: readonly string[];
  readonly allowAutoTopicCreation?: boolean;
}

export interface FetchPartition {
  readonly partition: number;
  readonly fetchOffset: string;
  readonly maxBytes?: number;
  /** The id of its topic; without one the request goes by name. */
  topicId?: string | undefined;
}

interface FetchArguments {
  readonly replicaId?: number;
  readonly maxWaitTime: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly isolationLevel?: number;
  readonly rackId?: string;
  readonly topics: readonly { topic: string; partitions: readonly FetchPartition[] }[];
}

interface FetchedPartition {
  partition: number;
  errorCode: number;
  messages: readonly object[];
}

interface Fetched {
  readonly errorCode?: number;
  readonly responses: readonly { topicName: string; partitions: FetchedPartition[] }[];
}

interface CommittedTopics {
  readonly responses: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number; readonly errorCode: number }[];
  }[];
}

/** Beyond the time that a fetch may wait for records. */
const fetchTimeoutMs = 5_000;
/** The group's leader has to be ready first. */
const syncTimeoutMs = 30_000;

const metadataByIdVersion = 12;
const fetchByIdVersion = 13;
/** The newest versions that kafkajs itself has. */
const ownMetadataVersion = 6;
const ownFetchVersion = 11;

const tolerance = new AsyncLocalStorage<true>();

/** What is asked within it is answered as far as it can be: an error of a part is left in its place. */
export const tolerating = <T>(ask: () => Promise<T>): Promise<T> => tolerance.run(true, ask);

const { createErrorFromCode, errorCodes } = kafkajsModule('src/protocol/error.js') as {
  createErrorFromCode: (code: number) => Error;
  errorCodes: readonly { readonly type: string; readonly code: number }[];
};
const EncoderClass = kafkajsModule('src/protocol/encoder.js') as new () => Encoder;
const DecoderClass = kafkajsModule('src/protocol/decoder.js') as new (octets: Buffer) => Decoder;
const apiKeys = kafkajsModule('src/protocol/requests/apiKeys.js') as Record<string, number>;

const newerErrors = new Map([
  [100, 'UNKNOWN_TOPIC_ID'],
  [103, 'INCONSISTENT_TOPIC_ID'],
]);

/** The broker's name of an error, as `NOT_LEADER_FOR_PARTITION`. */
export const errorName = (code: number): string =>
  newerErrors.get(code) ?? errorCodes.find((one) => one.code === code)?.type ?? `error ${code}`;

/** The error that kafkajs makes of a code. */
export const errorOf = (code: number): Error => createErrorFromCode(code);

const requestModule = <A, T>(name: string) =>
  kafkajsModule(`src/protocol/requests/${name}/index.js`) as RequestModule<A, T>;

/** A patch of kafkajs: Metadata v12 is asked for where the broker has it, and gives topics' ids. */
export function metadataWithTopicIds(): void {
  const metadata = requestModule<MetadataArguments, Metadata>('metadata');
  const { protocol: byName } = metadata;
  metadata.versions = [...metadata.versions, String(metadataByIdVersion)];
  metadata.protocol =
    ({ version }) =>
    (args) => {
      const { request, response } =
        version >= metadataByIdVersion
          ? metadataById(args)
          : byName({ version: Math.min(version, ownMetadataVersion) })(args);
      return { request, response: { ...response, parse: parseMetadata(args) } };
    };
}

/** A patch of kafkajs: a fetch whose partitions all have their topic's id goes by Fetch v13. */
export function fetchByTopicId(): void {
  const fetch = requestModule<FetchArguments, Fetched>('fetch');
  const { protocol: byName } = fetch;
  fetch.versions = [...fetch.versions, String(fetchByIdVersion)];
  fetch.protocol =
    ({ version }) =>
    (args) => {
      const isById =
        version >= fetchByIdVersion &&
        args.topics.every(({ partitions }) => partitions.every((one) => one.topicId !== undefined));
      if (isById) return fetchById(args);
      return withTolerance(byName({ version: Math.min(version, ownFetchVersion) })(args));
    };
}

/** A patch of kafkajs: within `tolerating`, a commit answers for each partition. */
export function commitOfEachPartition(): void {
  const commit = requestModule<object, CommittedTopics>('offsetCommit');
  const { protocol: own } = commit;
  commit.protocol = (options) => (args) => withTolerance(own(options)(args));
}

/** A patch of kafkajs: SyncGroup waits until the group's leader is ready. */
export function patientSyncGroup(): void {
  const sync = requestModule<object, object>('syncGroup');
  const { protocol: own } = sync;
  sync.protocol = (options) => (args) => ({ ...own(options)(args), requestTimeout: syncTimeoutMs });
}

// What is used of kafkajs/src/cluster/index.js.
interface Cluster {
  metadata(options?: object): Promise<object | null>;
}

/** A patch of kafkajs, which answers with null where no broker does, and then fails with a TypeError. */
export function metadataAnswersOrFails(): void {
  const { prototype } = kafkajsModule('src/cluster/index.js') as { prototype: Cluster };
  const { KafkaJSConnectionError } = kafkajsModule('src/errors.js') as {
    KafkaJSConnectionError: new (problem: string, more: object) => Error;
  };
  const ask = Reflect.get(prototype, 'metadata');
  prototype.metadata = async function metadata(this: Cluster, options) {
    const found = await ask.call(this, options);
    if (found) return found;
    throw new KafkaJSConnectionError('no broker answers now', { broker: '' });
  };
}

/** kafkajs's `parse` only looks for errors. */
const withTolerance = <T>({ response, ...exchange }: Exchange<T>): Exchange<T> => ({
  ...exchange,
  response: {
    ...response,
    parse: (data) => (tolerance.getStore() ? Promise.resolve(data) : response.parse(data)),
  },
});

/** An answer about all topics never fails for one of them. */
function parseMetadata({ topics }: MetadataArguments): (data: Metadata) => Promise<Metadata> {
  return (data) => {
    const isTolerant = tolerance.getStore() === true || topics.length === 0;
    for (const topic of data.topicMetadata) {
      const { topicErrorCode, partitionMetadata } = topic;
      const failed = partitionMetadata.find(
        (one) => one.partitionErrorCode !== 0 && one.leader < 0,
      );
      const code = topicErrorCode === 0 ? (failed?.partitionErrorCode ?? 0) : topicErrorCode;
      if (code !== 0 && !isTolerant) return Promise.reject(createErrorFromCode(code));
      if (topicErrorCode !== 0) topic.partitionMetadata = [];
    }
    return Promise.resolve(data);
  };
}

// Metadata Request (Version: 12) => [topics] allow_auto_topic_creation include_topic_authorized_operations TAG_BUFFER
//   topics => topic_id name TAG_BUFFER
//     topic_id => UUID, name => COMPACT_NULLABLE_STRING
// A null array stands for all topics. KIP-516; Kafka's MetadataRequest.json.
function metadataById({ topics, allowAutoTopicCreation = false }: MetadataArguments) {
  return {
    request: {
      apiKey: apiKeys['Metadata']!,
      apiName: 'Metadata',
      apiVersion: metadataByIdVersion,
      encode: () => {
        const encoder = beginRequest();
        compactLength(encoder, topics.length === 0 ? undefined : topics.length);
        for (const topic of topics) {
          encoder.writeBufferInternal(noId);
          encoder.writeUVarIntString(topic);
          noTags(encoder);
        }
        encoder.writeBoolean(allowAutoTopicCreation).writeBoolean(false);
        return Promise.resolve(noTags(encoder));
      },
    },
    response: { decode: decodeMetadata, parse: (data: Metadata) => Promise.resolve(data) },
  };
}

// Metadata Response (Version: 12) => throttle_time_ms [brokers] cluster_id controller_id [topics] TAG_BUFFER
//   brokers => node_id host port rack TAG_BUFFER
//   topics => error_code name topic_id is_internal [partitions] topic_authorized_operations TAG_BUFFER
//     partitions => error_code partition_index leader_id leader_epoch [replica_nodes] [isr_nodes] [offline_replicas] TAG_BUFFER
function decodeMetadata(octets: Buffer): Promise<Metadata> {
  const decoder = beginResponse(octets);
  const clientSideThrottleTime = decoder.readInt32();
  const brokers = arrayOf(decoder, () => {
    const nodeId = decoder.readInt32();
    const host = decoder.readUVarIntString();
    const port = decoder.readInt32();
    const rack = decoder.readUVarIntString();
    passTags(decoder);
    return { nodeId, host, port, rack };
  });
  const clusterId = decoder.readUVarIntString();
  const controllerId = decoder.readInt32();
  const topicMetadata = arrayOf(decoder, () => {
    const topicErrorCode = decoder.readInt16();
    const topic = decoder.readUVarIntString() ?? '';
    const topicId = readId(decoder);
    const isInternal = decoder.readBoolean();
    const partitionMetadata = arrayOf(decoder, () => {
      const partitionErrorCode = decoder.readInt16();
      const partitionId = decoder.readInt32();
      const leader = decoder.readInt32();
      const leaderEpoch = decoder.readInt32();
      const readNode = () => decoder.readInt32();
      const replicas = arrayOf(decoder, readNode);
      const isr = arrayOf(decoder, readNode);
      const offlineReplicas = arrayOf(decoder, readNode);
      passTags(decoder);
      return {
        partitionErrorCode,
        partitionId,
        leader,
        leaderEpoch,
        replicas,
        isr,
        offlineReplicas,
      };
    });
    decoder.forward(4);
    passTags(decoder);
    return { topicErrorCode, topic, topicId, isInternal, partitionMetadata };
  });
  return Promise.resolve({
    throttleTime: 0,
    clientSideThrottleTime,
    brokers,
    clusterId,
    controllerId,
    topicMetadata,
  });
}

const readCommitted = 1;
const noEpoch = -1;

// Fetch Request (Version: 13) => replica_id max_wait_ms min_bytes max_bytes isolation_level session_id session_epoch
//     [topics] [forgotten_topics_data] rack_id TAG_BUFFER
//   topics => topic_id [partitions] TAG_BUFFER
//     partitions => partition current_leader_epoch fetch_offset last_fetched_epoch log_start_offset partition_max_bytes TAG_BUFFER
// KIP-516; Kafka's FetchRequest.json. No fetch session, as kafkajs has none.
function fetchById(args: FetchArguments): Exchange<Fetched> {
  const { topics, maxWaitTime } = args;
  const names = new Map(
    topics.flatMap(({ topic, partitions }) =>
      partitions.map(({ topicId }) => [topicId!, topic] as const),
    ),
  );
  return {
    requestTimeout: maxWaitTime + fetchTimeoutMs,
    request: {
      apiKey: apiKeys['Fetch']!,
      apiName: 'Fetch',
      apiVersion: fetchByIdVersion,
      encode: () => Promise.resolve(encodeFetch(args)),
    },
    response: {
      decode: (octets) => Promise.resolve(decodeFetch(octets, names)),
      parse: (data) => {
        const { errorCode = 0 } = data;
        if (errorCode !== 0) return Promise.reject(createErrorFromCode(errorCode));
        return Promise.resolve(data);
      },
    },
  };
}

function encodeFetch(args: FetchArguments): Encoder {
  const { replicaId = -1, isolationLevel = readCommitted, rackId = '', topics } = args;
  const encoder = beginRequest()
    .writeInt32(replicaId)
    .writeInt32(args.maxWaitTime)
    .writeInt32(args.minBytes)
    .writeInt32(args.maxBytes)
    .writeInt8(isolationLevel)
    .writeInt32(0)
    .writeInt32(noEpoch);
  compactLength(encoder, topics.length);
  for (const { partitions } of topics) {
    encoder.writeBufferInternal(Buffer.from(partitions[0]!.topicId!, 'base64url'));
    compactLength(encoder, partitions.length);
    for (const { partition, fetchOffset, maxBytes = args.maxBytes } of partitions) {
      encoder
        .writeInt32(partition)
        .writeInt32(noEpoch)
        .writeInt64(fetchOffset)
        .writeInt32(noEpoch)
        .writeInt64(-1)
        .writeInt32(maxBytes);
      noTags(encoder);
    }
    noTags(encoder);
  }
  compactLength(encoder, 0);
  encoder.writeUVarIntString(rackId);
  return noTags(encoder);
}

// Fetch Response (Version: 13) => throttle_time_ms error_code session_id [responses] TAG_BUFFER
//   responses => topic_id [partitions] TAG_BUFFER
//     partitions => partition_index error_code high_watermark last_stable_offset log_start_offset
//         [aborted_transactions] preferred_read_replica records TAG_BUFFER
//       aborted_transactions => producer_id first_offset TAG_BUFFER
//       records => COMPACT_RECORDS
function decodeFetch(octets: Buffer, names: ReadonlyMap<string, string>): Fetched {
  const decoder = beginResponse(octets);
  const clientSideThrottleTime = decoder.readInt32();
  const errorCode = decoder.readInt16();
  const sessionId = decoder.readInt32();
  const responses: { topicName: string; partitions: FetchedPartition[] }[] = [];
  const topics = arrayLength(decoder);
  for (let i = 0; i < topics; i += 1) {
    const topicName = names.get(readId(decoder) ?? '');
    const partitions: FetchedPartition[] = [];
    const count = arrayLength(decoder);
    for (let j = 0; j < count; j += 1) {
      const header = {
        partition: decoder.readInt32(),
        errorCode: decoder.readInt16(),
        highWatermark: decoder.readInt64().toString(),
        lastStableOffset: decoder.readInt64().toString(),
        lastStartOffset: decoder.readInt64().toString(),
        abortedTransactions: arrayOf(decoder, () => {
          const producerId = decoder.readInt64().toString();
          const firstOffset = decoder.readInt64().toString();
          passTags(decoder);
          return { producerId, firstOffset };
        }),
        preferredReadReplica: decoder.readInt32(),
      };
      const records = readCompactBytes(decoder);
      passTags(decoder);
      const messages = records.length === 0 ? [] : [{ offset: '', octets: records }];
      partitions.push({ ...header, messages });
    }
    passTags(decoder);
    if (topicName === undefined) {
      throw new Error('a Fetch answer is of a topic that was not asked for');
    }
    responses.push({ topicName, partitions });
  }
  return Object.assign(
    { errorCode, responses },
    { throttleTime: 0, clientSideThrottleTime, sessionId },
  );
}

// ---- Kafka's compact forms (KIP-482): a length is an unsigned varint of one more, 0 stands for null.

const noId = Buffer.alloc(16);

function beginRequest(): Encoder {
  return noTags(new EncoderClass());
}

function beginResponse(octets: Buffer): Decoder {
  const decoder = new DecoderClass(octets);
  passTags(decoder);
  return decoder;
}

function noTags(encoder: Encoder): Encoder {
  return encoder.writeUVarInt(0);
}

function compactLength(encoder: Encoder, length: number | undefined): void {
  encoder.writeUVarInt(length === undefined ? 0 : length + 1);
}

/** kafkajs's own takes a tag's size for one too many. */
function passTags(decoder: Decoder): void {
  for (let left = decoder.readUVarInt(); left > 0; left -= 1) {
    decoder.readUVarInt();
    decoder.forward(decoder.readUVarInt());
  }
}

const arrayLength = (decoder: Decoder): number => Math.max(0, decoder.readUVarInt() - 1);

function arrayOf<T>(decoder: Decoder, read: () => T): T[] {
  return Array.from({ length: arrayLength(decoder) }, read);
}

function readCompactBytes(decoder: Decoder): Buffer {
  const length = arrayLength(decoder);
  if (decoder.buffer.length - decoder.offset < length) {
    throw new Error(
      'a Fetch response ends within its records; the connection or the broker cut it',
    );
  }
  return decoder.readBytes(length);
}

/** As Kafka writes it: base64url. Undefined for the id of nothing. */
function readId(decoder: Decoder): string | undefined {
  const id = decoder.readBytes(noId.length);
  return id.equals(noId) ? undefined : id.toString('base64url');
}
