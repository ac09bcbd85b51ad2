// What a group member looks like at one moment, as plain values. Types only.

import type { PausesSeen } from '../pauses.ts';

export interface PartitionSeen {
  readonly topic: string;
  readonly partition: number;
  /** The committed offset; undefined until it is known. */
  readonly committed: number | undefined;
  /** The partition's end: the offset that its next record will get. */
  readonly end: number | undefined;
  /** Records between the two. */
  readonly lagRecords: number | undefined;
  /** Age of the oldest record that is not committed, by its timestamp; 0 while all are. */
  readonly lagSeconds: number | undefined;
  /** Whether the true lag may be larger: the brokers are silent, or that record has no time. */
  readonly lagIsLowerBound: boolean;
  /** After this time Kafka may remove a record, Infinity where never; undefined until it is asked for. */
  readonly retentionMs?: number | undefined;
}

/** Partitions that wait for a schema. */
export interface SchemaWait {
  readonly id: number;
  readonly reason: string;
  readonly partitions: readonly string[];
}

/** A partition that nothing can be read of now. */
export interface AwaySeen {
  readonly topic: string;
  readonly partition: number;
  /** Why, and what to do. */
  readonly reason: string;
  readonly seconds: number;
}

export interface SourceSnapshot {
  readonly joined: boolean;
  /** How often this member joined; all but the first time, because of a rebalance. */
  readonly joins: number;
  /** Since a broker was heard of last. */
  readonly silentMs: number;
  /** The last error that made the consumer restart. */
  readonly problem: string | undefined;
  readonly partitions: readonly PartitionSeen[];
  readonly waits: readonly SchemaWait[];
  readonly away: readonly AwaySeen[];
  /** Partitions that this member began again because their topic was deleted and created again. */
  readonly recreated: number;
  readonly commits: Readonly<Record<'succeeded' | 'failed', number>>;
  readonly registryRequests: RegistryRequests;
  /** Waiting for room in flight, and partitions waiting for a schema. */
  readonly pauses: Readonly<Record<'in_flight' | 'schema', PausesSeen>>;
}

/** The letters for the dead-letter topic, at one moment. */
export interface DeadLettersSeen {
  /** Those that are not being written yet. */
  readonly waiting: number;
  /** Why they are not; undefined while they are. */
  readonly problem: string | undefined;
}

/** The number of requests, by result. */
export type RegistryRequests = Readonly<Record<'answered' | 'unknown' | 'unavailable', number>>;
