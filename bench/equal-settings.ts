// What every contestant is told alike, so that none of them fetches more, waits longer or checks less.

export const fetchSettings = {
  maxBytes: 10 * 2 ** 20,
  maxBytesPerPartition: 2 ** 20,
  maxWaitMs: 250,
  checkCrcs: true,
  /** What librdkafka may hold fetched and not yet handed over; kafkajs holds one answer. */
  queueKib: 32 * 1024,
  commitIntervalMs: 1_000,
} as const;

export const partitions = 4;
export const messageOctets = 1_460;
