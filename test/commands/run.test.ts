// The options of `run`, refused before anything is connected.

import { expect, test } from 'vitest';
import { runCommand } from '../support/processes/command-line.ts';

test('--since is the place where a new group begins, and of no use for a file', async () => {
  const kafka = {
    KAFKA_BROKERS: 'b:1',
    KAFKA_TOPICS: 't',
    KAFKA_GROUP_ID: 'g',
    COLLECTORS: 'ipfix://h',
  };
  const wrong = await runCommand(['run', '--since', 'yesterdy'], { env: kafka });
  expect(wrong.code).toBe(78);
  expect(wrong.stderr).toContain('--since: "yesterdy" is not a time; write it as 24h');
  const file = await runCommand(['run', '--since', '2026-07-01', '--input', 'x'], { env: kafka });
  expect(file.code).toBe(78);
  expect(file.stderr).toContain('--since has no effect with --input');
});
