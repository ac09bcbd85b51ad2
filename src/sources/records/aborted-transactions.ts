// Which records of a fetch are of aborted transactions. The broker names those that reach into what it
// sends, each by its producer and first offset; where one ends, its abort marker says.
//
// As Kafka's own consumer does it (CompletedFetch): kafkajs's forgets all but one of the transactions
// that are open where a fetch begins, takes the list to be sorted, and a key of four zero octets for
// an abort marker.

/** As kafkajs reads them from the Fetch response. */
export interface AbortedTransaction {
  readonly producerId: string;
  readonly firstOffset: string;
}

/** What is asked about: a batch, or a record for itself. */
export interface Produced {
  readonly producerId: number;
  readonly lastOffset: number;
  readonly isTransactional: boolean;
  readonly isAbortMarker: boolean;
}

export class AbortedTransactions {
  readonly #byFirstOffset: { producerId: number; firstOffset: number }[];
  readonly #open = new Set<number>();
  #next = 0;

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#byFirstOffset = aborted
      .map((one) => ({
        producerId: Number(one.producerId),
        firstOffset: Number(one.firstOffset),
      }))
      .sort((a, b) => a.firstOffset - b.firstOffset);
  }

  /** To be asked once for each, in the order of offsets. */
  includes({ producerId, lastOffset, isTransactional, isAbortMarker }: Produced): boolean {
    const all = this.#byFirstOffset;
    while (this.#next < all.length && all[this.#next]!.firstOffset <= lastOffset) {
      this.#open.add(all[this.#next]!.producerId);
      this.#next += 1;
    }
    if (isAbortMarker) this.#open.delete(producerId);
    return !isAbortMarker && isTransactional && this.#open.has(producerId);
  }
}
