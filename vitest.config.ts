// Two projects: `unit` needs nothing and runs first, in parallel; `e2e` shares one broker and the
// machine's two cores with it, so its files go one after another.

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
          fileParallelism: false,
          testTimeout: slowTimeoutMs,
          hookTimeout: slowTimeoutMs,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
