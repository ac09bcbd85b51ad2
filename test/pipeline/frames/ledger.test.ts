// The Ledger beside a model that remembers every single event.

import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { elementByName } from '../../../src/ipfix/information-element.ts';
import { Frame } from '../../../src/pipeline/frames/frame.ts';
import { roomAlone } from '../../../src/pipeline/frames/frame-room.ts';
import { Ledger, type PendingLetter } from '../../../src/pipeline/frames/ledger.ts';
import type { Delivery, Origin } from '../../../src/sources/delivery.ts';
import { turn } from '../../support/fakes/manual-clock.ts';
import { originOf } from '../../support/events/flow-events.ts';

// Properties take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const template = { id: 256, fields: [{ element: elementByName('flowId')!, length: 8 }] };
const framesMax = 3;
const frameOctets = 10;
const letterOctets = 8;

interface ModelEvent {
  readonly origin: Origin;
  readonly offset: number;
  readonly frame?: Frame;
  readonly letter?: PendingLetter;
  state: 'inFlight' | 'exported' | 'deadLettered' | 'discarded' | 'returned';
}

/** What the Ledger should say, by looking at all events each time. */
class Model {
  readonly events: ModelEvent[] = [];
  readonly origins = new Map<Origin, number>();
  readonly live = new Set<Frame>();
  /** Not written yet, those of Origins that were taken away included. */
  readonly letters = new Set<PendingLetter>();

  get hasRoom(): boolean {
    const octets = this.live.size * frameOctets + this.letters.size * letterOctets;
    return octets < framesMax * frameOctets;
  }

  get isEmpty(): boolean {
    return this.live.size === 0 && [...this.letters].every(({ progress }) => progress.dropped);
  }

  count(state: ModelEvent['state']): number {
    return this.events.filter((event) => event.state === state).length;
  }

  committable(origin: Origin): number {
    const own = this.events.filter((e) => e.origin === origin && e.state === 'inFlight');
    return Math.min(this.origins.get(origin)!, ...own.map(({ offset }) => offset));
  }

  /** Those of a Frame, letter or Origin that are in flight come to `state`. */
  bring(of: Frame | Origin | PendingLetter, state: ModelEvent['state']): void {
    for (const event of this.events) {
      const isOf = event.frame === of || event.origin === of || event.letter === of;
      if (isOf && event.state === 'inFlight') event.state = state;
    }
  }
}

/** Where each event of a Delivery goes: a slot's open Frame, a dead letter, or nowhere. */
type Fate = 0 | 1 | 2 | 'dead' | 'bad';
type Step =
  | { readonly do: 'deliver'; readonly partition: number; readonly fates: readonly Fate[] }
  | { readonly do: 'settle' | 'write' | 'drop'; readonly pick: number }
  | { readonly do: 'wait' };

const fate = fc.constantFrom<Fate>(0, 1, 2, 'dead', 'bad');
const pick = fc.nat({ max: 20 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('deliver' as const),
    partition: fc.nat({ max: 3 }),
    fates: fc.array(fate, { maxLength: 6 }),
  }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('settle' as const), pick }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('write' as const), pick }) },
  fc.record({ do: fc.constant('drop' as const), pick }),
  fc.record({ do: fc.constant('wait' as const) }),
);

function deliveryAt(origin: Origin, first: number, count: number): Delivery {
  const none = new Int32Array(count);
  // Every other offset, as in a compacted topic; the next one lies past a control record.
  const offsets = Float64Array.from({ length: count }, (_, i) => first + 2 * i);
  const nextOffset = first + 2 * count + 1;
  return {
    ...{ origin, bytes: Buffer.alloc(0), count, starts: none, ends: none, offsets, nextOffset },
    ...{ schemas: [], schemaOf: undefined, unreadable: undefined, metadata: undefined },
  };
}

class Run {
  readonly model = new Model();
  readonly ledger = new Ledger({ framesMax, frameOctets });
  readonly #open = new Map<Fate, Frame>();
  readonly #byPartition = new Map<number, Origin>();
  readonly #highest = new Map<Origin, number>();
  readonly #waits: { readonly isDue: () => boolean; done: boolean; wasDue: boolean }[] = [];

