import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TokenBucket } from '../../../src/pipeline/sending/token-bucket.ts';

const bucketOf = (ratePerSecond: number, burst: number, nowMs = 0) =>
  new TokenBucket({ ratePerSecond, burst, nowMs });

describe('a token bucket', () => {
  test('begins full, and gives no more than its burst at once', () => {
    const bucket = bucketOf(1000, 50);
    expect(bucket.take(30, 0)).toBe(0);
    expect(bucket.take(20, 0)).toBe(0);
    expect(bucket.take(10, 0)).toBe(10);
  });

  test('takes nothing when it says to wait, and is right about how long', () => {
    const bucket = bucketOf(2000, 100);
    bucket.take(100, 0);
    expect(bucket.take(40, 5)).toBe(15);
    expect(bucket.take(40, 19)).toBeGreaterThan(0);
    expect(bucket.take(40, 20)).toBe(0);
    expect(bucket.take(1, 20)).toBeGreaterThan(0);
  });

  test('does not save up more than its burst', () => {
    const bucket = bucketOf(1000, 10);
    expect(bucket.take(10, 1_000_000)).toBe(0);
    expect(bucket.take(10, 1_000_000)).toBe(10);
  });

  test('lends to a Message larger than itself, and is paid back', () => {
    const bucket = bucketOf(1000, 10);
    expect(bucket.take(110, 0)).toBe(0);
    expect(bucket.take(10, 0)).toBe(110);
    expect(bucket.take(10, 110)).toBe(0);
  });

  test('gives in any span at most rate × span + burst, whenever it is asked', () => {
    const ask = fc.record({ count: fc.integer({ min: 1, max: 20 }), gapMs: fc.nat({ max: 30 }) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.array(ask), (ratePerSecond, asks) => {
        const burst = 20;
        const bucket = bucketOf(ratePerSecond, burst);
        const given: { atMs: number; count: number }[] = [];
        let nowMs = 0;
        for (const { count, gapMs } of asks) {
          nowMs += gapMs;
          if (bucket.take(count, nowMs) === 0) given.push({ atMs: nowMs, count });
        }
        const excess = given.flatMap((first, i) => {
          let sum = 0;
          return given.slice(i).map(({ atMs, count }) => {
            sum += count;
            return sum - (ratePerSecond * (atMs - first.atMs)) / 1000;
          });
        });
        expect(Math.max(0, ...excess)).toBeLessThanOrEqual(burst + 1e-6);
      }),
    );
  });

  test('is open again after the wait it named, for any rate', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1 }),
        (ratePerSecond, burst, counts) => {
          const bucket = bucketOf(ratePerSecond, burst);
          let nowMs = 0;
          for (const count of counts) {
            const waitMs = bucket.take(count, nowMs);
            if (waitMs === 0) continue;
            nowMs += waitMs + 1e-6;
            expect(bucket.take(count, nowMs)).toBe(0);
          }
        },
      ),
    );
  });
});
