// `completion` as a user calls it, and its script as bash runs it.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { runCommand } from '../support/processes/command-line.ts';
import { toolPath } from '../support/processes/tool-path.ts';

describe('completion', () => {
  const commands = ['run', 'validate', 'map', 'collect', 'top', 'healthcheck', 'completion'];

  test.each(['bash', 'zsh', 'fish'])('for %s has every command and its options', async (shell) => {
    const { code, stdout } = await runCommand(['completion', shell], { env: {} });
    expect(code).toBe(0);
    for (const word of [...commands, 'since', 'interval', 'listen']) expect(stdout).toContain(word);
  });

  test('of another shell is refused', async () => {
    expect((await runCommand(['completion', 'tcsh'], { env: {} })).code).toBe(78);
  });

  test('is a script that bash runs, and that completes a command and an option', async () => {
    const { stdout: script } = await runCommand(['completion', 'bash'], { env: {} });
    const tried = `${script}
      complete_at() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _kafka2ipfix; echo "\${COMPREPLY[*]}"; }
      complete_at kafka2ipfix heal; complete_at kafka2ipfix top --o; complete_at kafka2ipfix completion z`;
    const { stdout } = await promisify(execFile)(toolPath('bash')!, ['-c', tried]);
    expect(stdout).toBe('healthcheck\n--once\nzsh\n');
  });
});
