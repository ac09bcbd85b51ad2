// The by-value Painter: each value of an event is read, converted and written by itself. Slow and
// obvious; it handles every schema and is the oracle for others.

import avro from 'avsc';
import { AvroDataError } from '../../avro/avro-cursor.ts';
import { eventReader, type EventReader } from '../../avro/event-reader.ts';
import { bareHint } from '../../framing-hints.ts';
import { EncodeError } from '../../ipfix/abstract-type.ts';
import type { Delivery } from '../../sources/delivery.ts';
import { BadEventError } from '../bad-events/bad-event.ts';
import type { Binding } from '../mapping/bindings.ts';
import type { Progress } from '../frames/frame.ts';
import type { Frames } from '../frames/frames.ts';
import type { EventValues, MappedField } from '../mapping/mapped-field.ts';
import { RecordPainter } from './record-painter.ts';
import { Shapes } from '../templates/shapes.ts';
import type { TemplateIds } from '../templates/template-ids.ts';

/** Where events are counted that a rule drops. */
export interface Discards {
  discard(progress: Progress, reason: string): void;
}

/** Paints events into Frames. Made once for each (writer schema, mapping). */
export interface Painter {
  /**
   * Paints datums from `datum` on, or drops them by a rule, for as long as each is one event that can be
   * painted without any question. Returns the first datum that is left for `begin`, or the count.
   */
  paintMany(delivery: Delivery, datum: number, progress: Progress, discards: Discards): number;
  /**
   * Begins with a datum of a Delivery and returns how many events it holds: one, or as many as its
   * array has. Throws BadEventError: none of it can be read.
   */
  begin(delivery: Delivery, datum: number): number;
  /**
   * Paints the datum's next event and claims it for `progress` in the Frames it is in. Returns the
   * reason where a rule dropped it. Throws BadEventError, and then nothing of it was painted.
   */
  paint(progress: Progress): string | undefined;
  /** Passes the datum's next event over. Throws BadEventError: it cannot be read. */
  passOver(): void;
  /** The mapped fields, each with the elements it can fill. */
  readonly fields: readonly { readonly path: string; readonly elements: readonly string[] }[];
  /** What the event painted last has at the mapping's paths, in readable form. */
  values(): Record<string, unknown>;
}

export interface PainterOptions {
  readonly binding: Binding;
  readonly ids: TemplateIds;
  readonly frames: Frames;
}

export function byValuePainter({ binding, ids, frames }: PainterOptions): Painter {
  return new ByValuePainter(binding, ids, frames);
}

class ByValuePainter implements Painter {
  readonly #binding: Binding;
  readonly #reader: EventReader;
  readonly #event: EventValues;
  readonly #forward: RecordPainter;
  readonly #reverse: RecordPainter | undefined;
  readonly #counters: readonly MappedField[];
  readonly #aside: Buffer;

