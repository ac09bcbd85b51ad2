// An event that cannot be exported, and where in it the fault is.

export class BadEventError extends Error {
  readonly code = 'BAD_EVENT';
  override readonly name = 'BadEventError';
  /** The field, or empty for the event as a whole. */
  readonly path: string;

  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(path === '' ? problem : `in ${path}: ${problem}`, options);
    this.path = path;
  }
}
