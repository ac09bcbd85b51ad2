// Suites that read the stage's output with programs of others. Where one of those is missing, the
// suite is skipped by name, or fails where a full run is required, as without a broker.

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, test } from 'vitest';
import { describeWithKafka } from './kafka.ts';

/** Like `describeWithKafka`; the programs are looked for on the PATH. */
export function describeWithTools(
  name: string,
  tools: readonly string[],
  suite: (brokers: string[]) => void,
): void {
  const missing = tools.filter((tool) => !isOnPath(tool)).join(', ');
  if (missing === '') {
    describeWithKafka(name, suite);
    return;
  }
  if (process.env['REQUIRE_KAFKA'] === '1') {
    test(`${name}: needs ${missing}`, () => {
      throw new Error(`REQUIRE_KAFKA is set, but these are not installed: ${missing}`);
    });
    return;
  }
  describe.skip(`${name} (not installed: ${missing})`, () => suite([]));
}

function isOnPath(tool: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