  constructor(binding: Binding, ids: TemplateIds, frames: Frames) {
    const { root, mapping } = binding;
    const { forward, reverse, events, paths } = mapping;
    this.#binding = binding;
    this.#reader = eventReader(root, paths, events === undefined ? {} : { events });
    this.#event = {
      slots: this.#reader.slots,
      variants: this.#reader.variants,
      delivery: noDelivery,
      datum: 0,
    };
    this.#forward = new RecordPainter({
      fields: forward,
      shapes: new Shapes(forward, ids),
      frames,
    });
    this.#reverse =
      reverse && new RecordPainter({ ...reverse, shapes: new Shapes(reverse.fields, ids), frames });
    this.#counters = reverse?.counters ?? [];
    this.#aside = Buffer.alloc(reverse ? frames.recordOctetsMax : 0);
    meetEveryKind(binding, this.#reader);
  }

  get fields() {
    return this.#binding.mapping.fields.map(({ path, elements }) => ({
      path,
      elements: elements.map(({ field }) => field.element.name),
    }));
  }

  paintMany(_: Delivery, datum: number): number {
    return datum;
  }

  begin(delivery: Delivery, datum: number): number {
    const { transcode } = this.#binding;
    const start = delivery.starts[datum]!;
    const end = delivery.ends[datum]!;
    this.#event.delivery = delivery;
    this.#event.datum = datum;
    try {
      if (!transcode) return this.#reader.begin(delivery.bytes, start, end);
      const bytes = transcode(delivery.bytes, start, end);
      return this.#reader.begin(bytes, 0, bytes.length);
    } catch (error) {
      throw badDatum(error, this.#framingHint(delivery, datum));
    }
  }

  /** What a message looks like that is one datum by its framing; "" where it is not, or looks like nothing. */
  #framingHint({ bytes, starts, ends, metadata }: Delivery, datum: number): string {
    const [start, end] = [starts[datum]!, ends[datum]!];
    const octets = bytes.subarray(start, end);
    if (metadata?.value(datum)?.equals(octets) !== true) return '';
    return bareHint(octets, (from) => this.#isReadable(bytes, start + from, end));
  }

  #isReadable(bytes: Buffer, start: number, end: number): boolean {
    const { transcode } = this.#binding;
    try {
      if (!transcode) return this.#reader.measure(bytes, start, end) === end;
      transcode(bytes, start, end);
      return true;
    } catch {
      return false;
    }
  }

  paint(progress: Progress): string | undefined {
    const event = this.#event;
    this.passOver();
    for (const { reason, drops } of this.#binding.mapping.rules) if (drops(event)) return reason;
    const offset = event.delivery.offsets[event.datum]!;
    const forward = this.#forward;
    forward.read(event);
    if (!this.#reverse || !this.#hasReverse()) {
      forward.paint().claim(progress, offset, 1);
      return undefined;
    }
    // Both records are checked before either is painted: an event leaves whole or not at all.
    this.#reverse.read(event);
    this.#reverse.paintAside(this.#aside);
    forward.paint().claim(progress, offset, 1);
    this.#reverse.paintFrom(this.#aside).claim(progress, offset, 0);
    return undefined;
  }

  passOver(): void {
    try {
      this.#reader.next();
    } catch (error) {
      throw badDatum(error);
    }
  }

  values(): Record<string, unknown> {
    const { paths } = this.#binding.mapping;
    return Object.fromEntries(paths.map((path, slot) => [path, this.#event.slots[slot]]));
  }

  #hasReverse(): boolean {
    return this.#counters.some(({ path, elementName, read }) => {
      try {
        const value = read(this.#event);
        return value !== null && value !== 0;
      } catch (error) {
        if (!(error instanceof EncodeError)) throw error;
        throw new BadEventError(path, `${elementName}: ${error.message}`, { cause: error });
      }
    });
  }
}

function badDatum(error: unknown, hint = ''): BadEventError {
  if (!(error instanceof AvroDataError)) throw error;
  const problem = `not a datum of the schema: ${error.problem}${hint}`;
  return new BadEventError(error.path, problem, { cause: error });
}

export const noDelivery: Delivery = {
  origin: { topic: '', partition: 0, generation: 0 },
  bytes: Buffer.alloc(0),
  count: 0,
  starts: new Int32Array(0),
  ends: new Int32Array(0),
  offsets: new Float64Array(0),
  nextOffset: 0,
  schemas: [],
  schemaOf: undefined,
  unreadable: undefined,
  metadata: undefined,
};

const kindsMet = 100;

/**
 * V8 compiles for the kinds of values it has met. A few of every kind at the start spare a fall
 * back, at full load, when the first rare one comes.
 */
function meetEveryKind({ json }: Binding, reader: EventReader): void {
  try {
    const type = avro.Type.forSchema(json as avro.Schema);
    for (let i = 0; i < kindsMet; i += 1) {
      const datum = type.toBuffer(type.random());
      const events = reader.begin(datum, 0, datum.length);
      for (let event = 0; event < events; event += 1) reader.next();
    }
  } catch {
    // avsc has no random value for some schemas, such as trees without end; those do without.
  }
}
