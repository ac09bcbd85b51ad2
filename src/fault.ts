// One thing that is wrong with what a user wrote: a setting, a schema, a mapping.

export interface Fault {
  /** A variable's name, or a path in a schema or mapping. */
  readonly where: string;
  readonly problem: string;
}
