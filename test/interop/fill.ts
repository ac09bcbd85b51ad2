// How full Messages are, told from what was received alone.

import type { DecodedMessage } from '../../src/ipfix/decoder.ts';

export interface Fill {
  /** Messages that only the path MTU can have ended. */
  readonly fullLoadMessages: number;
  /** The others: the last one of each Template. */
  readonly lastMessages: number;
  /** `meanFill` of the full-load Messages. */
  readonly records: number;
}

const headerOctets = 16 + 4;

/**
 * For a run in which no timer sealed anything: then each Message was ended by its successor of the
 * same Template, but for the last one. A record counts as long as the mean of its own Message.
 */
export function fullLoadFill(messages: readonly DecodedMessage[], messageOctetsMax: number): Fill {
  const byTemplate = Map.groupBy(
    messages.filter(({ records }) => records.length > 0),
    ({ records }) => records[0]!.templateId,
  );
  const fullLoad = [...byTemplate.values()].flatMap((ofOne) => ofOne.slice(0, -1));
  return {
    fullLoadMessages: fullLoad.length,
    lastMessages: byTemplate.size,
    records: meanFill(fullLoad, messageOctetsMax),
  };
}

/** Records in a Message ÷ whole records that fit, on average over those with any. */
export function meanFill(messages: readonly DecodedMessage[], messageOctetsMax: number): number {
  const room = messageOctetsMax - headerOctets;
  const shares = messages
    .filter(({ dataRecordCount }) => dataRecordCount > 0)
    .map(({ length, dataRecordCount }) => {
      const fitting = Math.floor((room * dataRecordCount) / (length - headerOctets));
      return dataRecordCount / fitting;
    });
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}
