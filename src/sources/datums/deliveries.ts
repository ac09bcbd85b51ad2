// Record sets as Deliveries: an index over the octets the datums lie in, filled while the records are
// walked in place. No object for an event; the arrays of the index are used again and again.

import { CorruptBatchError, CorruptRecordSetError } from '../records/corrupt-batch.ts';
import type { Delivery, Origin } from '../delivery.ts';
import { DatumIndex } from './datum-index.ts';
import type { RecordSet } from '../records/record-set.ts';
import { type BatchLimits, corruptBatch, RecordSetWalk } from '../records/record-set-walk.ts';
import type { Unframer } from './unframe.ts';

export interface Fetched {
  readonly set: RecordSet;
  readonly origin: Origin;
  /** Datums of one Delivery; more only where one message holds more. */
  readonly datumsMax: number;
}

/** The schema of this id is needed before the reading goes on. */
export interface SchemaNeeded {
  readonly schemaId: number;
}

interface Parts {
  readonly walk: RecordSetWalk;
  readonly index: DatumIndex;
}

export class Deliveries {
  readonly #limits: BatchLimits;
  readonly #idle: Parts[] = [];

  constructor(limits: BatchLimits) {
    this.#limits = limits;
  }

  /**
   * Cuts a record set into Deliveries of whole messages, each good until the next one is asked for. Where
   * a schema is needed first, its id is given after what comes before that message, and is given again
   * until the schema is known. Throws CorruptRecordSetError.
   */
  *of(fetched: Fetched, unframer: Unframer): Generator<Delivery | SchemaNeeded> {
    const parts = this.#idle.pop() ?? {
      walk: new RecordSetWalk(this.#limits),
      index: new DatumIndex(fetched.datumsMax),
    };
    try {
      yield* deliveriesOf(fetched, unframer, parts);
    } finally {
      this.#idle.push(parts);
    }
  }
}

function* deliveriesOf(
  { set, origin, datumsMax }: Fetched,
  unframer: Unframer,
  { walk, index }: Parts,
): Generator<Delivery | SchemaNeeded> {
  walk.open(set);
  index.open(walk.records, unframer);
  for (let done = set.fetchOffset, atEnd = false; !atEnd;) {
    const stop = fill(index, walk, datumsMax);
    atEnd = stop === 'end';
    const next = index.isWaiting ? walk.records.offset : walk.position;
    // Control records at the end, and what compaction left of a batch, count in the Ledger, too.
    if (index.count > 0 || (atEnd && next > done)) {
      yield index.delivery(origin, next);
      done = next;
    }
    index.clear();
    if (stop === 'full') walk.forget();
    else if (stop instanceof CorruptBatchError) {
      const unreadable = unreadableBatch(origin, walk, stop);
      walk.passBatch();
      yield { ...unreadable, nextOffset: walk.position };
      done = walk.position;
    } else if (typeof stop === 'object') yield stop;
  }
}

/** `room`: there is no more of it in one Delivery. `full`: see RecordSetWalk. */
type Stop = 'room' | 'full' | 'end' | SchemaNeeded | CorruptBatchError;

function fill(index: DatumIndex, walk: RecordSetWalk, datumsMax: number): Stop {
  try {
    for (;;) {
      if (index.count >= datumsMax) return 'room';
      if (!index.isWaiting) {
        const step = walk.next();
        if (step !== 'record') return step;
        index.isWaiting = true;
      }
      if (!index.hasRoom()) return 'room';
      const needed = index.take();
      if (needed !== undefined) return { schemaId: needed };
      index.takeAlike(datumsMax);
    }
  } catch (error) {
    if (error instanceof CorruptBatchError) return error;
    throw error;
  }
}

/** One entry for all of it: how many records it had, nobody can say. Its value is the batch itself. */
function unreadableBatch(
  origin: Origin,
  walk: RecordSetWalk,
  error: CorruptBatchError,
): Omit<Delivery, 'nextOffset'> {
  const { topic, partition } = origin;
  const offset = walk.position;
  if (walk.isLost) {
    throw new CorruptRecordSetError(
      `${topic}[${partition}] offset ${offset}: what the broker sends is not a RecordBatch: ` +
        `${error.message}. Nothing after it can be read: restore the partition from another ` +
        "replica, or move the group's offset past the damage with kafka-consumer-groups.sh",
      { cause: error },
    );
  }
  const problem = corruptBatch(walk, error);
  const octets = walk.batchOctets;
  return {
    origin,
    bytes: octets,
    count: 1,
    starts: Int32Array.of(-1),
    ends: Int32Array.of(-1),
    offsets: Float64Array.of(offset),
    schemas: [],
    schemaOf: undefined,
    unreadable: new Map([[0, { problem, cause: error }]]),
    metadata: {
      timestampMs: () => undefined,
      key: () => null,
      value: () => octets,
      header: () => null,
      headers: () => [],
    },
  };
}
