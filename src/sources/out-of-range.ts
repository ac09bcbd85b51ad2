// The offset to be read next is none that its partition has: retention overtook this member, or the
// topic was made anew, or a broker lost the end of its log. Where reading goes on, and what is lost.

import type { Admin } from 'kafkajs';
import type { Logger } from 'pino';
import type { OffsetOutOfRange } from './kafkajs-membership.ts';
import { type AutoOffsetReset, StartOffsetError } from './start-offsets.ts';

export interface Resumption {
  /** The partition's first offset: what is there now is read from its beginning. */
  readonly offset: string;
  /** Records that were removed unread; 0 where the log begins anew. */
  readonly removed: number;
  /** The log's offsets mean other records than before. */
  readonly isAnew: boolean;
}

export interface OutOfRangeOptions {
  readonly admin: Admin;
  readonly reset: AutoOffsetReset;
  readonly log: Logger;
}

/** Throws StartOffsetError with KAFKA_AUTO_OFFSET_RESET=error; undefined where the offset is there. */
export async function resumptionAfter(
  { topic, partition, offset }: OffsetOutOfRange,
  { admin, reset, log }: OutOfRangeOptions,
): Promise<Resumption | undefined> {
  const found = await admin.fetchTopicOffsets(topic);
  const range = found.find((one) => one.partition === partition);
  if (!range) return undefined;
  const { low, high } = range;
  const position = Number(offset);
  if (position >= Number(low) && position <= Number(high)) return undefined;
  const isAnew = position > Number(high);
  const removed = isAnew ? 0 : Number(low) - position;
  const what = isAnew
    ? `the log ends at ${high}, below the offset ${offset} to be read next: the topic was made anew, or its end was lost`
    : `retention removed ${removed} records above the offset ${offset}`;
  if (reset === 'error') {
    throw new StartOffsetError(
      `${topic}[${partition}]: ${what}, and KAFKA_AUTO_OFFSET_RESET=error; ` +
        "move the group's offsets, or set earliest to go on at what is left",
    );
  }
  log.error({ topic, partition, offset, low, high, removed }, `${what}; going on at ${low}`);
  return { offset: low, removed, isAnew };
}
