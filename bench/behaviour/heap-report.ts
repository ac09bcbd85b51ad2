// Loaded with --import before a stage, in its Workers' threads too: each of them says every half second how
// many octets of JavaScript heap it has allocated so far, in a file of its own.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getHeapStatistics } from 'node:v8';
import { threadId } from 'node:worker_threads';

const folder = process.env['HEAP_REPORT'];
if (folder !== undefined) {
  const report = () => {
    // Not in the types yet.
    const { total_allocated_bytes: octets } = getHeapStatistics() as unknown as {
      total_allocated_bytes: number;
    };
    writeFileSync(join(folder, String(threadId)), String(octets));
  };
  setInterval(report, 500).unref();
}
