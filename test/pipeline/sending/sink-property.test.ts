// Any script of takings, refusals, stalls and waits, Message by Message and in runs: what settles, in
// which order, and after what.

import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import {
  ScriptedSession,
  metLater,
  known,
  type SeenMessage,
} from '../../support/fakes/scripted-session.ts';
import type { Step } from '../../support/fakes/scripted-sender.ts';

// Properties take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const windowMs = 100;

type Answer = 'taken' | 'later' | 'refused' | 1;

type Act =
  | { readonly do: 'transmit'; readonly records: number; readonly isLater: boolean }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'script'; readonly steps: readonly Step[] }
  | { readonly do: 'release'; readonly step: Answer }
  | { readonly do: 'refuse' | 'holdPolls' | 'letPolls' };

// A number: the kernel takes no more of a run in this call.
const scripted = fc.constantFrom<Step>('taken', 'taken', 1, 2, 'later', 'refused', 'stall');
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('transmit' as const),
      records: fc.integer({ min: 1, max: 40 }),
      isLater: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('advance' as const),
      ms: fc.oneof(fc.nat({ max: 30 }), fc.nat({ max: 400 })),
    }),
  },
  fc.record({
    do: fc.constant('script' as const),
    steps: fc.array(scripted, { maxLength: 4 }),
  }),
  fc.record({
    do: fc.constant('release' as const),
    step: fc.constantFrom<Answer>('taken', 'later', 'refused', 1),
  }),
  fc.record({ do: fc.constantFrom('refuse', 'holdPolls', 'letPolls') }),
);

class Run {
  readonly session = new ScriptedSession({ templateRefreshMessages: 7 });
  /** When a refusal was learnt, in the order of what was handed over. */
  readonly refusedAtMs: number[] = [];
  readonly sizes: number[] = [];
  readonly isLater: boolean[] = [];

  constructor({ runMax, isDirect }: { runMax: number; isDirect: boolean }) {
    Object.assign(this.session.sender, { runMax, isDirect });
  }

  async do(one: Act): Promise<void> {
    const { session } = this;
    const { clock, sender } = session;
    switch (one.do) {
      case 'transmit':
        this.sizes.push(one.records);
        this.isLater.push(one.isLater);
        session.transmit(one.records, one.isLater ? metLater : known);
        break;
      case 'advance':
        await clock.advance(one.ms);
        break;
      case 'script':
        sender.script.push(...one.steps);
        break;
      case 'release':
        sender.release(one.step);
        break;
      case 'refuse':
        this.refusedAtMs.push(clock.nowMs);
        sender.refuse();
        break;
      default:
        clock.pollsHeld = one.do === 'holdPolls';
        if (!clock.pollsHeld) await clock.poll();
    }
    await clock.advance(0);
  }

  /** Nothing is refused or held any more; whatever stalls is taken. */
  async finish(): Promise<void> {
    const { session } = this;
    session.sender.script.length = 0;
    session.clock.pollsHeld = false;
    session.sink.end();
    for (let i = 0; i < 100 && !session.isCompleted; i += 1) {
      session.sender.release();
      await session.clock.poll();
      await session.clock.advance(1000);
    }
  }

  get refusals(): number[] {
    const atOnce = this.session.sender.handed.filter(({ outcome }) => outcome === 'refused');
    return [...this.refusedAtMs, ...atOnce.map(({ atMs }) => atMs)];
  }
}

function lastBefore(data: readonly SeenMessage[], frame: number, atMs: number): SeenMessage {
  return data.findLast((message) => message.frame === frame && message.atMs < atMs)!;
}

function check(run: Run): void {
  const { session, sizes } = run;
  const { data } = session;
  expect(session.error).toBeUndefined();
  expect(session.isCompleted).toBe(true);
  // The order of sending is that in which each was first taken; all settle once, in that order.
  const order = [...new Set(data.map(({ frame }) => frame))];
  expect(session.settledFrames).toEqual(order);
  expect(order.toSorted((a, b) => a - b)).toEqual(sizes.map((_, frame) => frame));
  checkOrder(run, order);
  checkNumbers(run, order);
  for (const { frame, atMs } of session.settled) {
    const handed = lastBefore(data, frame, atMs);
    expect(atMs - handed.atMs).toBeGreaterThanOrEqual(windowMs);
    const within = run.refusals.filter((at) => at > handed.atMs && at < atMs);
    expect(within).toEqual([]);
  }
}

/** That of `transmit`: of all Frames where each goes alone, of each Template's where they go in runs. */
function checkOrder({ session, isLater }: Run, order: readonly number[]): void {
  const rising = (frames: readonly number[]) => frames.toSorted((a, b) => a - b);
  const parts =
    session.sender.runMax === 1
      ? [order]
      : [true, false].map((later) => order.filter((frame) => isLater[frame] === later));
  for (const part of parts) expect(part).toEqual(rising(part));
}

function checkNumbers(run: Run, order: readonly number[]): void {
  const { session, sizes } = run;
  const place = new Map(order.map((frame, i) => [frame, i]));
  const before = new Map<number, number>();
  order.reduce((sum, frame) => (before.set(frame, sum), sum + sizes[frame]!), 0);
  let next = 0;
  const told = new Map<number, number>();
  for (const message of session.messages) {
    if (message.kind === 'templates') {
      for (const id of message.ids) told.set(id, (told.get(id) ?? 0) + 1);
      continue;
    }
    const { frame, sequenceNumber, records } = message;
    expect([sequenceNumber, records]).toEqual([before.get(frame), sizes[frame]]);
    expect(told.get(message.ids[0]!) ?? 0).toBeGreaterThanOrEqual(1);
    // Forward one by one; back only after a refusal.
    const at = place.get(frame)!;
    if (at !== next) {
      expect(at).toBeLessThan(next);
      expect(run.refusals.some((atMs) => atMs <= message.atMs)).toBe(true);
    }
    next = at + 1;
  }
}

test.each([
  { how: 'one by one', runMax: 1, isDirect: false },
  { how: 'in runs', runMax: 64, isDirect: true },
  { how: 'in short runs', runMax: 3, isDirect: true },
])('$how: every Frame settles once, in order, by a hand-over that was not refused', async (how) => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 60, size: 'max' }), async (acts) => {
      const run = new Run(how);
      await run.session.start();
      for (const one of acts) await run.do(one);
      await run.finish();
      check(run);
    }),
    { numRuns: 300 },
  );
});
