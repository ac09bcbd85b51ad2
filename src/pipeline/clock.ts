// Time for the pipeline, as an argument: a test or a simulation brings its own.

export interface Clock {
  /** Milliseconds on a clock that never steps; only differences mean anything. */
  monotonicMs(): number;
  /** Seconds since 1970, for Export Time. */
  exportTimeS(): number;
  /** Calls `action` once after `ms`; the returned function calls it off. */
  after(ms: number, action: () => void): () => void;
  /** Resolves when the event loop has looked at its sockets once more. */
  afterPoll(): Promise<void>;
}

/** The two clocks may differ by this much before the wall clock is read again. */
const driftMaxMs = 500;

/**
 * The system's clocks. Export Time comes from a time reference pair: the wall clock is read once
 * and then followed on the monotonic clock, so that it does not jitter; when the two drift apart
 * (a step of the wall clock) the pair is taken anew.
 */
export function systemClock(): Clock {
  let wallMs = Date.now();
  let monotonicMs = performance.now();
  return {
    monotonicMs: () => performance.now(),
    exportTimeS: () => {
      const now = performance.now();
      const followedMs = wallMs + (now - monotonicMs);
      const drifted = Math.abs(Date.now() - followedMs) > driftMaxMs;
      if (!drifted) return Math.floor(followedMs / 1000);
      wallMs = Date.now();
      monotonicMs = now;
      return Math.floor(wallMs / 1000);
    },
    after: (ms, action) => {
      const timer = setTimeout(action, ms);
      return () => {
        clearTimeout(timer);
      };
    },
    // setImmediate from a timer or a microtask runs after the next poll of the sockets, so an
    // error that a socket holds by now has been reported when this resolves.
    afterPoll: () => new Promise((resolve) => setImmediate(resolve)),
  };
}
