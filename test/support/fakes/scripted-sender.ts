// A Sender that does as a test says, call by call, and keeps what it was given.

import type { Message } from '../../../src/pipeline/frames/message.ts';
import type { Outcome, Sender } from '../../../src/pipeline/sending/sender.ts';
import type { Clock } from '../../../src/clock.ts';

/** `stall`: the call is answered when the test calls `release`; a number: so many of a run are taken. */
export type Step = Answer | 'stall';
type Answer = 'taken' | 'later' | 'refused' | 'tooLong' | 'failed' | number;

export interface Handed {
  readonly octets: Buffer;
  readonly atMs: number;
  readonly outcome: Outcome['kind'];
}

const outcomes = {
  later: { kind: 'later', code: 'ENOBUFS' },
  refused: { kind: 'refused', code: 'ECONNREFUSED' },
  tooLong: { kind: 'tooLong' },
  failed: { kind: 'failed', error: new Error('EMSGSIZE') },
} as const;

function outcomeOf(answer: Answer, run: number): Outcome {
  if (answer === 'taken') return { kind: 'taken', count: run };
  if (typeof answer === 'number') return { kind: 'taken', count: Math.min(answer, run) };
  return outcomes[answer];
}

export class ScriptedSender implements Sender {
  readonly peer = 'collector.test:4739';
  onRefused: (code: string) => void = () => undefined;
  /** For the calls to come, first one first; all calls after them are taken. */
  readonly script: Step[] = [];
  /** Every call that was answered, in order. */
  readonly handed: Handed[] = [];
  /** How many Messages each call brought. */
  readonly runs: number[] = [];
  /** What the Sink asks of a Sender that takes runs, and of one that knows its way. */
  runMax = 1;
  octetsMax: number | undefined;
  hasMoved?: () => Promise<boolean>;
  /** Answers without a promise. */
  isDirect = false;
  connects = 0;
  closed = false;
  underWay = 0;
  readonly #clock: Clock;
  #stalled: ((answer: Answer) => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  connect(): Promise<void> {
    this.connects += 1;
    return Promise.resolve();
  }

  send(run: readonly Message[]): Outcome | Promise<Outcome> {
    if (this.underWay > 0) throw new Error('two calls at a time');
    this.underWay += 1;
    const octets = run.map(({ buffer, start, length }) =>
      Buffer.from(buffer.subarray(start, start + length)),
    );
    const step = this.script.shift() ?? 'taken';
    if (step === 'stall') return this.#stall().then((answer) => this.#answer(answer, octets));
    const outcome = this.#answer(step, octets);
    return this.isDirect ? outcome : Promise.resolve(outcome);
  }

  #answer(answer: Answer, run: readonly Buffer[]): Outcome {
    this.underWay -= 1;
    const outcome = outcomeOf(answer, run.length);
    const count = outcome.kind === 'taken' ? outcome.count : run.length;
    this.runs.push(run.length);
    for (const octets of run.slice(0, count)) {
      this.handed.push({ octets, atMs: this.#clock.monotonicMs(), outcome: outcome.kind });
    }
    return outcome;
  }

  close(): void {
    this.closed = true;
  }

  get isStalled(): boolean {
    return this.#stalled !== undefined;
  }

  /** Answers the call that stalls. */
  release(answer: Answer = 'taken'): void {
    const release = this.#stalled;
    this.#stalled = undefined;
    release?.(answer);
  }

  /** The socket reports a refusal of something sent before. */
  refuse(code = 'ECONNREFUSED'): void {
    this.onRefused(code);
  }

  /** What the kernel took, in order. */
  get taken(): Handed[] {
    return this.handed.filter(({ outcome }) => outcome === 'taken');
  }

  #stall(): Promise<Answer> {
    return new Promise((resolve) => (this.#stalled = resolve));
  }
}
