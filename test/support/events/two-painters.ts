// The two Painters side by side, each with Frames of its own: what one does, the other has to do.

import { isDeepStrictEqual } from 'node:util';
import type { Random } from '../../../src/generator/random.ts';
import { ActiveTemplates } from '../../../src/pipeline/templates/active-templates.ts';
import { BadEventError } from '../../../src/pipeline/bad-events/bad-event.ts';
import type { Binding } from '../../../src/pipeline/mapping/bindings.ts';
import { CompiledPainter } from '../../../src/pipeline/painting/compiled-painter.ts';
import type { Frame, Progress } from '../../../src/pipeline/frames/frame.ts';
import { Frames } from '../../../src/pipeline/frames/frames.ts';
import { Ledger } from '../../../src/pipeline/frames/ledger.ts';
import {
  byValuePainter,
  type Painter,
  type PainterOptions,
} from '../../../src/pipeline/painting/painter.ts';
import { TemplateIds } from '../../../src/pipeline/templates/template-ids.ts';
import type { Delivery } from '../../../src/sources/delivery.ts';
import { ManualClock } from '../fakes/manual-clock.ts';

export interface Outcome {
  /** Messages of the faults and reasons of the rules, for each event that was not painted. */
  readonly said: readonly string[];
  /** What a sealed Frame held. */
  readonly frames: readonly SealedFrame[];
}

export interface SealedFrame {
  readonly templateId: number;
  readonly layout: readonly (readonly [id: number, length: number])[];
  readonly records: number;
  readonly octets: string;
  readonly claims: readonly (readonly [offset: number, events: number])[];
}

const sealedOf = (frame: Frame): SealedFrame => ({
  templateId: frame.template.id,
  layout: frame.template.fields.map(({ element, length }) => [element.id, length]),
  records: frame.records,
  octets: frame.octets.toString('hex', 16),
  claims: frame.claims.map(({ lowestOffset, events }) => [lowestOffset, events]),
});

export class PainterAlone {
  readonly painter: Painter;
  readonly #frames: Frames;
  readonly #sealed: SealedFrame[] = [];
  readonly #said: string[] = [];
  readonly #progress: Progress[] = [];

  constructor(binding: Binding, make: (options: PainterOptions) => Painter | undefined) {
    const ids = new TemplateIds([]);
    this.#frames = new Frames({
      messageOctetsMax: 1472,
      flushIntervalMs: 500,
      clock: new ManualClock(),
      ledger: new Ledger({ framesMax: 1e9 }),
      templates: new ActiveTemplates({ templatesMax: 64, known: [], ids }),
    });
    this.#frames.sealed.subscribe((frame) => {
      this.#sealed.push(sealedOf(frame));
      // What a Frame held before is no part of what it holds next.
      frame.octets.fill(0xee);
      this.#frames.recycle(frame);
    });
    this.painter = make({ binding, ids, frames: this.#frames }) ?? unmade();
  }

  paint(delivery: Delivery): void {
    const { partition } = delivery.origin;
    const progress = (this.#progress[partition] ??= {
      ...{ origin: delivery.origin, nextOffset: 0, inFlight: 0, dropped: false },
    });
    const discards = { discard: (_: Progress, reason: string) => void this.#said.push(reason) };
    for (let datum = 0; datum < delivery.count; datum += 1) {
      datum = this.painter.paintMany(delivery, datum, progress, discards);
      if (datum === delivery.count) return;
      try {
        const events = this.painter.begin(delivery, datum);
        for (let event = 0; event < events; event += 1) this.#paintOne(progress);
      } catch (error) {
        this.#said.push(faultOf(error));
      }
    }
  }

  #paintOne(progress: Progress): void {
    try {
      const dropped = this.painter.paint(progress);
      if (dropped !== undefined) this.#said.push(dropped);
    } catch (error) {
      this.#said.push(faultOf(error));
    }
  }

  /** All that happened since the last time. */
  outcome(): Outcome {
    this.#frames.sealAll();
    return { said: this.#said.splice(0), frames: this.#sealed.splice(0) };
  }
}

function faultOf(error: unknown): string {
  if (!(error instanceof BadEventError)) throw error;
  const cause = error.cause instanceof Error ? `, by ${error.cause.name}` : '';
  return `${error.name} at "${error.path}": ${error.message}${cause}`;
}

