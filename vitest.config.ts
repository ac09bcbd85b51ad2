// Four projects, one after another: `unit` needs nothing; `e2e` is of real parts, which wait more
// than they work; the files of `alone` are of real parts too, and would notice what others do beside
// them. Both kinds share one broker.
// `containers` needs a container engine, and is skipped by name where there is none.

import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const ofContainers = ['test/containers/**/*.test.ts'];
const withRealParts = ['test/e2e/**/*.test.ts', 'test/interop/**/*.test.ts'];
const slowTimeoutMs = 120_000;

const alone = [
  // What may be repeated is computed from the rate that is kept.
  'test/e2e/rebalance.test.ts',
  // The kernel answers for closed ports 50 times in a row, then not: one count for the whole machine.
  'test/e2e/collector-away.test.ts',
  'test/e2e/collector-restarts.test.ts',
  // It looks at all groups that the broker has.
  'test/e2e/peek.test.ts',
];

/** They take a minute or more, so they begin first: none is left to run when all others have ended. */
const slowest = [
  'part-away',
  'dead-letters-kept',
  'broker-away',
  'three-brokers',
  'kill',
  'kafka-security',
  'health',
  'short-queue',
  'offsets-gone',
  'topic-recreated',
  'kafka-away',
  'status-page',
  'package',
  'mtu',
  'any-avro',
  'dead-letters',
  'ipfix-files',
].map((name) => `/${name}.test.ts`);

class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isSlow = ({ moduleId }: TestSpecification) =>
      slowest.some((name) => moduleId.endsWith(name));
    const sorted = await super.sort(files);
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))];
  }
}

const ofRealParts = {
  globalSetup: ['test/support/kafka/kafka-global-setup.ts'],
  testTimeout: slowTimeoutMs,
  hookTimeout: slowTimeoutMs,
};

export default defineConfig({
  test: {
    sequence: { sequencer: SlowestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...withRealParts, ...ofContainers, 'test/long/**'],
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
          ...ofRealParts,
          name: 'e2e',
          include: withRealParts,
          exclude: [...configDefaults.exclude, ...alone],
          maxWorkers: 5,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          ...ofRealParts,
          name: 'alone',
          include: alone,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          name: 'containers',
          include: ofContainers,
          // An image is built first, and Kafka starts anew for each of most tests.
          testTimeout: 3 * slowTimeoutMs,
          hookTimeout: 3 * slowTimeoutMs,
          fileParallelism: false,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
