// The offset to be read next is not in the partition's log: retention removed it, or a broker lost the end
// of its log, or, where the brokers give no topic ids, the topic was deleted and created again. Where
// reading goes on, and what is lost.

import type { Logger } from 'pino';
import { logEvent } from '../../log/log-events.ts';
import { type Membership, type OffsetOutOfRange } from '../kafkajs/kafkajs-membership.ts';
import { beginningTime, endTime } from '../kafkajs/kafkajs-offsets.ts';
import type { AutoOffsetReset } from './auto-offset-reset.ts';
import { StartOffsetError } from './start-offsets.ts';

export interface Resumption {
  /** The partition's first offset: what is there now is read from its beginning. */
  readonly offset: string;
  /** Records that were removed unread; 0 where the log begins again. */
  readonly removed: number;
  /** The log's offsets mean other records than before. */
  readonly isAnotherLog: boolean;
}

export interface OutOfRangeOptions {
  readonly membership: Pick<Membership, 'offsetsAt'>;
  readonly reset: AutoOffsetReset;
  readonly log: Logger;
}

/** Throws StartOffsetError with KAFKA_AUTO_OFFSET_RESET=error; undefined where the offset is there. */
export async function resumptionAfter(
  { topic, partition, offset }: OffsetOutOfRange,
  { membership, reset, log }: OutOfRangeOptions,
): Promise<Resumption | undefined> {
  const at = [{ topic, partitions: [partition] }];
  const [lows, ends] = await Promise.all([
    membership.offsetsAt(at, beginningTime),
    membership.offsetsAt(at, endTime),
  ]);
  const low = lows.get(topic)?.get(partition);
  const high = ends.get(topic)?.get(partition);
  if (low === undefined || high === undefined) return undefined;
  const position = Number(offset);
  if (position >= Number(low) && position <= Number(high)) return undefined;
  const isAnotherLog = position > Number(high);
  const removed = isAnotherLog ? 0 : Number(low) - position;
  const what = isAnotherLog
    ? `the log ends at ${high}, below the next offset ${offset}: its end was lost, or the topic was deleted and created again`
    : `retention removed ${removed} records above the offset ${offset}`;
  if (reset === 'error') {
    throw new StartOffsetError(
      `${topic}[${partition}]: ${what}, and KAFKA_AUTO_OFFSET_RESET=error; ` +
        "move the group's offsets, or set earliest to continue at the first offset that is left",
    );
  }
  const where = { topic, partition, offset, low };
  if (isAnotherLog) logEvent(log, 'OFFSET_BEYOND_LOG_END', { ...where, high });
  else logEvent(log, 'RETENTION_REMOVED_RECORDS', { ...where, removed });
  return { offset: low, removed, isAnotherLog };
}
