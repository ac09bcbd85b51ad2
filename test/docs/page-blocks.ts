// The `sh` blocks of the pages, and what is said of each: whether a test runs it, or why none does.

import { readdirSync, readFileSync } from 'node:fs';

export interface Block {
  readonly page: string;
  /** Where it begins, counted from 1. */
  readonly line: number;
  readonly text: string;
  /** What the comment before it says; undefined where there is none. */
  readonly mark: string | undefined;
}

const root = new URL('../../', import.meta.url);

export const pages: readonly string[] = [
  'README.md',
  ...readdirSync(new URL('docs/', root))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];

export const isRunnable = ({ mark }: Block): boolean => mark === 'runnable';

export function blocksOf(page: string, text = readFileSync(new URL(page, root), 'utf8')): Block[] {
  const blocks = text.matchAll(/(?:<!-- ((?:not )?runnable\b.*?) -->\n+)?^```sh\n(.*?)^```$/gms);
  return Array.from(blocks, ({ index, 1: mark, 2: body }) => ({
    page,
    line: text.slice(0, index).split('\n').length,
    text: body!,
    mark,
  }));
}
