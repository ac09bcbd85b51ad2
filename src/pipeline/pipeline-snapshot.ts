// What a Worker's pipeline looks like at one moment: plain values, taken in one turn of the event
// loop, so that they agree with each other. Types only.

import type { PausesSeen } from '../pauses.ts';
import type { TemplateSeen } from './active-templates.ts';
import type { HistogramSeen } from './histogram.ts';
import type { Account } from './ledger.ts';
import type { SentCounts } from './session.ts';

export interface CollectorSeen {
  readonly address: string;
  /** `refusing`: probed until it is back. `stalled`: the kernel, or the disk, takes nothing now. */
  readonly state: 'sending' | 'refusing' | 'stalled';
  /** The code of the refusal, or of what stalls. */
  readonly code?: string | undefined;
}

export interface PipelineSnapshot {
  readonly observationDomainId: number;
  readonly account: Account;
  readonly sent: SentCounts;
  /** Octets of the datums that came in. */
  readonly receivedOctets: number;
  /** By the code of what the socket said. */
  readonly sendErrors: Readonly<Record<string, number>>;
  readonly collector: CollectorSeen;
  readonly refusals: PausesSeen;
  readonly templates: readonly TemplateSeen[];
  /** Seconds from a Message's first record to its hand-over. */
  readonly messageAge: HistogramSeen;
  /** Seconds from the Kafka timestamp of a Message's first event to its hand-over. */
  readonly exportDelay: HistogramSeen;
}
