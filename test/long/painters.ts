// Ten million events of a thousand random schemas, hostile ones among them: the compiled Painter and
// the by-value one give the same octets in the same Frames, or the same fault.

import { paintBoth, type PaintersCounts } from '../support/arbitrary/any-painting.ts';
import type { LongCheck } from './check.ts';

const schemas = 1_000;
const eventsEach = 10_000;

export const paintersCheck: LongCheck = {
  name: 'painters',
  about: `${(schemas * eventsEach).toLocaleString('en')} events by both Painters`,
  run({ seed, untilMs, log }) {
    const sum: PaintersCounts = { events: 0, left: 0, refused: 0, records: 0, frames: 0 };
    const faults: string[] = [];
    let painted = 0;
    // Not all schemas can be compiled: those are passed over, and others take their place.
    let next = seed;
    Error.stackTraceLimit = 0;
    for (; painted < schemas && performance.now() < untilMs; next += 1) {
      try {
        const counts = paintBoth(next, eventsEach);
        if (!counts) continue;
        for (const key of Object.keys(sum) as (keyof PaintersCounts)[]) sum[key] += counts[key];
      } catch (error) {
        faults.push((error as Error).message);
      }
      painted += 1;
      if (painted % 50 === 0) log(`${painted} schemas: ${JSON.stringify(sum)}`);
    }
    Error.stackTraceLimit = 10;
    const { left, ...counts } = sum;
    const passedOver = next - seed - painted;
    return Promise.resolve({
      counts: { schemas: painted, passedOver, ...counts, leftToByValue: left },
      rounds: [],
      faults,
    });
  },
};
