// What a long check is to test/long/run.ts. Its counts and faults are kept: docs/evidence/NAME.json.

export interface LongContext {
  readonly brokers: readonly string[];
  readonly seed: number;
  /** By `performance.now()`: a check of many rounds begins none after it. Its counts say how many. */
  readonly untilMs: number;
  readonly log: (line: string) => void;
}

export interface LongResult {
  readonly counts: Readonly<Record<string, number | string | null>>;
  /** One object for each round, all with the same keys. They are printed, and not kept. */
  readonly rounds: readonly object[];
  /** What was not as it must be; empty when the check passed. */
  readonly faults: readonly string[];
}

export interface LongCheck {
  readonly name: string;
  /** One sentence. */
  readonly about: string;
  /** `brokers` is empty for a check that needs none. */
  readonly needsBroker?: true;
  run(context: LongContext): Promise<LongResult>;
}
