// A Painter with its Frames and Ledger, where what is sealed is settled at once: one pass over a
// Delivery, claims included.

import { ActiveTemplates } from '../src/pipeline/templates/active-templates.ts';
import type { Binding } from '../src/pipeline/mapping/bindings.ts';
import { CompiledPainter } from '../src/pipeline/painting/compiled-painter.ts';
import { Frames } from '../src/pipeline/frames/frames.ts';
import { Ledger } from '../src/pipeline/frames/ledger.ts';
import { byValuePainter } from '../src/pipeline/painting/painter.ts';
import { TemplateIds } from '../src/pipeline/templates/template-ids.ts';
import type { Delivery } from '../src/sources/delivery.ts';

const clock = {
  wallMs: () => 0,
  monotonicMs: () => 0,
  exportTimeS: () => 0,
  after: () => () => {},
  afterPoll: () => Promise.resolve(),
};

/** Paints the Delivery's events and returns how many. */
export function painterRun(
  binding: Binding,
  delivery: Delivery,
  kind: 'compiled' | 'by value',
): () => number {
  const ledger = new Ledger({ framesMax: 1e9 });
  const ids = new TemplateIds([]);
  const templates = new ActiveTemplates({ templatesMax: 4096, known: [], ids });
  const frames = new Frames({
    ...{ messageOctetsMax: 1472, flushIntervalMs: 500, clock, ledger, templates },
  });
  frames.sealed.subscribe((frame) => {
    ledger.settle(frame);
    frames.recycle(frame);
  });
  const options = { binding, ids, frames };
  const compiled = kind === 'compiled' ? CompiledPainter.of(options) : undefined;
  const painter = compiled ?? byValuePainter(options);
  return () => {
    ledger.track(delivery);
    const progress = ledger.progressOf(delivery.origin);
    for (let i = painter.paintMany(delivery, 0, progress, ledger); i < delivery.count; i += 1) {
      painter.begin(delivery, i);
      painter.paint(progress);
    }
    frames.sealAll();
    if (ledger.account.inFlight !== 0) throw new Error('an event was painted into no Frame');
    if (compiled && compiled.left > 0) throw new Error('an event was left to the other Painter');
    return delivery.count;
  };
}
