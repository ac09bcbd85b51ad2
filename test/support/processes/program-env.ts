// What every run of the program gets beside a test's own settings: nothing else of the test's
// environment, but what STAGE_SETTINGS names, so that whole suites can run with other switches:
// STAGE_SETTINGS="COMPILED_PAINTER=off" npm test -- --project e2e --project alone
// Node.js keeps what it compiled, because hundreds of short runs would compile the same.

import { join } from 'node:path';

const compiledFolder = join(
  import.meta.dirname,
  '..',
  '..',
  '..',
  'node_modules',
  '.cache',
  'compiled',
);

const switches = Object.fromEntries(
  (process.env['STAGE_SETTINGS'] ?? '')
    .split(' ')
    .filter((setting) => setting !== '')
    .map((setting) => setting.split('=', 2) as [string, string]),
);

export const programEnv = (env: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  NODE_COMPILE_CACHE: compiledFolder,
  LOG_FORMAT: 'json',
  // Many run at once; a test of the page sets a port of its own.
  HTTP_LISTEN: 'off',
  ...switches,
  ...env,
});
