// Errors as fields of a log line: with a stack only where it helps somebody. What the network, the broker,
// a file or a setting is to blame for has a code and a message that says what to do.

export interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: string | number | undefined;
  readonly stack?: string | undefined;
}

/** For the key `err` of a line. */
export function errorSerializer(hasStacks: boolean): (error: unknown) => unknown {
  return (error) => (error instanceof Error ? loggedError(error, hasStacks) : error);
}

export function loggedError(error: Error & { code?: unknown }, hasStacks: boolean): LoggedError {
  const { name: type, message, code, stack } = error;
  return {
    type,
    message,
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...((hasStacks || !isExpected(error)) && { stack }),
  };
}

/** Not a bug: an error of our own with a code, of the operating system, or of the Kafka client. */
export function isExpected({ name, code }: Error & { code?: unknown }): boolean {
  if (name.startsWith('KafkaJS')) return true;
  // Node.js names what a program does wrong ERR_….
  return typeof code === 'string' && !code.startsWith('ERR_');
}
