// The compiled Painter: a function made for one schema and mapping reads Avro's octets and writes
// IPFIX's, with no object in between. What it is not sure of it leaves, untouched, to the by-value
// Painter: so both give the same octets, or the same fault.

import { AvroDataError } from '../../avro/avro-cursor.ts';
import { eventReader } from '../../avro/event-reader.ts';
import { EncodeError } from '../../ipfix/abstract-type.ts';
import type { Delivery } from '../../sources/delivery.ts';
import { type Paint, paintFunction, type DatumOctets } from './compiled/paint-code.ts';
import { planOf } from './compiled/compiled-plan.ts';
import { ShapeCache } from './compiled/shape-cache.ts';
import type { Progress } from '../frames/frame.ts';
import type { EventValues } from '../mapping/mapped-field.ts';
import {
  byValuePainter,
  type Discards,
  noDelivery,
  type Painter,
  type PainterOptions,
} from './painter.ts';
import { Shapes } from '../templates/shapes.ts';

/** The by-value Painter where nothing of the mapping can be compiled. */
export function compiledPainter(options: PainterOptions): Painter {
  return CompiledPainter.of(options) ?? byValuePainter(options);
}

/** One of the last datums of a Delivery goes by value where it is longer. */
const datumOctetsMax = 16_384;

export class CompiledPainter implements Painter {
  /** Events left to the by-value Painter. */
  left = 0;
  readonly #options: PainterOptions;
  readonly #paint: Paint;
  readonly #slack: number;
  readonly #event: EventValues;
  /** The Delivery's octets: all of its datums but the last ones have enough of them behind them. */
  #place = datumOctets(noDelivery.bytes, 0);
  /** For the last ones, one at a time. */
  readonly #aside: DatumOctets;
  #byValueOnce: Painter | undefined;

  static of(options: PainterOptions): CompiledPainter | undefined {
    const { binding, ids, frames } = options;
    const { rules, paths, forward } = binding.mapping;
    const plan = planOf(binding);
    if (!plan) return undefined;
    const reader = eventReader(plan.root, paths);
    const { slots, variants } = reader;
    const record = paths.indexOf('$record');
    if (record >= 0) slots[record] = plan.root.name;
    const event: EventValues = { slots, variants, delivery: noDelivery, datum: 0 };
    const shapes = new Shapes(forward, ids);
    const made = paintFunction({
      plan,
      paths,
      rules,
      reader,
      event,
      branches: shapes.branches,
      shapes: new ShapeCache(shapes, ids, frames),
    });
    return new CompiledPainter(options, event, made);
  }

  private constructor(
    options: PainterOptions,
    event: EventValues,
    { paint, slack }: { paint: Paint; slack: number },
  ) {
    this.#options = options;
    this.#event = event;
    this.#paint = paint;
    this.#slack = slack;
    this.#aside = datumOctets(Buffer.alloc(datumOctetsMax + slack), slack);
  }

  get fields() {
    return this.#byValue.fields;
  }

  paintMany(delivery: Delivery, datum: number, progress: Progress, discards: Discards): number {
    const { bytes, starts, ends } = delivery;
    this.#event.delivery = delivery;
    if (bytes !== this.#place.bytes) this.#place = datumOctets(bytes, this.#slack);
    const { endMax } = this.#place;
    const to = endOfSchema(delivery, datum);
    const run = { delivery, progress, discards };
    for (let at = datum; ; at += 1) {
      at = this.#try(run, this.#place, at, to);
      if (at === to || starts[at]! < 0 || ends[at]! <= endMax) return at;
      if (!this.#setAside(delivery, at)) return at;
      if (this.#try(run, this.#aside, at, at + 1) === at) return at;
    }
  }

  begin(delivery: Delivery, datum: number): number {
    return this.#byValue.begin(delivery, datum);
  }

  paint(progress: Progress): string | undefined {
    this.left += 1;
    return this.#byValue.paint(progress);
  }

  passOver(): void {
    this.#byValue.passOver();
  }

  values(): Record<string, unknown> {
    return this.#byValue.values();
  }

  #try(
    { delivery, progress, discards }: Run,
    place: DatumOctets,
    datum: number,
    to: number,
  ): number {
    try {
      return this.#paint(delivery, place, datum, to, progress, discards);
    } catch (error) {
      // The Frame takes a record in only when all of it is written.
      if (error instanceof EncodeError || error instanceof AvroDataError) return this.#event.datum;
      throw error;
    }
  }

  #setAside({ bytes, starts, ends }: Delivery, datum: number): boolean {
    const start = starts[datum]!;
    const end = ends[datum]!;
    if (end - start > datumOctetsMax) return false;
    bytes.copy(this.#aside.bytes, 0, start, end);
    this.#aside.base = start;
    return true;
  }

  get #byValue(): Painter {
    return (this.#byValueOnce ??= byValuePainter(this.#options));
  }
}

interface Run {
  readonly delivery: Delivery;
  readonly progress: Progress;
  readonly discards: Discards;
}

function datumOctets(bytes: Buffer, slack: number): DatumOctets {
  const input = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return { bytes, input, base: 0, endMax: bytes.length - slack };
}

/** The first datum from `datum` on that has another schema, or the count. */
function endOfSchema({ schemaOf, count }: Delivery, datum: number): number {
  if (!schemaOf) return count;
  const schema = schemaOf[datum];
  let to = datum + 1;
  while (to < count && schemaOf[to] === schema) to += 1;
  return to;
}
