// Every block of commands on the pages says whether it is run by a test (test/e2e/package.test.ts), or
// why it is not.

import { expect, test } from 'vitest';
import { blocksOf, isRunnable, pages } from './page-blocks.ts';

test.each(pages)('each block of %s is marked as runnable, or not and why', (page) => {
  const unmarked = blocksOf(page).filter(
    (block) => !isRunnable(block) && !/^not runnable: \S.{5,}/.test(block.mark ?? ''),
  );
  expect(unmarked).toEqual([]);
});

test('README has blocks that are run', () => {
  expect(blocksOf('README.md').some(isRunnable)).toBe(true);
});

test('a block without a mark would be found, and is not taken for another one', () => {
  const page = '<!-- runnable -->\n\n```sh\nls\n```\n\ntext\n\n```sh\npwd\n```\n';
  expect(blocksOf('page', page).map(({ mark, text }) => [mark, text])).toEqual([
    ['runnable', 'ls\n'],
    [undefined, 'pwd\n'],
  ]);
});
