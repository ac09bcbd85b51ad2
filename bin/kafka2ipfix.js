#!/usr/bin/env node
// Finds the Node.js and the program: sources in a checkout, dist/ in an installed package. Plain
// old JavaScript, since an old Node.js must get far enough to say what is needed.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { isatty } from 'node:tty';
import { fileURLToPath, URL } from 'node:url';

const nodeMajorMin = 26;
const exitConfig = 78;
const sources = new URL('../src/main.ts', import.meta.url);
const built = new URL('../dist/main.js', import.meta.url);
const ownNode = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));

if (Number(process.versions.node.split('.')[0]) >= nodeMajorMin) {
  await import((existsSync(sources) ? sources : built).href);
} else if (existsSync(ownNode)) {
  runWith(ownNode);
} else {
  console.error(
    `kafka2ipfix needs Node.js ${nodeMajorMin} or newer; this is ${process.versions.node} ` +
      `(${process.execPath}).`,
  );
  process.exitCode = exitConfig;
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
