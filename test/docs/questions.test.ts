// Questions that a new operator asks: each has an answer on the pages, and README leads to it in at
// most two clicks.

import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);

/** The question, and where its answer is. */
const questions = [
  ["change the collector's address", 'docs/operations.md#change-the-collectors-address'],
  ['add a field', 'docs/operations.md#add-a-field'],
  ['see why an event was dropped', 'docs/operations.md#see-why-an-event-was-dropped'],
  ['replay from yesterday', 'docs/operations.md#replay-from-yesterday'],
  ['raise throughput', 'docs/operations.md#raise-throughput'],
  ['rotate a password', 'docs/operations.md#rotate-a-password'],
  ['keep the original exporter', 'docs/operations.md#keep-the-original-exporter'],
  ['read a Template', 'docs/operations.md#read-a-template'],
  ['upgrade without loss', 'docs/operations.md#upgrade-without-loss'],
  ['size a pod', 'docs/operations.md#size-a-pod'],
  ['feed a second collector', 'docs/operations.md#feed-a-second-collector'],
  [
    'run a second process on the same host',
    'docs/operations.md#run-a-second-process-on-the-same-host',
  ],
] as const;

const read = (page: string): string => readFileSync(new URL(page, root), 'utf8');

/** Where the links of a page lead, as paths from the root; links out of the project are left aside. */
function linksOf(page: string): string[] {
  const here = new URL(page, root);
  return Array.from(read(page).matchAll(/\]\(([^)\s]+)\)/g), ([, link]) => link!)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => new URL(link, here).href.slice(root.href.length));
}

const pageOf = (link: string): string => link.split('#')[0]!;

function withinTwoClicks(page: string): Set<string> {
  const first = linksOf(page);
  const second = first
    .map(pageOf)
    .filter((link) => link.endsWith('.md') && existsSync(new URL(link, root)))
    .flatMap(linksOf);
  return new Set([...first, ...second]);
}

/** What stands under a heading, down to the next one. */
function answerOf(place: string): string {
  const [page, anchor] = place.split('#');
  const parts = read(page!).split(/^## /m);
  const slug = (heading: string) =>
    heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replaceAll(' ', '-');
  return parts.find((part) => slug(part.split('\n')[0]!) === anchor) ?? '';
}

test.each(questions)('%s: README leads to the answer in two clicks', (_question, place) => {
  expect(withinTwoClicks('README.md')).toContain(place);
});

test.each(questions)(
  '%s: the answer names what to type, to set or to read on',
  (_question, place) => {
    const [, ...lines] = answerOf(place).split('\n');
    const text = lines.join('\n').trim();
    expect(text.length).toBeGreaterThan(100);
    expect(text).toMatch(/`[A-Z]+_[A-Z_]+`|```sh|\]\([\w-]+\.md/);
  },
);

test('a page that README does not lead to would be found', () => {
  expect(withinTwoClicks('README.md')).not.toContain('docs/operations.md#nowhere');
});
