// Reads Vitest's JSON report and prints its totals as one line: `N passed, N failed, N skipped`.

import { readFileSync } from 'node:fs';

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

const path = process.argv[2];
if (path === undefined) throw new Error('usage: test-summary.ts REPORT.json');
const report = JSON.parse(readFileSync(path, 'utf8')) as Report;

// A file that can't even be loaded fails without a failed test; it must not look like none failed.
const brokenFiles = report.testResults.filter(
  ({ status, assertionResults }) =>
    status === 'failed' && !assertionResults.some((assertion) => assertion.status === 'failed'),
);
const failed = report.numFailedTests + brokenFiles.length;
const skipped = report.numPendingTests + report.numTodoTests;
console.log(`${report.numPassedTests} passed, ${failed} failed, ${skipped} skipped`);
