// What is kept of a message with events that cannot be exported, and where it goes: types and names,
// shared by the pipeline that writes such letters off and the source that writes them down.

import type { MessageHeader, MessageMetadata } from './delivery.ts';

/** Why events were not exported, from the message as a whole down to a value. */
export const deadLetterReasons = [
  'TOO_LONG',
  'UNREADABLE',
  'UNMAPPABLE_SCHEMA',
  'BAD_EVENT',
] as const;
export type DeadLetterReason = (typeof deadLetterReasons)[number];

/** One Kafka message. Its octets are its own: nothing of the batch it was in is held by it. */
export interface DeadLetter {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** When the message was written first. */
  readonly timestampMs: number | undefined;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly MessageHeader[];
  /** The bad events' numbers in the message, as `3,7-9`; undefined: all of them. */
  readonly events: string | undefined;
  /** The reason of the first bad event, as all that follows. */
  readonly reason: DeadLetterReason;
  readonly problem: string;
  /** The field, or empty for the event as a whole. */
  readonly path: string;
  /** The schema's name; empty where it was not known. */
  readonly schema: string;
}

export interface DeadLetters {
  /** Where they are written. */
  readonly topic: string;
  /**
   * Resolves when the letter is written so that it stays, or is not wanted any more; until then it is
   * tried without end, in the order of the calls. Never rejects.
   */
  send(letter: DeadLetter, isWanted: () => boolean): Promise<void>;
}

/** All headers of ours begin with it. */
export const headerPrefix = 'kafka2ipfix.';

/** When the message was written first, in milliseconds since 1970: both carry the time of their writing. */
export const timestampHeader = `${headerPrefix}timestamp`;

/** When a message was written, or, of one that came back from the dead letters, its original. */
export function originalTimestampMs(
  metadata: Pick<MessageMetadata, 'header' | 'timestampMs'>,
  i: number,
): number | undefined {
  const text = metadata.header(i, timestampHeader)?.toString('latin1');
  return text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : metadata.timestampMs(i);
}

/** Which events of a message are meant, in a dead letter and in a message that comes back from one. */
export const eventsHeader = `${headerPrefix}events`;
