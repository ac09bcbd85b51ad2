// docs/interop.md against the programs as they are here. A program in another version than the page's
// may read otherwise: then its column is not compared, and the test's name says so.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { missingTools } from '../support/processes/tool-path.ts';
import { describeWithPrograms } from '../support/processes/tools.ts';
import { columnOf, columnsIn } from './interop-table.ts';
import { programs } from './programs.ts';
import { appliedRates, ratesTable } from './sampling.ts';

const page = readFileSync(new URL('../../docs/interop.md', import.meta.url), 'utf8');
const columns = columnsIn(page, 'element');
const fix = 'run: npm run generate:interop';

test('the page tells at least 60 elements, by nine programs', () => {
  expect(columns.get('element')!.length).toBeGreaterThanOrEqual(60);
  const told = [...columns.keys()].slice(3).map((head) => head.split(' ')[0]);
  expect(told).toEqual(programs.map(({ name }) => name));
});

for (const program of programs) {
  describeWithPrograms(`elements read by ${program.name}`, program.tools, () => {
    const head = `${program.name} ${program.version()}`;
    const told = columns.get(head);
    const other = [...columns.keys()].find((one) => one.startsWith(`${program.name} `)) ?? 'none';
    const name = told ? head : `${head} is here, the page has ${other}: not compared`;
    test.skipIf(!told)(`are as the page says of ${name}`, async () => {
      const elements = columns.get('element')!;
      const seen = await columnOf(program);
      const byElement = (cells: readonly string[]) =>
        cells.map((cell, i) => `${elements[i]}: ${cell.replaceAll('\\', '')}`);
      expect(byElement(seen), fix).toEqual(byElement(told!));
    });
  });
}

const all = programs.flatMap(({ tools }) => tools);
describeWithPrograms('a sampling rate of 1000', all, () => {
  test.skipIf(missingTools(all).length > 0)('is applied as the page says', async () => {
    const versionsDiffer = programs.some(
      ({ name, version }) => !columns.has(`${name} ${version()}`),
    );
    const told = columnsIn(page, 'collector');
    const seen = columnsIn(ratesTable(await appliedRates()), 'collector');
    if (versionsDiffer) console.warn('not all versions are those of docs/interop.md');
    else expect(seen, fix).toEqual(told);
  });
});

describe('the page', () => {
  test('names what each program misreads, so that nothing is hidden', () => {
    const cells = [...columns].slice(3).flatMap(([, column]) => column);
    const words = new Set(cells.map((cell) => /^[a-z]+/.exec(cell)?.[0]));
    expect([...words].sort()).toEqual(['equal', 'lost', 'misread', 'skipped']);
  });
});
