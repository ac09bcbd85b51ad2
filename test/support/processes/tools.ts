// Suites that read the stage's output with programs of others. Where one of those is missing, the
// suite is skipped by name, or fails where a full run is required, as without a broker.

import { describe, test } from 'vitest';
import { describeWithKafka } from '../kafka/kafka.ts';
import { missingTools } from './tool-path.ts';

/** Like `describeWithKafka`, for a suite that also needs programs. */
export function describeWithTools(
  name: string,
  tools: readonly string[],
  suite: (brokers: string[]) => void,
): void {
  if (areInstalled(name, tools)) describeWithKafka(name, suite);
}

/** Like `describe`, for a suite that needs programs but no broker. */
export function describeWithPrograms(
  name: string,
  tools: readonly string[],
  suite: () => void,
): void {
  if (areInstalled(name, tools)) describe(name, suite);
}

/** Like `test`, within a suite in which other tests need other programs. */
export function testWithPrograms(
  name: string,
  tools: readonly string[],
  body: () => Promise<void>,
): void {
  if (areInstalled(name, tools)) test(name, body);
}

/** Where not, says so in the place of the tests. */
function areInstalled(name: string, tools: readonly string[]): boolean {
  const missing = missingTools(tools);
  if (missing.length === 0) return true;
  const list = missing.join(', ');
  if (process.env['REQUIRE_KAFKA'] === '1') {
    test(`${name}: needs ${list}`, () => {
      throw new Error(`REQUIRE_KAFKA is set, but these are not installed: ${list}`);
    });
  } else {
    test.skip(`${name} (not installed: ${list})`, () => undefined);
  }
  return false;
}
