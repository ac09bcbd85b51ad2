// What a source hands to the pipeline: encoded flow events of one partition, and where they came from.
// Types only. A source knows no IPFIX, the pipeline knows no consumer; this file is all they share.

/**
 * Where events come from: a Kafka partition as this member was given it, or a file.
 * A new Origin is made each time a partition is assigned again, so that what belongs to an earlier
 * ownership of the same partition is never mistaken for the present one.
 */
export interface Origin {
  readonly topic: string;
  readonly partition: number;
  /** Our own count of group joins at the time the partition was assigned; 0 for files. */
  readonly generation: number;
  /** The id of the topic (KIP-516): one that was deleted and created again under its name has another. */
  readonly topicId?: string | undefined;
}

/**
 * The schema that datums were written with. There is one object for each schema in a Worker, so that
 * what is made of it (a mapping, a Painter) can be kept by its identity.
 */
export interface WriterSchema {
  /** A name for error messages: `schema id 7`, `flow.avsc`. */
  readonly name: string;
  /** The parsed JSON, with the attributes that Avro itself does not know. */
  readonly json: unknown;
}

/** Why a Kafka message's value, or what is left of it, holds no datum that can be read. */
export interface Unreadable {
  /** What is wrong and how to fix it, in readable form; complete without the cause. */
  readonly problem: string;
  readonly cause?: unknown;
  /** It was too long: not even looked into. */
  readonly unread?: boolean | undefined;
}

/** A Kafka header; names may come more than once. */
export interface MessageHeader {
  readonly key: string;
  readonly value: Buffer | null;
}

/**
 * The Kafka message that datum i came in, beside what the Delivery has of it. All of it is read when it
 * is asked for, out of octets that others share: whoever keeps any of it copies it.
 */
export interface MessageMetadata {
  /** Milliseconds since 1970; undefined where the message has none. */
  timestampMs(i: number): number | undefined;
  key(i: number): Buffer | null;
  /** The whole value as it came, its framing included; null for a tombstone. */
  value(i: number): Buffer | null;
  /** The last header of that name. */
  header(i: number, name: string): Buffer | null;
  /** All headers in their order, where a name comes twice both. */
  headers(i: number): readonly MessageHeader[];
}

/**
 * One batch of encoded datums of one Origin: each is one flow event, or an array of them.
 * Datum i is `bytes[starts[i]]` up to, not including, `bytes[ends[i]]`. A message that holds several
 * datums has several entries with its offset, one after the other and never in two Deliveries.
 * `starts[i]` is -1 where nothing can be read: `unreadable` says why, or it is a tombstone.
 * Offsets never fall; numbers hold them exactly up to 2^53.
 */
export interface Delivery {
  readonly origin: Origin;
  readonly bytes: Buffer;
  readonly count: number;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly offsets: Float64Array;
  /** The offset to read next when all of this Delivery is settled: past gaps and control records. */
  readonly nextOffset: number;
  readonly schemas: readonly WriterSchema[];
  /** The index in `schemas` of the schema of each datum; undefined where all have the first. */
  readonly schemaOf: Uint16Array | undefined;
  readonly unreadable: ReadonlyMap<number, Unreadable> | undefined;
  /** Undefined for files. */
  readonly metadata: MessageMetadata | undefined;
}

/** An offset to be committed: everything of the Origin below it is settled. */
export interface CommittableOffset {
  readonly origin: Origin;
  readonly offset: number;
}

/** What a source asks of the stage behind it. */
export interface Intake {
  /** Called for each Delivery before it is handed on. */
  track(delivery: Delivery): void;
  /** Resolves when there is room for the next Delivery; undefined when there is room now. */
  room(): Promise<void> | undefined;
  /** The offset from which an Origin goes on: the next one not yet handed on. */
  nextOffset(origin: Origin): number | undefined;
  /** The Origin was taken away: what is unsettled of it will be delivered again elsewhere. */
  drop(origin: Origin): void;
  /**
   * What the Origin came from is no longer there: what was read of it still leaves and settles, and
   * nothing of it is committed any more.
   */
  retire(origin: Origin): void;
  /** This many records were removed before they were read, by retention as a rule. */
  removed(records: number): void;
  /** Everything in the stage leaves now; resolves when all of it is settled. */
  drain(): Promise<void>;
  /** What may be committed now. */
  committable(): CommittableOffset[];
}

/** There is no stage behind: what is delivered is only looked at, as fast as it comes. */
export const noIntake: Intake = {
  track: () => {},
  room: () => undefined,
  nextOffset: () => undefined,
  drop: () => {},
  retire: () => {},
  removed: () => {},
  drain: () => Promise.resolve(),
  committable: () => [],
};
