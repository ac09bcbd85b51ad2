// Export Time from a time reference pair: it does not jitter, and follows every step of the wall clock.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { driftMaxMs, exportTimeOf, systemClock } from '../src/clock.ts';

const beganMs = 1_785_585_600_000;

/** Two clocks that a test moves, and the Export Time that comes of them. */
function clocks() {
  const at = { wallMs: beganMs, monotonicMs: 5_000 };
  const exportTimeS = exportTimeOf(
    () => at.wallMs,
    () => at.monotonicMs,
  );
  const pass = (ms: number, wallMs = ms) => {
    at.monotonicMs += ms;
    at.wallMs += wallMs;
    return exportTimeS() - beganMs / 1000;
  };
  return { at, pass, exportTimeS };
}

describe('Export Time', () => {
  test('is the wall clock in whole seconds', () => {
    const { pass } = clocks();
    expect([pass(0), pass(999), pass(1), pass(59_000)]).toEqual([0, 0, 1, 60]);
  });

  test('does not jitter with a wall clock that does', () => {
    const { pass } = clocks();
    pass(1000);
    expect(pass(0, -400)).toBe(1);
    expect(pass(0, 800)).toBe(1);
    expect(pass(0, -400)).toBe(1);
  });

  test.each([3_600_000, -3_600_000, 600, -600])('follows a step of %i ms at once', (stepMs) => {
    const { pass } = clocks();
    pass(10_000);
    expect(pass(0, stepMs)).toBe(Math.floor((10_000 + stepMs) / 1000));
    expect(pass(5_000)).toBe(Math.floor((15_000 + stepMs) / 1000));
  });

  test('is never further from the wall clock than the bound, whatever the two clocks do', () => {
    const passing = fc.record({
      ms: fc.nat({ max: 100_000 }),
      wallMs: fc.oneof(fc.nat({ max: 100_000 }), fc.integer({ min: -(10 ** 9), max: 10 ** 9 })),
    });
    fc.assert(
      fc.property(fc.array(passing, { maxLength: 50 }), (passings) => {
        const { at, pass, exportTimeS } = clocks();
        for (const { ms, wallMs } of passings) {
          pass(ms, wallMs);
          const exportedMs = exportTimeS() * 1000;
          expect(exportedMs).toBeLessThanOrEqual(at.wallMs + driftMaxMs);
          expect(exportedMs).toBeGreaterThan(at.wallMs - driftMaxMs - 1000);
        }
      }),
    );
  });

  test('of the system is that of Date, within a second', () => {
    const before = Date.now();
    const exported = systemClock().exportTimeS();
    expect(exported).toBeGreaterThanOrEqual(Math.floor(before / 1000) - 1);
    expect(exported).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000));
  });
});
