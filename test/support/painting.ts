// A Painter with its Frames and Ledger, without a Sink: what is sealed is kept.

import { ActiveTemplates } from '../../src/pipeline/active-templates.ts';
import type { Frame } from '../../src/pipeline/frame.ts';
import { Frames } from '../../src/pipeline/frames.ts';
import { Ledger } from '../../src/pipeline/ledger.ts';
import { byValuePainter, type Painter } from '../../src/pipeline/painter.ts';
import { Shapes } from '../../src/pipeline/shapes.ts';
import { flowEventMapping, writerSchema } from './flow-events.ts';
import { ManualClock } from './manual-clock.ts';

export interface Painting {
  readonly clock: ManualClock;
  readonly ledger: Ledger;
  readonly frames: Frames;
  readonly shapes: Shapes;
  readonly painter: Painter;
  readonly templates: ActiveTemplates;
  readonly sealed: Frame[];
  /** `sealed` was completed. */
  readonly isEnded: () => boolean;
}

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
  const shapes = new Shapes(mapping);
  const known = shapes.known.map(({ template }) => template);
  const templates = new ActiveTemplates({ templatesMax, known });
  const frames = new Frames({ messageOctetsMax, flushIntervalMs, clock, ledger, templates });
  const painter = byValuePainter({ writerSchema: schema, mapping, shapes, frames });
  const sealed: Frame[] = [];
  let ended = false;
  frames.sealed.subscribe({ next: (frame) => sealed.push(frame), complete: () => (ended = true) });
  const isEnded = () => ended;
  return { clock, ledger, frames, shapes, painter, templates, sealed, isEnded };
}

/** The Field Specifiers of a Frame's Template, as hexadecimal text. */
export function layoutOf(frame: Frame): string {
  return frame.template.fields
    .map(({ element, length }) => element.id * 65_536 + length)
    .map((specifier) => specifier.toString(16).padStart(8, '0'))
    .join('');
}

/** The octets of the Set in a sealed Frame. */
export const setOf = (frame: Frame): Buffer => frame.buffer.subarray(16, frame.length);

/** The Data Records in a sealed Frame, without the Set Header. */
export const recordsOf = (frame: Frame): Buffer => frame.buffer.subarray(20, frame.length);
