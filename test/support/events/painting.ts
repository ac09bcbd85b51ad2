// A Painter with its Frames and Ledger, without a Sink: what is sealed is kept.

import { ActiveTemplates } from '../../../src/pipeline/templates/active-templates.ts';
import type { Frame } from '../../../src/pipeline/frames/frame.ts';
import { Frames } from '../../../src/pipeline/frames/frames.ts';
import { Ledger } from '../../../src/pipeline/frames/ledger.ts';
import { byValuePainter } from '../../../src/pipeline/painting/painter.ts';
import { Shapes } from '../../../src/pipeline/templates/shapes.ts';
import { TemplateIds } from '../../../src/pipeline/templates/template-ids.ts';
import { flowEventMapping, flowEventSchema, writerSchema } from './flow-events.ts';
import { ManualClock } from '../fakes/manual-clock.ts';
import { bindingFor } from './mapping.ts';

export interface Painting {
  readonly clock: ManualClock;
  readonly ledger: Ledger;
  readonly frames: Frames;
  readonly templates: ActiveTemplates;
  readonly sealed: Frame[];
  /** Paints the one event that is `bytes[start]` up to `bytes[end]`; returns the Frame it is in. */
  readonly paint: (bytes: Buffer, start: number, end: number) => Frame;
  /** `sealed` was completed. */
  readonly isEnded: () => boolean;
}

const origin = { topic: 'flows', partition: 0, generation: 1 };

export function paintingOf({
  messageOctetsMax = 1472,
  flushIntervalMs = 500,
  framesMax = 1_000_000,
  templatesMax = 4096,
  schema = writerSchema,
  mapping = flowEventMapping,
} = {}): Painting {
  const clock = new ManualClock();
  const ledger = new Ledger({ framesMax });
  const ids = new TemplateIds([]);
  const known = new Shapes(mapping.forward, ids).known.map(({ template }) => template);
  const templates = new ActiveTemplates({ templatesMax, known, ids });
  const frames = new Frames({ messageOctetsMax, flushIntervalMs, clock, ledger, templates });
  const painter = byValuePainter({ binding: bindingFor(schema, mapping), ids, frames });
  const sealed: Frame[] = [];
  let ended = false;
  frames.sealed.subscribe({ next: (frame) => sealed.push(frame), complete: () => (ended = true) });
  const isEnded = () => ended;
  let offset = 0;
  let claimed: Frame | undefined;
  const openFor = frames.openFor.bind(frames);
  frames.openFor = (...args) => (claimed = openFor(...args));
  const paint = (bytes: Buffer, start: number, end: number): Frame => {
    offset += 1;
    const one = {
      ...{ origin, bytes, count: 1, nextOffset: offset + 1, schemas: [flowEventSchema] },
      ...{ schemaOf: undefined, unreadable: undefined, metadata: undefined },
      starts: Int32Array.of(start),
      ends: Int32Array.of(end),
      offsets: Float64Array.of(offset),
    };
    frames.begin(NaN);
    painter.begin(one, 0);
    painter.paint({ origin, nextOffset: 0, inFlight: 0, dropped: false });
    return claimed!;
  };
  return { clock, ledger, frames, templates, sealed, paint, isEnded };
}

/** The Field Specifiers of a Frame's Template, as hexadecimal text. */
export function layoutOf(frame: Frame): string {
  return frame.template.fields
    .map(({ element, length }) => element.id * 65_536 + length)
    .map((specifier) => specifier.toString(16).padStart(8, '0'))
    .join('');
}

/** The octets of the Set in a sealed Frame. */
export const setOf = (frame: Frame): Buffer => frame.octets.subarray(16);

/** The Data Records in a sealed Frame, without the Set Header. */
export const recordsOf = (frame: Frame): Buffer => frame.octets.subarray(20);
