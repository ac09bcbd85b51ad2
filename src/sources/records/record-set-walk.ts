// The records of a record set that are to be delivered, across its batches: from the offset that was
// asked for on, without control records and those of aborted transactions.

import { AbortedTransactions } from './aborted-transactions.ts';
import { CorruptBatchError } from './corrupt-batch.ts';
import { GrowingOctets } from './growing-octets.ts';
import type { RecordSet } from './record-set.ts';
import { BatchHeader } from './record-batch.ts';
import { RecordCursor } from './record-cursor.ts';

export interface BatchLimits {
  readonly checkCrcs: boolean;
  /** What a batch may hold, decompressed. */
  readonly batchOctetsMax: number;
}

/** What the next step came to. `full`: nothing more is unpacked before `forget`. */
export type Step = 'record' | 'full' | 'end';

const unpackedOctetsMax = 2 ** 18;
const unpackedOctetsKept = 2 ** 20;

/** Used again for one record set after the other. */
export class RecordSetWalk {
  readonly records = new RecordCursor();
  /** Where a batch cannot be read, it is not known either where the next one begins. */
  isLost = false;
  readonly #limits: BatchLimits;
  readonly #header = new BatchHeader();
  readonly #unpacked = new GrowingOctets(unpackedOctetsKept);
  #set: RecordSet = { octets: Buffer.alloc(0), fetchOffset: 0, aborted: [] };
  #transactions = new AbortedTransactions([]);
  #at = 0;
  #batchAt = 0;
  #isInBatch = false;
  #passed = 0;

  constructor(limits: BatchLimits) {
    this.#limits = limits;
  }

  open(set: RecordSet): void {
    this.#set = set;
    this.#transactions = new AbortedTransactions(set.aborted);
    this.#at = 0;
    this.#isInBatch = false;
    this.#passed = set.fetchOffset;
    this.#unpacked.clear();
  }

  /** The offset after all that was walked. */
  get position(): number {
    return this.#isInBatch ? Math.max(this.records.offset + 1, this.#passed) : this.#passed;
  }

  /** Moves on to the next record. Throws CorruptBatchError; then `passBatch` moves past the batch. */
  next(): Step {
    for (;;) {
      if (this.#isInBatch) {
        while (this.records.next()) {
          if (this.records.offset >= this.#set.fetchOffset) return 'record';
        }
        this.passBatch();
      }
      // Decompressed batches lie one after the other, so that small ones make one Delivery.
      if (this.#unpacked.length > unpackedOctetsMax) return 'full';
      if (!this.#nextBatch()) return 'end';
    }
  }

  /** What was unpacked is needed no more; to be called between batches. */
  forget(): void {
    this.#unpacked.clear();
  }

  passBatch(): void {
    this.#isInBatch = false;
    this.#passed = Math.max(this.#passed, this.#header.lastOffset + 1);
  }

  /** The batch at hand, as the broker sent it. */
  get batchOctets(): Buffer {
    return this.#set.octets.subarray(this.#batchAt, this.#header.end);
  }

  /** The offsets of the batch, in readable form. */
  get batchOffsets(): string {
    return `${this.#header.baseOffset} to ${this.#header.lastOffset}`;
  }

  #nextBatch(): boolean {
    const header = this.#header;
    const { checkCrcs, batchOctetsMax } = this.#limits;
    this.isLost = true;
    if (!header.read(this.#set.octets, this.#at)) return false;
    this.#batchAt = this.#at;
    this.#at = header.end;
    // Where octets are wrong its last offset may be, too: it is believed if the count agrees.
    this.isLost = checkCrcs && header.count !== header.lastOffset - header.baseOffset + 1;
    if (checkCrcs) header.checkCrc();
    this.isLost = false;
    if (this.#isPassedOver()) {
      this.passBatch();
      return true;
    }
    header.open(this.records, this.#unpacked, batchOctetsMax);
    this.#isInBatch = true;
    return true;
  }

  #isPassedOver(): boolean {
    const header = this.#header;
    const { lastOffset, isTransactional, isControl } = header;
    if (header.count === 0 || lastOffset < this.#set.fetchOffset) return true;
    if (!isTransactional && !isControl) return false;
    const isAborted = this.#transactions.includes({
      producerId: header.producerId,
      lastOffset,
      isTransactional,
      isAbortMarker: header.isAbortMarker(this.records),
    });
    return isControl || isAborted;
  }
}

/** As CorruptBatchError, with all that is known of the place. */
export function corruptBatch(walk: RecordSetWalk, error: unknown): string {
  if (!(error instanceof CorruptBatchError)) throw error;
  return (
    `the batch of the offsets ${walk.batchOffsets} is corrupt: ${error.message}; ` +
    'none of its records from here on can be read. Restore it from another replica, ' +
    'or read it with KAFKA_CHECK_CRCS=off if only its CRC-32C is wrong'
  );
}
