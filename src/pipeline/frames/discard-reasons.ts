// The reasons under which events are counted as discarded, each by the name that operators see. A `skip` or
// `keep` rule of a mapping has a reason of its own beside them.

export const discardReasons = {
  /** A Kafka message without a value. */
  tombstone: 'tombstone',
  /** A datum that is an array without an item. */
  noEvents: 'no events',
  /** It cannot be exported, and ON_BAD_EVENT=discard. */
  badEvent: 'bad event',
  /** As `badEvent`: the message cannot be read, or no mapping fits its schema. */
  unreadable: 'unreadable',
  unmappableSchema: 'unmappable schema',
  /** As `badEvent`, and longer than AVRO_MESSAGE_BYTES: not even read. */
  tooLong: 'too long',
  /** Of a message that came back from the dead letters, an event that was exported the first time. */
  exportedBefore: 'exported before',
  /** The path MTU fell after it was painted, and its record no longer fits. */
  longerThanPath: 'longer than the path MTU',
} as const;

/** These could not be exported, and nobody wanted to lose them. */
export const badEventReasons: readonly string[] = [
  discardReasons.badEvent,
  discardReasons.unreadable,
  discardReasons.unmappableSchema,
  discardReasons.tooLong,
  discardReasons.longerThanPath,
];

/** These hold no flow, or one that was sent: nothing was lost. */
export const emptyReasons: readonly string[] = [
  discardReasons.tombstone,
  discardReasons.noEvents,
  discardReasons.exportedBefore,
];
