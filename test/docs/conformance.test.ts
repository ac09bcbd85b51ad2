// The table of src/ipfix/README.md: every row is well-formed, and no "yes" is without a test that is
// there. Names of tests are found in the text of their files.

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const page = new URL('../../src/ipfix/README.md', import.meta.url);

const clauses = /^(?:RFC \d{4}(?: §\d+(?:\.\d+)*)?|IANA registry)$/;
const levels = ['MUST', 'SHOULD', 'RECOMMENDED', 'MAY', '–'];
const nothing = '–';

interface Row {
  readonly clause: string;
  readonly level: string;
  readonly asked: string;
  readonly files: string;
  readonly tests: string;
  readonly kept: string;
}

/** All rows of all tables but their heads. */
function rowsOf(text: string): Row[] {
  const lines = text.split('\n').filter((line) => line.startsWith('|'));
  return lines
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .filter(([first = '']) => first !== 'clause' && !/^-+$/.test(first))
    .map(([clause = '', level = '', asked = '', files = '', tests = '', kept = '', ...more]) => ({
      ...{ clause, level, asked, files, tests },
      kept: more.length > 0 ? 'has more cells than six' : kept,
    }));
}

const linksIn = (cell: string): string[] =>
  Array.from(cell.matchAll(/\]\(([^)]+)\)/g), ([, path]) => path!);

/** `test('name'` and `test.each(…)('name'`, whatever stands in the brackets between. */
function testNames(text: string): Set<string> {
  const literals =
    /(?:\btest(?:\.\w+)*\(|\)\()\s*(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)"|`([^`]*)`)/g;
  const names = Array.from(text.matchAll(literals), ([, one, two, three]) => one ?? two ?? three);
  return new Set(names.map((name) => name!.replace(/\\(.)/g, '$1')));
}

/** What is wrong with a row; nothing where it is as it should be. */
function faultsOf({ clause, level, asked, files, tests, kept }: Row): string[] {
  const faults: string[] = [];
  const fault = (problem: string) => faults.push(`${clause}, ${asked}: ${problem}`);
  if (!clauses.test(clause)) fault(`"${clause}" is no clause`);
  if (!levels.includes(level)) fault(`"${level}" is no level`);
  if (asked.length < 10) fault('says nothing');
  const answer = /^(yes|no|does not apply)(: .+)?$/.exec(kept);
  if (!answer) fault(`"${kept}" is no answer`);
  else if (answer[1] !== 'yes' && answer[2] === undefined) fault('does not say why');
  const isYes = answer?.[1] === 'yes';
  if (isYes && files === nothing) fault('is kept nowhere');
  if (isYes && tests === nothing) fault('has no test');
  for (const path of [...linksIn(files), ...linksIn(kept)]) {
    if (!existsSync(new URL(path, page))) fault(`${path} is not there`);
  }
  if (files !== nothing && linksIn(files).length === 0) fault('names no file');
  if (tests !== nothing) for (const one of tests.split('<br>')) testFault(one, fault);
  return faults;
}

function testFault(said: string, fault: (problem: string) => void): void {
  const [, path, name] = /^\[[^\]]+\]\(([^)]+\.test\.ts)\): (.+)$/.exec(said.trim()) ?? [];
  if (path === undefined || name === undefined) fault(`"${said}" names no test`);
  else if (!existsSync(new URL(path, page))) fault(`${path} is not there`);
  else if (!testNames(readFileSync(new URL(path, page), 'utf8')).has(unescaped(name))) {
    fault(`${path} has no test "${name}"`);
  }
}

/** Markdown's own signs, as Prettier escapes them. */
const unescaped = (name: string): string => name.replace(/\\([*_[\]])/g, '$1');

const rows = rowsOf(readFileSync(page, 'utf8'));

describe('the table of conformance', () => {
  test('has rows of each kind', () => {
    expect(rows.length).toBeGreaterThan(70);
    for (const word of ['yes', 'no', 'does not apply']) {
      expect(rows.some(({ kept }) => kept.startsWith(word))).toBe(true);
    }
  });

  test('names only files and tests that are there, and has a test for each yes', () => {
    expect(rows.flatMap(faultsOf)).toEqual([]);
  });

  test('claims no full compliance while SCTP is missing', () => {
    const sctp = rows.find(
      ({ clause, asked }) => clause === 'RFC 7011 §10.1' && /SCTP/.test(asked),
    );
    expect(sctp!.kept).toMatch(/^no: /);
    const [, first = ''] = readFileSync(page, 'utf8').split(/\n\n/);
    expect(first).toContain('does not claim to comply with RFC 7011 in full');
  });
});

describe('what would be found', () => {
  const good: Row = {
    ...{ clause: 'RFC 7011 §3.1', level: 'MUST', asked: 'A header of 16 octets' },
    files: '[message.ts](message.ts)',
    tests: '[conformance](../../test/docs/conformance.test.ts): has rows of each kind',
    kept: 'yes',
  };

  test('is nothing in a good row', () => {
    expect(faultsOf(good)).toEqual([]);
    expect(faultsOf({ ...good, files: nothing, tests: nothing, kept: 'no: not yet' })).toEqual([]);
  });

  test.each([
    [{ clause: '§3.1' }, '"§3.1" is no clause'],
    [{ level: 'WOULD' }, '"WOULD" is no level'],
    [{ kept: 'nearly' }, '"nearly" is no answer'],
    [{ kept: 'no' }, 'does not say why'],
    [{ kept: 'does not apply' }, 'does not say why'],
    [{ files: nothing }, 'is kept nowhere'],
    [{ tests: nothing }, 'has no test'],
    [{ files: '[a](a.ts)' }, 'a.ts is not there'],
    [{ tests: '[a](a.test.ts): a test' }, 'a.test.ts is not there'],
    [{ tests: good.tests.replace('rows', 'columns') }, 'has no test "has columns of each kind"'],
    [{ tests: 'somewhere' }, '"somewhere" names no test'],
  ])('in %j', (wrong, problem) => {
    expect(faultsOf({ ...good, ...wrong })).toEqual([expect.stringContaining(problem)]);
  });
});
