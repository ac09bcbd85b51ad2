// The promise, held against what a broker says is committed and what collectors have received.

import type { FlowFeed } from '../kafka/flow-feed.ts';
import type { Committed } from '../kafka/group-offsets.ts';
import type { ReceivedFlows } from '../kafka/received-flows.ts';

export interface Standing {
  /** flowIds below the committed offset that no collector received: lost, so there must be none. */
  readonly committedUnreceived: readonly number[];
  /** Events received at or above the committed offset: they come again after a crash. */
  readonly receivedUncommitted: number;
  /** All below this flowId is committed and received, and need not be looked at again. */
  readonly settledBelow: number;
}

export function standing(
  feed: FlowFeed,
  received: Pick<ReceivedFlows, 'has'>,
  committed: Committed,
  firstId = 1,
): Standing {
  const committedUnreceived: number[] = [];
  let receivedUncommitted = 0;
  let settledBelow = firstId;
  const produced = feed.produced;
  for (let id = firstId; id <= produced; id++) {
    const { partition, offset } = feed.positionOf(id);
    const isCommitted = offset < (committed.get(partition) ?? 0n);
    const isReceived = received.has(id);
    if (isCommitted && !isReceived) committedUnreceived.push(id);
    if (!isCommitted && isReceived) receivedUncommitted += 1;
    if (isCommitted && isReceived && id === settledBelow) settledBelow += 1;
  }
  return { committedUnreceived, receivedUncommitted, settledBelow };
}
