#!/usr/bin/env node
// Finds the Node.js and the program: sources in a checkout, dist/ in an installed package. If the Node.js
// that starts it is too old, the npm package `node` takes over, where it is installed in the same project.
// Plain old JavaScript, since an old Node.js must get far enough to say what is needed.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { isatty } from 'node:tty';
import { fileURLToPath, URL } from 'node:url';

const nodeMajorMin = 26;
const exitConfig = 78;
const sources = new URL('../src/main.ts', import.meta.url);
const built = new URL('../dist/main.js', import.meta.url);

if (isNewEnough(process.versions.node)) {
  await import((existsSync(sources) ? sources : built).href);
} else {
  const node = installedNode();
  if (node === undefined) {
    console.error(
      `kafka2ipfix needs Node.js ${nodeMajorMin} or newer; this is ${process.versions.node} ` +
        `(${process.execPath}). Install it, or run "npm install node@${nodeMajorMin}" in the folder of the package.`,
    );
    process.exitCode = exitConfig;
  } else runWith(node);
}

function isNewEnough(version) {
  return Number(version.split('.')[0]) >= nodeMajorMin;
}

function installedNode() {
  try {
    const require = createRequire(import.meta.url);
    const description = require.resolve('node/package.json');
    const node = join(dirname(description), 'bin', 'node');
    return isNewEnough(require(description).version) && existsSync(node) ? node : undefined;
  } catch {
    return undefined;
  }
}

function runWith(node) {
  // A terminal sends Ctrl-C to every process of its group: without one of its own the child would
  // get it twice, and take the second for impatience.
  const detached = [0, 1, 2].some((fd) => isatty(fd));
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
    detached,
  });
  const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH'];
  for (const signal of forwarded) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`kafka2ipfix: ${error.message}`);
    process.exitCode = exitConfig;
  });
  child.on('exit', (status, signal) => {
    if (signal === null) process.exit(status);
    for (const name of forwarded) process.removeAllListeners(name);
    process.exitCode = 1;
    process.kill(process.pid, signal);
  });
}