  step(one: Step): void {
    if (one.do === 'deliver') this.#deliver(one.partition, one.fates);
    else if (one.do === 'settle') this.#settle(one.pick);
    else if (one.do === 'write') this.#write(one.pick);
    else if (one.do === 'drop') this.#drop(one.pick);
    else this.#wait();
    for (const wait of this.#waits) wait.wasDue ||= wait.isDue();
  }

  #deliver(partition: number, fates: readonly Fate[]): void {
    const { ledger, model } = this;
    const origin = this.#byPartition.get(partition) ?? originOf(partition);
    this.#byPartition.set(partition, origin);
    const delivery = deliveryAt(origin, model.origins.get(origin) ?? 100, fates.length);
    ledger.track(delivery);
    const progress = ledger.progressOf(origin);
    fates.forEach((slot, i) => {
      const offset = delivery.offsets[i]!;
      if (slot === 'bad') {
        ledger.discard(progress, 'bad event');
        model.events.push({ origin, offset, state: 'discarded' });
      } else if (slot === 'dead') {
        const letter = { progress, offset, events: 1, reason: 'BAD_EVENT', octets: letterOctets };
        ledger.hold(letter);
        model.letters.add(letter);
        model.events.push({ origin, offset, letter, state: 'inFlight' });
      } else {
        const frame = this.#openFrame(slot);
        frame.claim(progress, offset, 1);
        model.events.push({ origin, offset, frame, state: 'inFlight' });
      }
    });
    ledger.painted(progress, delivery.nextOffset);
    model.origins.set(origin, delivery.nextOffset);
  }

  #openFrame(slot: Fate): Frame {
    const open = this.#open.get(slot);
    if (open) return open;
    const frame = new Frame(roomAlone(64), template);
    frame.open(template, 0);
    this.#open.set(slot, frame);
    this.ledger.opened(frame);
    this.model.live.add(frame);
    return frame;
  }

  #settle(at: number): void {
    const live = [...this.model.live];
    const frame = live[at % live.length];
    if (!frame) return;
    for (const [slot, open] of this.#open) if (open === frame) this.#open.delete(slot);
    this.model.bring(frame, 'exported');
    this.model.live.delete(frame);
    this.ledger.settle(frame);
  }

  #write(at: number): void {
    const letters = [...this.model.letters];
    const letter = letters[at % letters.length];
    if (!letter) return;
    this.model.bring(letter, 'deadLettered');
    this.model.letters.delete(letter);
    this.ledger.deadLetter(letter);
  }

  #drop(at: number): void {
    const partitions = [...this.#byPartition];
    const [partition, origin] = partitions[at % partitions.length] ?? [];
    if (partition === undefined || !origin) return;
    this.model.bring(origin, 'returned');
    this.model.origins.delete(origin);
    this.#byPartition.delete(partition);
    this.ledger.drop(origin);
  }

  #wait(): void {
    const { ledger, model } = this;
    const hasRoom = () => model.hasRoom;
    const isEmpty = () => model.isEmpty;
    const room = ledger.room();
    expect(room === undefined).toBe(hasRoom());
    for (const [promise, isDue] of [[room, hasRoom] as const, [ledger.empty(), isEmpty] as const]) {
      const wait = { isDue, done: false, wasDue: isDue() };
      this.#waits.push(wait);
      void (promise ?? Promise.resolve()).then(() => (wait.done = true));
    }
  }

  async check(): Promise<void> {
    const { ledger, model } = this;
    await turn();
    for (const { done, wasDue } of this.#waits) expect(done).toBe(wasDue);
    expect(ledger.account).toEqual({
      consumed: model.events.length,
      exported: model.count('exported'),
      deadLettered: model.count('deadLettered'),
      discarded: model.count('discarded'),
      returned: model.count('returned'),
      removed: 0,
      inFlight: model.count('inFlight'),
      discardedByReason: model.count('discarded') ? { 'bad event': model.count('discarded') } : {},
    });
    const { consumed, exported, deadLettered, discarded, returned, inFlight } = ledger.account;
    expect(consumed).toBe(exported + deadLettered + discarded + returned + inFlight);
    const committable = ledger.committable();
    expect(new Set(committable.map(({ origin }) => origin))).toEqual(new Set(model.origins.keys()));
    for (const { origin, offset } of committable) {
      expect(offset).toBe(model.committable(origin));
      expect(offset).toBeGreaterThanOrEqual(this.#highest.get(origin) ?? 0);
      expect(ledger.nextOffset(origin)).toBe(model.origins.get(origin));
      this.#highest.set(origin, offset);
    }
  }
}

describe('whatever is tracked, painted, settled, written and dropped, in any order', () => {
  test('the account is right, nothing unsettled is passed, and waiters wake in time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 50, size: 'max' }), async (steps) => {
        const run = new Run();
        for (const one of steps) {
          run.step(one);
          await run.check();
        }
      }),
      { numRuns: 200 },
    );
  });
});
