// From where a group reads that has no offset. A type only: what is committed and what begins share it.

/** `latest`, `earliest`, `error`, or a time in milliseconds since 1970. */
export type AutoOffsetReset = 'latest' | 'earliest' | 'error' | number;
