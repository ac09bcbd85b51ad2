// Keeps a rate of events on average, by a schedule that does not drift: each wait is measured from
// the start, so that what a slow send took is made up for.

import { setTimeout as sleep } from 'node:timers/promises';

interface Pace {
  /** How many events to make in one go, so that waits stay short at low rates. */
  readonly stepEvents: number;
  /** Resolves when that many events are due; at once when no rate is set. */
  readonly due: (events: number) => Promise<void>;
}

const STEPS_PER_SECOND = 20;

export function pace(ratePerSecond: number | undefined, stepEventsMax: number): Pace {
  if (ratePerSecond === undefined) return { stepEvents: stepEventsMax, due: async () => {} };
  const startMs = performance.now();
  const stepEvents = Math.max(1, Math.round(ratePerSecond / STEPS_PER_SECOND));
  return {
    stepEvents: Math.min(stepEvents, stepEventsMax),
    due: async (events) => {
      const waitMs = startMs + (events / ratePerSecond) * 1000 - performance.now();
      // Timers are no finer than a millisecond; less is made up for by the next wait.
      if (waitMs >= 1) await sleep(waitMs);
    },
  };
}
