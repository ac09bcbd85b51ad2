// What a Worker's pipeline looks like at one moment: plain values, taken in one turn of the event
// loop, so that they agree with each other. Types only, composed of what its parts show of themselves.

import type { BadEventSeen } from './bad-events/recent-bad-events.ts';
import type { Account } from './frames/ledger.ts';
import type { TopicLosses } from './frames/losses.ts';
import type { SinkSeen } from './sending/sink.ts';

export type { CollectorSeen } from './sending/sink.ts';

export interface PipelineSnapshot extends SinkSeen {
  readonly observationDomainId: number;
  readonly account: Account;
  readonly losses: readonly TopicLosses[];
  /** The newest last. */
  readonly badEvents: readonly BadEventSeen[];
  /** Octets of the datums that came in. */
  readonly receivedOctets: number;
}
