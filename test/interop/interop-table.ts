// The table of docs/interop.md: which element each program reads, and how. Made from readings by the
// real programs; read back from the page by the test that compares the two.

import { elementRecords } from './element-records.ts';
import { elementCases } from './elements.ts';
import { textOf } from './element-text.ts';
import type { ElementReader } from './element-reader.ts';
import { type Verdict, verdictOf } from './verdict.ts';

const records = elementRecords(elementCases);

/** Its verdicts, as the cells of its column. */
export async function columnOf(program: ElementReader): Promise<string[]> {
  const shown = await program.read(records);
  return records.map((record, index) => cellOf(verdictOf(record, shown[index])));
}

const cellTextMax = 40;

function cellOf(verdict: Verdict): string {
  if (!('shown' in verdict)) return verdict.word;
  const { word, shown } = verdict;
  const what = word === 'misread' && verdict.companion ? `${verdict.companion} ` : '';
  return `${word}: ${what}\`${printable(shown)}\``;
}

/** No control characters, no end of a cell, no end of code, and not longer than a cell should be. */
function printable(text: string): string {
  const safe = text.replace(/\p{Cc}/gu, '␀').replace(/[|`]/g, '·');
  return safe.length > cellTextMax ? `${safe.slice(0, cellTextMax)}…` : safe || ' ';
}

export function tableOf(columns: ReadonlyMap<ElementReader, readonly string[]>): string {
  const programs = [...columns.keys()];
  const heads = programs.map((program) => `${program.name} ${program.version()}`);
  const rows = records.map(({ case: { name, field } }, index) => {
    const cells = programs.map((program) => columns.get(program)![index]!);
    return row([name, field.element.type, `\`${printable(textOf(field))}\``, ...cells]);
  });
  const head = ['element', 'type', 'sent', ...heads];
  return [row(head), row(head.map(() => '---')), ...rows].join('\n');
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** Heads and columns of the table that has `firstHead` in its corner. */
export function columnsIn(page: string, firstHead: string): Map<string, string[]> {
  const lines = page.split('\n');
  const cellsOf = (line: string) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
  const start = lines.findIndex((line) => line.startsWith('|') && cellsOf(line)[0] === firstHead);
  if (start < 0) return new Map();
  const end = lines.findIndex((line, i) => i > start && !line.startsWith('|'));
  const rows = lines.slice(start + 2, end < 0 ? undefined : end).map(cellsOf);
  return new Map(cellsOf(lines[start]!).map((head, i) => [head, rows.map((cells) => cells[i]!)]));
}
