// What a source hands to the pipeline: encoded flow events of one partition, and where they came from.
// Types only. A source knows no IPFIX, the pipeline knows no consumer; this file is all they share.

/**
 * Where events come from: a Kafka partition as this member was given it, or a file.
 * A new Origin is made each time a partition is assigned anew, so that what belongs to an earlier
 * ownership of the same partition is never mistaken for the present one.
 */
export interface Origin {
  readonly topic: string;
  readonly partition: number;
  /** Our own count of group joins at the time the partition was assigned; 0 for files. */
  readonly generation: number;
}

/**
 * One batch of encoded flow events of one Origin.
 * Event i is `bytes[starts[i]]` up to, not including, `bytes[ends[i]]`; a Kafka record without a
 * value (a tombstone) has `starts[i] === -1`. Offsets rise strictly; numbers hold them exactly up
 * to 2^53.
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
  /** Everything in the stage leaves now; resolves when all of it is settled. */
  drain(): Promise<void>;
  /** What may be committed now. */
  committable(): CommittableOffset[];
}
