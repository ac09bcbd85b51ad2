// Topics that are configured but do not exist, reported with the fix.

export class MissingTopicError extends Error {
  readonly code = 'MISSING_TOPIC';
  override readonly name = 'MissingTopicError';

  constructor(topics: readonly string[], brokers: readonly string[], setting = 'KAFKA_TOPICS') {
    super(
      `no topic ${topics.join(', ')} at ${brokers.join(', ')}, or none that this client may read; ` +
        `create it, grant access, or correct ${setting}`,
    );
  }
}
