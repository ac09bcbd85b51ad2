// A collector that goes and comes back while events are sent at a steady rate, with each Sender.

import { expect, test } from 'vitest';
import { collectorRestarts } from '../support/rounds/collector-restarts.ts';

const ratePerSecond = 5_000;
/** Of what is sent while a socket is closed, so much may lie in it unread. */
const unreadMaxMs = 20;

test.concurrent.for(['batch', 'dgram'] as const)(
  'away at random, everything arrives but what lay unread in a closed socket (%s)',
  { skip: process.platform !== 'linux', timeout: 120_000 },
  async (sender) => {
    const report = await collectorRestarts({ sender, ratePerSecond, seconds: 4, seed: 7 });
    console.log(sender, report);
    const { code, outages, missing, missingNumbers, unknownSets } = report;
    expect({ code, unknownSets }).toEqual({ code: 0, unknownSets: 0 });
    expect(outages).toBeGreaterThan(0);
    expect(missing).toBeLessThanOrEqual((outages * ratePerSecond * unreadMaxMs) / 1000);
    expect(missingNumbers).toBe(missing);
  },
);
