// Damaged messages: each becomes a record, is skipped, or is refused with a fault that says why.
// `npm run test:long` makes a million of them.

import { expect, test, vi } from 'vitest';
import { paintHostile } from '../../support/arbitrary/hostile-datums.ts';

vi.setConfig({ testTimeout: 180_000 });

test('20,000 damaged messages in every framing end as records, skipped, or named faults', () => {
  const before = process.memoryUsage().rss;
  const { records, skipped, faults } = paintHostile(1, 20_000);
  expect(records + skipped + faults).toBeGreaterThanOrEqual(20_000);
  expect(records).toBeGreaterThan(2_000);
  expect(faults).toBeGreaterThan(4_000);
  expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024);
});
