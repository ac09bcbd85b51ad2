// How the mapping says no.

/** One thing that is wrong with a mapping, and how to fix it. */
export interface MappingFault {
  /** As `topics.flows.fields.bytes` in a file, with the line where it is known; else a path of the schema. */
  readonly path: string;
  readonly problem: string;
}

/** What a mapping says of one field cannot be done: why, and what to do. The caller knows the field's path. */
export class MappingError extends Error {
  override readonly name = 'MappingError';
  /** The collecting program could not read the element. */
  readonly isByProfile: boolean;

  constructor(message: string, { isByProfile = false } = {}) {
    super(message);
    this.isByProfile = isByProfile;
  }
}

/** What `make` makes, or the MappingError that it throws. */
export function attempt<T>(make: () => T): T | MappingError {
  try {
    return make();
  } catch (error) {
    if (error instanceof MappingError) return error;
    throw error;
  }
}

/** What `make` makes; of its MappingError, `reword` makes the message. */
export function reworded<T>(reword: (message: string) => string, make: () => T): T {
  const made = attempt(make);
  if (made instanceof MappingError) throw new MappingError(reword(made.message));
  return made;
}
