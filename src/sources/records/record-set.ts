// What one fetch brings of one partition, as the octets the broker sent. A type only: whoever walks through
// it knows nothing of how it was fetched.

import type { AbortedTransaction } from './aborted-transactions.ts';

/** What the broker sent of one partition. */
export interface RecordSet {
  readonly octets: Buffer;
  /** The first offset that was asked for; the first batch may begin before it. */
  readonly fetchOffset: number;
  readonly aborted: readonly AbortedTransaction[];
  /** The id of the topic that was asked for; undefined where the brokers know no ids. */
  readonly topicId?: string | undefined;
}
