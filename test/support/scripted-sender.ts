// A Sender that does as a test says, call by call, and keeps what it was given.

import type { Outcome, Sender } from '../../src/pipeline/sender.ts';
import type { Clock } from '../../src/pipeline/clock.ts';

/** `stall`: the call is answered when the test calls `release`. */
export type Step = 'taken' | 'later' | 'refused' | 'failed' | 'stall';

export interface Handed {
  readonly octets: Buffer;
  readonly atMs: number;
  readonly outcome: Outcome['kind'];
}

const outcomes: Record<Exclude<Step, 'stall'>, Outcome> = {
  taken: { kind: 'taken' },
  later: { kind: 'later', code: 'ENOBUFS' },
  refused: { kind: 'refused', code: 'ECONNREFUSED' },
  failed: { kind: 'failed', error: new Error('EMSGSIZE') },
};

export class ScriptedSender implements Sender {
  readonly peer = 'collector.test:4739';
  onRefused: (code: string) => void = () => undefined;
  /** For the calls to come, first one first; all calls after them are taken. */
  readonly script: Step[] = [];
  /** Every call that was answered, in order. */
  readonly handed: Handed[] = [];
  connects = 0;
  closed = false;
  underWay = 0;
  readonly #clock: Clock;
  #stalled: ((outcome: Outcome) => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  connect(): Promise<void> {
    this.connects += 1;
    return Promise.resolve();
  }

  async send(message: Buffer, length: number): Promise<Outcome> {
    if (this.underWay > 0) throw new Error('two calls at a time');
    this.underWay += 1;
    const octets = Buffer.from(message.subarray(0, length));
    const step = this.script.shift() ?? 'taken';
    const outcome = step === 'stall' ? await this.#stall() : outcomes[step];
    this.underWay -= 1;
    this.handed.push({ octets, atMs: this.#clock.monotonicMs(), outcome: outcome.kind });
    return outcome;
  }

  close(): void {
    this.closed = true;
  }

  get isStalled(): boolean {
    return this.#stalled !== undefined;
  }

  /** Answers the call that stalls. */
  release(step: Exclude<Step, 'stall'> = 'taken'): void {
    const answer = this.#stalled;
    this.#stalled = undefined;
    answer?.(outcomes[step]);
  }

  /** The socket reports a refusal of something sent before. */
  refuse(code = 'ECONNREFUSED'): void {
    this.onRefused(code);
  }

  /** What the kernel took, in order. */
  get taken(): Handed[] {
    return this.handed.filter(({ outcome }) => outcome === 'taken');
  }

  #stall(): Promise<Outcome> {
    return new Promise((resolve) => (this.#stalled = resolve));
  }
}
