// What is wrong with a RecordBatch.

/** The batch is not what was produced, or cannot be read. */
export class CorruptBatchError extends Error {
  readonly code = 'CORRUPT_BATCH';
  override readonly name = 'CorruptBatchError';
}

/** Nothing after it in its partition can be read either: it is not even known where that begins. */
export class CorruptRecordSetError extends Error {
  readonly code = 'CORRUPT_RECORD_SET';
  override readonly name = 'CorruptRecordSetError';
}
