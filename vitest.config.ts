// Two projects: `unit` needs nothing and runs first; `e2e` shares one broker. Its files wait more than
// they work, so two of them go at a time.

import { configDefaults, defineConfig } from 'vitest/config';

const withRealParts = ['test/e2e/**/*.test.ts', 'test/interop/**/*.test.ts'];
const slowTimeoutMs = 120_000;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...withRealParts, 'test/long/**'],
          // Vitest's own choice keeps one core free: of two, that is half.
          maxWorkers: '100%',
          // A safety net only: on two busy cores vitest's 5 s are not enough for the properties.
          testTimeout: slowTimeoutMs,
          // Not 0: with a single worker that order would put these tests behind all others.
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: withRealParts,
          globalSetup: ['test/support/kafka-global-setup.ts'],
          maxWorkers: 2,
          testTimeout: slowTimeoutMs,
          hookTimeout: slowTimeoutMs,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