function unmade(): never {
  throw new Error('no Painter was made');
}

/** Undefined where the mapping cannot be compiled at all. */
export class TwoPainters {
  readonly compiled: CompiledPainter;
  readonly #one: PainterAlone;
  readonly #other: PainterAlone;

  static of(binding: Binding): TwoPainters | undefined {
    const other = new PainterAlone(binding, byValuePainter);
    let made: CompiledPainter | undefined;
    try {
      const one = new PainterAlone(binding, (options) => (made = CompiledPainter.of(options)));
      return made && new TwoPainters(made, one, other);
    } catch (error) {
      if ((error as Error).message === 'no Painter was made') return undefined;
      throw error;
    }
  }

  private constructor(compiled: CompiledPainter, one: PainterAlone, other: PainterAlone) {
    this.compiled = compiled;
    this.#one = one;
    this.#other = other;
  }

  /** What both made of it; throws where they differ. */
  paint(deliveries: readonly Delivery[]): Outcome {
    for (const delivery of deliveries) {
      this.#one.paint(delivery);
      this.#other.paint(delivery);
    }
    const [found, wanted] = [this.#one.outcome(), this.#other.outcome()];
    if (!isDeepStrictEqual(found, wanted)) throw new Error(difference(found, wanted));
    return wanted;
  }
}

function difference(found: Outcome, wanted: Outcome): string {
  const event = wanted.said.findIndex((said, i) => said !== found.said[i]);
  if (event >= 0) {
    return `said ${event}: by value ${wanted.said[event]}, compiled ${found.said[event]}`;
  }
  const frame = wanted.frames.findIndex((one, i) => !isDeepStrictEqual(one, found.frames[i]));
  const show = (one: SealedFrame | undefined) => JSON.stringify(one);
  return `Frame ${frame}:\nby value ${show(wanted.frames[frame])}\ncompiled ${show(found.frames[frame])}`;
}

/** Octets changed, cut off, put in between, or left as they are. */
export function damaged(random: Random, octets: Buffer): Buffer {
  const copy = Buffer.from(octets);
  if (copy.length === 0) return copy;
  const at = random.integer(0, copy.length - 1);
  switch (random.integer(0, 5)) {
    case 0:
      copy[at] = random.integer(0, 255);
      return copy;
    case 1:
      copy[at] = [0x00, 0x01, 0x02, 0x7f, 0x80, 0xfe, 0xff][random.integer(0, 6)]!;
      return copy;
    case 2:
      return copy.subarray(0, at);
    case 3:
      return Buffer.concat([copy.subarray(0, at), Buffer.alloc(1, 0xff), copy.subarray(at)]);
    case 4:
      return Buffer.concat([copy, copy.subarray(at)]);
    default:
      // A number written with more octets than it needs.
      copy[at] = copy[at]! | 0x80;
      return Buffer.concat([copy.subarray(0, at + 1), Buffer.alloc(1), copy.subarray(at + 1)]);
  }
}

/** Datums in one Delivery, with what lies beside them. */
export function deliveryOfDatums(
  datums: readonly Buffer[],
  { partition, firstOffset }: { partition: number; firstOffset: number },
): Delivery {
  const starts = new Int32Array(datums.length);
  const ends = new Int32Array(datums.length);
  let at = 0;
  datums.forEach((datum, i) => {
    starts[i] = at;
    at += datum.length;
    ends[i] = at;
  });
  return {
    origin: { topic: 'flows', partition, generation: 1 },
    ...{ bytes: Buffer.concat(datums), count: datums.length, starts, ends },
    offsets: Float64Array.from(datums, (_, i) => firstOffset + i),
    nextOffset: firstOffset + datums.length,
    ...{ schemas: [], schemaOf: undefined, unreadable: undefined },
    metadata: {
      timestampMs: () => 1_700_000_000_123,
      key: () => Buffer.from('"192.0.2.9"'),
      value: () => null,
      header: (_, name) => (name === 'exporter' ? Buffer.from('2001:db8::9') : null),
      headers: () => [{ key: 'exporter', value: Buffer.from('2001:db8::9') }],
    },
  };
}
