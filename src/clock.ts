// Time for the pipeline, as an argument: a test or a simulation brings its own.

/** Calls `action` once after `ms`; the returned function cancels it. */
export type After = (ms: number, action: () => void) => () => void;

export const afterTimeout: After = (ms, action) => {
  const timer = setTimeout(action, ms);
  return () => clearTimeout(timer);
};

/** True when the promise resolved within the time; rejects as it does. */
export async function within(ms: number, promise: Promise<unknown>): Promise<boolean> {
  const late = Promise.withResolvers<false>();
  const cancel = afterTimeout(ms, () => late.resolve(false));
  try {
    return await Promise.race([promise.then(() => true), late.promise]);
  } finally {
    cancel();
  }
}

export interface Clock {
  /** Milliseconds on a clock that never steps; only differences mean anything. */
  monotonicMs(): number;
  /** Seconds since 1970, for Export Time. */
  exportTimeS(): number;
  /** Milliseconds since 1970, to compare with times of others. */
  wallMs(): number;
  readonly after: After;
  /** Resolves when the event loop has looked at its sockets once more. */
  afterPoll(): Promise<void>;
}

/** The two clocks may differ by this much before the wall clock is read again. */
export const driftMaxMs = 500;

/**
 * Export Time in seconds since 1970, from a time reference pair: the wall clock is read once and then
 * followed on the monotonic clock, so that it does not jitter. Where the two have drifted apart, be it
 * little by little or by a step, forward or back, the pair is taken again: Export Time is never further
 * than `driftMaxMs` from the wall clock.
 */
export function exportTimeOf(wallMs: () => number, monotonicMs: () => number): () => number {
  let referenceWallMs = wallMs();
  let referenceMonotonicMs = monotonicMs();
  return () => {
    const nowMs = monotonicMs();
    const nowWallMs = wallMs();
    const followedMs = referenceWallMs + (nowMs - referenceMonotonicMs);
    if (Math.abs(nowWallMs - followedMs) <= driftMaxMs) return Math.floor(followedMs / 1000);
    referenceWallMs = nowWallMs;
    referenceMonotonicMs = nowMs;
    return Math.floor(nowWallMs / 1000);
  };
}

/** The system's clocks. */
export function systemClock(): Clock {
  const monotonicMs = () => performance.now();
  return {
    monotonicMs,
    exportTimeS: exportTimeOf(() => Date.now(), monotonicMs),
    wallMs: () => Date.now(),
    after: afterTimeout,
    // setImmediate from a timer or a microtask runs after the next poll of the sockets, so an
    // error that a socket holds by now has been reported when this resolves.
    afterPoll: () => new Promise((resolve) => setImmediate(resolve)),
  };
}
