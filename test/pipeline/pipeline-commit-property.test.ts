// The promise, under any script: what is committed was handed over, and was not refused.

import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FlowEvent } from '../../src/generator/flow-event.ts';
import { anyFlowEvent, originOf } from '../support/events/flow-events.ts';
import { turn } from '../support/fakes/manual-clock.ts';
import type { Step } from '../support/fakes/scripted-sender.ts';
import { commitIntervalMs, Stage } from '../support/fakes/scripted-stage.ts';

// Properties take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

const firstOffset = 100;
const windowMs = 100;

type Act =
  | { readonly deliver: readonly FlowEvent[]; readonly partition: number }
  | { readonly script: readonly Step[] }
  | { readonly advanceMs: number }
  | 'commit'
  | 'refuse'
  | 'release';

const step = fc.constantFrom<Step>('taken', 'later', 'refused', 'stall');
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ deliver: fc.array(anyFlowEvent), partition: fc.nat({ max: 2 }) }),
  fc.record({ script: fc.array(step, { maxLength: 3 }) }),
  fc.record({ advanceMs: fc.nat({ max: 600 }) }),
  fc.constantFrom<Act>('commit', 'commit', 'refuse', 'release'),
);

class Run {
  readonly stage = new Stage({ flushIntervalMs: 200, confirmWindowMs: windowMs });
  readonly #origins = [originOf(0), originOf(1), originOf(2)];
  readonly #idsOf = new Map(this.#origins.map((origin) => [origin, [] as number[]]));
  readonly #refusedAtMs: number[] = [];
  #events = 0;
  #checked = 0;

  async do(one: Act): Promise<void> {
    const { stage } = this;
    if (one === 'commit') vi.advanceTimersByTime(commitIntervalMs);
    else if (one === 'release') stage.sender.release();
    else if (one === 'refuse') {
      this.#refusedAtMs.push(stage.clock.nowMs);
      stage.sender.refuse();
    } else if ('script' in one) stage.sender.script.push(...one.script);
    else if ('advanceMs' in one) await stage.clock.advance(one.advanceMs);
    else this.#deliver(one.deliver, one.partition);
    await turn();
    this.#checkCommits();
  }

  #deliver(given: readonly FlowEvent[], partition: number): void {
    const origin = this.#origins[partition]!;
    const events = given.map((event) => ({ ...event, flowId: (this.#events += 1) }));
    this.#idsOf.get(origin)!.push(...events.map(({ flowId }) => flowId));
    this.stage.deliver(events, origin);
  }

  #checkCommits(): void {
    const { commits, sender } = this.stage;
    const handed = this.stage.handedOverAt();
    const atOnce = sender.handed.filter(({ outcome }) => outcome === 'refused');
    const refusals = [...this.#refusedAtMs, ...atOnce.map(({ atMs }) => atMs)];
    for (const { offsets, atMs } of commits.slice(this.#checked)) {
      for (const { origin, offset } of offsets) {
        for (const id of this.#idsOf.get(origin)!.slice(0, offset - firstOffset)) {
          const handedAtMs = handed.get(id) ?? Infinity;
          expect(atMs - handedAtMs).toBeGreaterThanOrEqual(windowMs);
          const isWithin = (at: number) => at > handedAtMs && at < handedAtMs + windowMs;
          expect(refusals.filter(isWithin)).toEqual([]);
        }
      }
    }
    this.#checked = commits.length;
  }

  /** The source ends, and nothing is refused any more. */
  async finish(): Promise<void> {
    const { stage } = this;
    stage.sender.script.length = 0;
    stage.deliveries.complete();
    for (let i = 0; i < 50 && !stage.isCompleted; i += 1) {
      stage.sender.release();
      await stage.clock.advance(1000);
    }
    this.#checkCommits();
    expect([stage.isCompleted, stage.error]).toEqual([true, undefined]);
    expect(stage.worker.ledger.account).toMatchObject({ exported: this.#events, inFlight: 0 });
    for (const { origin, offset } of stage.commits.at(-1)!.offsets) {
      expect(offset).toBe(firstOffset + this.#idsOf.get(origin)!.length);
    }
  }
}

test('no committed offset passes an event that was not handed over and confirmed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 25, size: 'max' }), async (acts) => {
      const run = new Run();
      await run.stage.start();
      for (const one of acts) await run.do(one);
      await run.finish();
    }),
    { numRuns: 60 },
  );
});
