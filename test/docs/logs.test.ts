// docs/logs.md against src/log/log-events.ts, and that table against the lines that src/ logs.

import { readdirSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { generateLogsDoc } from '../../scripts/generate-logs-doc.ts';
import { logEvents } from '../../src/log/log-events.ts';

const root = new URL('../../', import.meta.url);
const read = (page: string): string => readFileSync(new URL(page, root), 'utf8');

const table = 'log/log-events.ts';
const files = readdirSync(new URL('src/', root), { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && file !== table,
);

interface Findings {
  /** Calls that log a warning or an error without a code. */
  readonly bare: string[];
  readonly codes: string[];
}

/** By the name of what is called on: `log`, `this.#log`, `options.log`, `logger`. */
const isLog = (text: string): boolean => /log(ger)?$/i.test(text);

function findingsIn(file: string, text: string): Findings {
  const found: Findings = { bare: [], codes: [] };
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const { expression: callee } = node;
      if (ts.isPropertyAccessExpression(callee)) {
        const on = callee.expression.getText(source);
        const isBare = /^(warn|error|fatal)$/.test(callee.name.text) && isLog(on);
        if (isBare) found.bare.push(`${file}: ${on}.${callee.name.text}`);
      }
      for (const argument of node.arguments) {
        if (ts.isStringLiteral(argument)) found.codes.push(argument.text);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const findings = files.map((file) => findingsIn(file, read(`src/${file}`)));

describe('the warnings and errors in the log', () => {
  test('all have a code', () => {
    expect(findings.flatMap(({ bare }) => bare)).toEqual([]);
  });

  test('are found where one has none', () => {
    const planted = `options.log.warn({ a }, 'text'); this.#log.error(text); log.fatal(1);
      subscriber.error(cause); log.info('text');`;
    expect(findingsIn('x.ts', planted).bare).toEqual([
      'x.ts: options.log.warn',
      'x.ts: this.#log.error',
      'x.ts: log.fatal',
    ]);
  });

  test('use each code of the table', () => {
    const used = new Set(findings.flatMap(({ codes }) => codes));
    expect(Object.keys(logEvents).filter((code) => !used.has(code))).toEqual([]);
  });

  test.each(Object.entries(logEvents))('%s has what its section needs', (code, event) => {
    expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
    for (const text of [event.text, event.meaning, event.remedy]) expect(text).not.toBe('');
  });
});

test('docs/logs.md is what src/log/log-events.ts says now', async () => {
  expect(read('docs/logs.md'), 'run: npm run generate:logs').toBe(await generateLogsDoc());
});
