// A command line that cannot be carried out; main prints the message and exits 78.

/** The message names the option and how to fix it. */
export class UsageError extends Error {
  readonly code = 'CLI_USAGE';
}
