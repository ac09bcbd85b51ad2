// The command line as a whole: what is said of a command that does not exist.

import { expect, test } from 'vitest';
import { runCommand } from './support/processes/command-line.ts';

test.each([
  ['validte', 'unknown command "validte"; did you mean "validate"?'],
  ['Decode', 'unknown command "Decode"; did you mean "decode"?'],
  ['healtcheck', 'unknown command "healtcheck"; did you mean "healthcheck"?'],
  ['frobnicate', 'unknown command "frobnicate"; the commands are run, validate, '],
])('a command that does not exist gets a suggestion: %s', async (command, message) => {
  const { code, stdout, stderr } = await runCommand([command], { env: {} });
  expect([code, stdout]).toEqual([78, '']);
  expect(stderr).toContain(`kafka2ipfix: ${message}`);
});
