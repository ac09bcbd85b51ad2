// The compiled Painter: a function made for one schema and mapping reads Avro's octets and writes
// IPFIX's, with no object in between. What it is not sure of it leaves, untouched, to the by-value
// Painter: so both give the same octets, or the same fault.

import { AvroDataError } from '../avro/avro-cursor.ts';
import { eventReader } from '../avro/event-reader.ts';
import { EncodeError } from '../ipfix/abstract-type.ts';
import type { Delivery } from '../sources/delivery.ts';
import { type Paint, paintFunction } from './compiled/paint-code.ts';
import { planOf } from './compiled/plan.ts';
import { ShapeCache } from './compiled/shape-cache.ts';
import type { Progress } from './frame.ts';
import type { EventValues } from './mapped-field.ts';
import { byValuePainter, noDelivery, type Painter, type PainterOptions } from './painter.ts';
import { Shapes } from './shapes.ts';

/** The by-value Painter where nothing of the mapping can be compiled. */
export function compiledPainter(options: PainterOptions): Painter {
  return CompiledPainter.of(options) ?? byValuePainter(options);
}

/** A longer datum goes by value. */
const datumOctetsMax = 16_384;

export class CompiledPainter implements Painter {
  /** Events left to the by-value Painter. */
  left = 0;
  readonly #options: PainterOptions;
  readonly #paint: Paint;
  readonly #slack: number;
  readonly #event: EventValues;
  /** For the last datums of a Delivery: it has the slack behind it that the Delivery has not. */
  readonly #aside: Buffer;
  readonly #asideView: DataView;
  /** The octets painted from last, and their view. */
  #bytes: Buffer | undefined;
  #view = viewOf(noDelivery.bytes);
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
      ...{ plan, paths, rules, reader, event },
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
    this.#aside = Buffer.alloc(datumOctetsMax + slack);
    this.#asideView = viewOf(this.#aside);
  }

  get fields() {
    return this.#byValue.fields;
  }

  /** Never refuses: `paint` does. */
  begin(delivery: Delivery, datum: number): number {
    this.#event.delivery = delivery;
    this.#event.datum = datum;
    return 1;
  }

  paint(progress: Progress): string | undefined {
    const { delivery, datum } = this.#event;
    const painted = this.#try(delivery, datum, progress);
    if (painted === 0) return undefined;
    if (painted > 0) return this.#options.binding.mapping.rules[painted - 1]!.reason;
    this.left += 1;
    this.#byValue.begin(delivery, datum);
    return this.#byValue.paint(progress);
  }

  passOver(): void {
    this.#byValue.begin(this.#event.delivery, this.#event.datum);
    this.#byValue.passOver();
  }

  values(): Record<string, unknown> {
    this.#byValue.begin(this.#event.delivery, this.#event.datum);
    return this.#byValue.values();
  }

  #try({ bytes, starts, ends, offsets }: Delivery, datum: number, progress: Progress): number {
    const start = starts[datum]!;
    const end = ends[datum]!;
    const offset = offsets[datum]!;
    try {
      if (end + this.#slack <= bytes.length) {
        if (bytes !== this.#bytes) {
          this.#bytes = bytes;
          this.#view = viewOf(bytes);
        }
        return this.#paint(bytes, this.#view, start, end, progress, offset);
      }
      if (end - start > datumOctetsMax) return -1;
      bytes.copy(this.#aside, 0, start, end);
      return this.#paint(this.#aside, this.#asideView, 0, end - start, progress, offset);
    } catch (error) {
      // The Frame takes a record in only when all of it is written.
      if (error instanceof EncodeError || error instanceof AvroDataError) return -1;
      throw error;
    }
  }

  get #byValue(): Painter {
    return (this.#byValueOnce ??= byValuePainter(this.#options));
  }
}

const viewOf = ({ buffer, byteOffset, length }: Buffer): DataView =>
  new DataView(buffer, byteOffset, length);
