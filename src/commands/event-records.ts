// Events beside the Data Records they become: the real Painter and the real Decoder, and nothing sent.

import { type DecodedRecord, Decoder } from '../ipfix/decoder.ts';
import { writeMessageHeader } from '../ipfix/message.ts';
import { templateMessages } from '../ipfix/template.ts';
import { discardReasons } from '../pipeline/frames/discard-reasons.ts';
import { ActiveTemplates } from '../pipeline/templates/active-templates.ts';
import { BadEventError } from '../pipeline/bad-events/bad-event.ts';
import { type TopicBindings, UnmappableSchemaError } from '../pipeline/mapping/bindings.ts';
import { systemClock } from '../clock.ts';
import type { Frame } from '../pipeline/frames/frame.ts';
import { Frames } from '../pipeline/frames/frames.ts';
import { Ledger } from '../pipeline/frames/ledger.ts';
import { byValuePainter, type Painter } from '../pipeline/painting/painter.ts';
import { TemplateIds } from '../pipeline/templates/template-ids.ts';
import type { Delivery, WriterSchema } from '../sources/delivery.ts';

/** What became of one event. */
export interface EventRecords {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Its number, where its datum holds several. */
  readonly event: number | undefined;
  /** The mapped fields, each with the elements it can fill. */
  readonly fields: readonly { readonly path: string; readonly elements: readonly string[] }[];
  /** The values at the mapped paths. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly records: readonly DecodedRecord[];
  /** The reason of the rule that dropped it, or what is wrong with it. */
  readonly dropped: string | undefined;
  readonly fault: string | undefined;
}

/** `flows[0] offset 41`, and the event in it where it holds several. */
export const placeText = ({ topic, partition, offset, event }: EventRecords): string =>
  `${topic}[${partition}] offset ${offset}${event === undefined ? '' : ` event ${event}`}`;

const messageOctetsMax = 65_000;

export class EventDecoder {
  readonly #bindingsOf: (topic: string) => TopicBindings;
  readonly #painters = new Map<WriterSchema, Painter>();
  readonly #ids = new TemplateIds([]);
  readonly #frames: Frames;
  readonly #decoder = new Decoder();
  readonly #sealed: Frame[] = [];

  constructor(bindingsOf: (topic: string) => TopicBindings) {
    this.#bindingsOf = bindingsOf;
    this.#frames = new Frames({
      messageOctetsMax,
      flushIntervalMs: 60_000,
      clock: systemClock(),
      ledger: new Ledger({ framesMax: 1_000 }),
      templates: new ActiveTemplates({ templatesMax: 65_000, known: [] }),
    });
    this.#frames.sealed.subscribe((frame) => this.#sealed.push(frame));
  }

  *eventsOf(delivery: Delivery): Iterable<EventRecords> {
    for (let i = 0; i < delivery.count; i += 1) yield* this.#eventsOf(delivery, i);
  }

  *#eventsOf(delivery: Delivery, i: number): Iterable<EventRecords> {
    const { topic, partition } = delivery.origin;
    const place = { topic, partition, offset: delivery.offsets[i]! };
    const nothing = { event: undefined, fields: [], values: {}, records: [], dropped: undefined };
    if (delivery.starts[i]! < 0) {
      const fault = delivery.unreadable?.get(i)?.problem;
      const dropped = fault === undefined ? discardReasons.tombstone : undefined;
      yield { ...place, ...nothing, dropped, fault };
      return;
    }
    let painter: Painter;
    let events: number;
    try {
      painter = this.#painterOf(delivery, i);
      events = painter.begin(delivery, i);
    } catch (error) {
      yield { ...place, ...nothing, fault: faultOf(error) };
      return;
    }
    for (let event = 0; event < events; event += 1) {
      yield {
        ...place,
        event: events > 1 ? event : undefined,
        ...this.#painted(painter, delivery),
      };
    }
  }

  #painterOf(delivery: Delivery, i: number): Painter {
    const schema = delivery.schemas[delivery.schemaOf?.[i] ?? 0]!;
    let painter = this.#painters.get(schema);
    if (!painter) {
      const binding = this.#bindingsOf(delivery.origin.topic).of(schema);
      painter = byValuePainter({ binding, ids: this.#ids, frames: this.#frames });
      this.#painters.set(schema, painter);
    }
    return painter;
  }

  #painted(painter: Painter, { origin }: Delivery) {
    let dropped: string | undefined;
    let fault: string | undefined;
    try {
      dropped = painter.paint({ origin, nextOffset: 0, inFlight: 0, dropped: false });
    } catch (error) {
      fault = faultOf(error);
    }
    this.#frames.sealAll();
    const records = this.#sealed.splice(0).flatMap((frame) => this.#recordsIn(frame));
    return { fields: painter.fields, values: painter.values(), records, dropped, fault };
  }

  #recordsIn(frame: Frame): readonly DecodedRecord[] {
    for (const message of templateMessages([frame.template], messageOctetsMax)) {
      this.#decoder.decode(message);
    }
    const { octets } = frame;
    writeMessageHeader(octets, octets.length, 0, 0, 0);
    const { records } = this.#decoder.decode(octets);
    this.#frames.recycle(frame);
    return records;
  }

  close(): void {
    this.#frames.close();
  }
}

function faultOf(error: unknown): string {
  if (error instanceof BadEventError || error instanceof UnmappableSchemaError) {
    return error.message;
  }
  throw error;
}
