// What every run of the program gets beside a test's own settings: nothing else of the test's
// environment. Node.js keeps what it compiled, because hundreds of short runs would compile the same.

import { join } from 'node:path';

const compiledFolder = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'compiled');

export const programEnv = (env: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  NODE_COMPILE_CACHE: compiledFolder,
  LOG_FORMAT: 'json',
  // Many run at once; a test of the page sets a port of its own.
  HTTP_LISTEN: 'off',
  ...env,
});
